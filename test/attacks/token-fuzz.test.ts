import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { activeSigner, decode, encodePart, outcome, startIssuer, type Signer, type TestIssuer } from "../support/issuer.ts";
import { anyCharacter } from "../support/arbitraries/index.ts";

/** More by hand: `FUZZ_TOKENS=100000 node --test test/attacks/token-fuzz.test.ts`. */
const RUNS = Number(process.env["FUZZ_TOKENS"] ?? 3000);
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });

const hostileHeader = fc.oneof(
  fc.record({ alg: fc.constantFrom("none", "HS256", "RS256", "ES384", "es256", "") }),
  fc.record({ typ: fc.constantFrom("JWT", "AT+JWT", "", "id+jwt") }),
  fc.record({ kid: fc.oneof(fc.string(), fc.constantFrom("../../x", "__proto__", "' or 1=1 --")) }),
  fc.record({ alg: fc.jsonValue() }),
  fc.dictionary(fc.constantFrom("jku", "x5u", "jwk", "x5c", "crit", "b64", "zip", "cty", "enc", "__proto__"), fc.jsonValue(), {
    minKeys: 1,
  }),
);

/** Claims of which at least one is not as it must be; `sub` and `client_id` are among those that must be as they are in the grant's row. */
const hostileClaims = fc.oneof(
  fc.record({ aud: fc.oneof(fc.webUrl(), fc.array(fc.webUrl(), { minLength: 2 }), fc.jsonValue()) }),
  fc.record({ iss: fc.oneof(fc.webUrl(), fc.jsonValue()) }),
  fc.record({ exp: fc.oneof(fc.integer({ max: 1_700_000_000 }), fc.double({ noInteger: true }), fc.string(), fc.constant(1e308)) }),
  fc.record({ iat: fc.oneof(fc.integer({ min: 4_000_000_000, max: 2 ** 52 }), fc.integer({ max: 0 }), fc.string()) }),
  fc.record({ nbf: fc.oneof(fc.integer({ min: 4_000_000_000, max: 2 ** 52 }), fc.string(), fc.boolean()) }),
  fc.record({ sub: fc.oneof(fc.string(), fc.jsonValue()) }),
  fc.record({ client_id: fc.oneof(fc.string(), fc.jsonValue()) }),
  fc.record({ gid: fc.oneof(fc.string(), fc.jsonValue()) }),
  fc.record({ jti: fc.oneof(fc.integer(), fc.constant(""), fc.array(fc.string())) }),
  fc.record({ scope: fc.oneof(fc.integer(), fc.constant(""), fc.array(fc.string())) }),
  fc.record({ fid: fc.oneof(fc.integer(), fc.constant(""), fc.array(fc.string())) }),
  fc.record({ cnf: fc.oneof(fc.string(), fc.record({ jkt: fc.string() }), fc.constant({})) }),
);

interface Good {
  readonly as: TestIssuer;
  readonly signed: Signer;
  readonly token: string;
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
}

/** Ways to make a token that must not be accepted. */
function hostileTokens({ signed, token, header, claims }: Good): fc.Arbitrary<string> {
  const [head = "", body = "", signature = ""] = token.split(".");
  const differs = (made: string): boolean => made !== token;
  return fc.oneof(
    fc.string({ unit: anyCharacter, maxLength: 400 }),
    fc.stringMatching(/^[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{0,90}$/),
    hostileHeader.map((more) => signed({ ...header, ...more }, claims)),
    hostileClaims.map((more) => signed(header, { ...claims, ...more })),
    fc.constantFrom(...Object.keys(claims)).map((name) => signed(header, { ...claims, [name]: undefined })),
    fc.constantFrom(...Object.keys(claims)).map((name) => signed(header, JSON.stringify(claims).replace("{", `{"${name}":"x",`))),
    // One character of the token replaced, inserted or left out.
    fc
      .tuple(fc.nat(token.length - 1), fc.string({ unit: anyCharacter, minLength: 0, maxLength: 2 }))
      .map(([at, text]) => token.slice(0, at) + text + token.slice(at + 1))
      .filter(differs),
    fc
      .uint8Array({ minLength: 0, maxLength: 80 })
      .map((bytes) => `${head}.${body}.${Buffer.from(bytes).toString("base64url")}`)
      .filter(differs),
    // Any claims at all under a key that is not ours.
    fc.object().map((more) => {
      const input = `${head}.${encodePart({ ...claims, ...more })}`;
      return `${input}.${sign("sha256", Buffer.from(input), { key: stranger.privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
    }),
    fc.uint8Array({ minLength: 1, maxLength: 64 }).map((secret) => {
      const input = `${encodePart({ ...header, alg: "HS256" })}.${body}`;
      return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
    }),
    fc.constantFrom(`${head}.${body}.`, `${body}.${head}.${signature}`, `${token}.${token}`, `Bearer ${token}`, `${token},${token}`),
  );
}

test(`T02–T11: of ${RUNS} generated hostile tokens none is accepted, and none makes the verifier fail`, async (t) => {
  const as = await startIssuer(t);
  const agent = await as.agent("org:read");
  const token = await as.token(agent);
  const good: Good = { as, signed: await activeSigner(as), token, ...decode(token) };
  await fc.assert(
    fc.asyncProperty(hostileTokens(good), async (hostile) => {
      assert.equal(await outcome(as.verifier.verify(hostile)), "invalid_token", hostile);
    }),
    { numRuns: RUNS },
  );
  assert.equal(typeof (await outcome(as.verifier.verify(token))), "object");
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});
