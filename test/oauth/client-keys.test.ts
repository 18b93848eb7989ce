import assert from "node:assert/strict";
import { generateKeyPairSync, type JsonWebKey } from "node:crypto";
import { describe, test } from "node:test";
import { checkClientKeys } from "../../src/oauth/issuer/keys/client-keys.ts";
import { hasRocaFingerprint } from "../../src/oauth/issuer/keys/roca.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = generateKeyPairSync("ed25519");
const RSA = rsa.publicKey.export({ format: "jwk" });
const EC = ec.publicKey.export({ format: "jwk" });
const ED = ed.publicKey.export({ format: "jwk" });

const encode = (number: bigint): string => {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex").toString("base64url");
};

/** A number of 2048 bits with the form of the faulty library's keys: modulo every small prime a power of 65537. */
function rocaModulus(): bigint {
  const primes = [
    2n,
    3n,
    5n,
    7n,
    11n,
    13n,
    17n,
    19n,
    23n,
    29n,
    31n,
    37n,
    41n,
    43n,
    47n,
    53n,
    59n,
    61n,
    67n,
    71n,
    73n,
    79n,
    83n,
    89n,
    97n,
    101n,
    103n,
    107n,
    109n,
    113n,
    127n,
    131n,
    137n,
    139n,
    149n,
    151n,
    157n,
    163n,
    167n,
  ];
  const product = primes.reduce((a, b) => a * b);
  let power = 1n;
  for (let i = 0; i < 1234; i++) power = (power * 65_537n) % product;
  return ((1n << 2047n) / product + 1n) * product + power;
}

const weakRsa = (bits: number): JsonWebKey => generateKeyPairSync("rsa", { modulusLength: bits }).publicKey.export({ format: "jwk" });
const problemsOf = (keys: unknown): string => {
  const result = checkClientKeys(keys);
  return "problems" in result ? result.problems.join("; ") : "accepted";
};

describe("T10: the keys of an agent", () => {
  test("T10: sound keys are accepted, and stored without what is not needed", () => {
    const sets: JsonWebKey[][] = [
      [RSA],
      [EC],
      [ED],
      [
        { ...EC, kid: "a" },
        { ...RSA, kid: "b" },
        { ...ED, kid: "c" },
      ],
    ];
    for (const curve of ["P-384", "P-521"])
      sets.push([generateKeyPairSync("ec", { namedCurve: curve }).publicKey.export({ format: "jwk" })]);
    for (const keys of sets) assert.equal(problemsOf({ keys }), "accepted");
    const stored = checkClientKeys({
      keys: [{ ...EC, kid: "a", alg: "ES256", use: "sig", key_ops: ["verify"], x5u: "https://evil.example", extra: 1 }],
    });
    assert.deepEqual(stored, {
      jwks: JSON.stringify({ keys: [{ kty: "EC", kid: "a", alg: "ES256", use: "sig", crv: "P-256", x: EC.x, y: EC.y }] }),
    });
  });

  const refused: [string, () => unknown, RegExp][] = [
    ["no JWK Set", () => [EC], /give a JWK Set/],
    ["a single key in its place", () => EC, /give a JWK Set/],
    ["no keys", () => ({ keys: [] }), /1 to 10 keys, not 0/],
    ["eleven keys", () => ({ keys: Array.from({ length: 11 }, (_, i) => ({ ...EC, kid: String(i) })) }), /1 to 10 keys, not 11/],
    ["something that is no key", () => ({ keys: ["x"] }), /JSON object/],
    ["RSA with 1024 bits", () => ({ keys: [weakRsa(1024)] }), /1024 bits; make a key of 2048/],
    ["RSA with 2047 bits", () => ({ keys: [{ ...RSA, n: encode((1n << 2046n) + 1n) }] }), /2047 bits/],
    ["RSA with 8193 bits", () => ({ keys: [{ ...RSA, n: encode((1n << 8192n) + 1n) }] }), /8193 bits/],
    ["RSA with the exponent 1", () => ({ keys: [{ ...RSA, e: "AQ" }] }), /exponent 65537/],
    ["RSA with the exponent 3", () => ({ keys: [{ ...RSA, e: "Aw" }] }), /exponent 65537/],
    ["RSA with an even exponent", () => ({ keys: [{ ...RSA, e: encode(65_538n) }] }), /exponent 65537/],
    ["RSA with an even modulus", () => ({ keys: [{ ...RSA, n: encode(1n << 2047n) }] }), /even/],
    ["RSA of the library with the ROCA fault", () => ({ keys: [{ ...RSA, n: encode(rocaModulus()) }] }), /CVE-2017-15361/],
    ["RSA without a modulus", () => ({ keys: [{ kty: "RSA", e: "AQAB" }] }), /base64url/],
    [
      "a private RSA key",
      () => ({ keys: [rsa.privateKey.export({ format: "jwk" })] }),
      /private members \(d, p, q, dp, dq, qi\).*make a new one/,
    ],
    ["a private EC key", () => ({ keys: [ec.privateKey.export({ format: "jwk" })] }), /private members \(d\)/],
    [
      "a private key among public ones",
      () => ({
        keys: [
          { ...EC, kid: "a" },
          { ...ed.privateKey.export({ format: "jwk" }), kid: "b" },
        ],
      }),
      /^key 2: it contains private members/,
    ],
    ["a shared secret", () => ({ keys: [{ kty: "oct", k: "AAAA" }] }), /no shared secret/],
    ["a curve that is not meant", () => ({ keys: [{ ...EC, crv: "secp256k1" }] }), /P-256, P-384 or P-521/],
    ["a key for key agreement", () => ({ keys: [generateKeyPairSync("x25519").publicKey.export({ format: "jwk" })] }), /Ed25519/],
    ["a kind that does not exist", () => ({ keys: [{ kty: "__proto__" }] }), /use RSA/],
    ["a point off the curve", () => ({ keys: [{ ...EC, y: EC.x }] }), /no point of the curve/],
    ["a key for encryption", () => ({ keys: [{ ...RSA, use: "enc" }] }), /not for signatures/],
    ["a key that is not for verifying", () => ({ keys: [{ ...RSA, key_ops: ["encrypt"] }] }), /not for verifying/],
    ["an algorithm of another kind of key", () => ({ keys: [{ ...EC, alg: "RS256" }] }), /set "alg" to ES256/],
    ["a symmetric algorithm", () => ({ keys: [{ ...RSA, alg: "HS256" }] }), /set "alg" to PS256/],
    [
      "one id for two keys",
      () => ({
        keys: [
          { ...EC, kid: "a" },
          { ...RSA, kid: "a" },
        ],
      }),
      /stands twice/,
    ],
    ["two keys without ids", () => ({ keys: [EC, RSA] }), /every key a "kid"/],
    ["an id that is not a text", () => ({ keys: [{ ...EC, kid: 1 }] }), /"kid" as a text/],
  ];
  for (const [title, keys, expected] of refused) {
    test(`T10: refused with a way out: ${title}`, () => assert.match(problemsOf(keys()), expected));
  }

  test("T10: sound RSA keys do not have the ROCA fingerprint", () => {
    const modulus = (key: JsonWebKey): bigint => BigInt(`0x${Buffer.from(String(key.n), "base64url").toString("hex")}`);
    assert.equal(hasRocaFingerprint(rocaModulus()), true);
    for (const key of [RSA, weakRsa(2048), weakRsa(2048)]) assert.equal(hasRocaFingerprint(modulus(key)), false);
  });
});
