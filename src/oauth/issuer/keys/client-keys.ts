import { createPublicKey } from "node:crypto";
import { isRecord } from "../../../lib/is-record.ts";
import { hasRocaFingerprint } from "./roca.ts";

/** The keys as they are stored, or what is wrong with them: a sentence each that says what to do. */
export type CheckedKeys = { readonly jwks: string } | { readonly problems: readonly string[] };

const MAX_KEYS = 10;
const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 8192;
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
const BASE64URL = /^[A-Za-z0-9_-]+$/;
const RSA_ALGS = ["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"];
/** Kind of key → its public members, and the algorithms that it can be for. */
const CURVES: Readonly<Record<string, { readonly members: readonly string[]; readonly algs: readonly string[] }>> = {
  "EC P-256": { members: ["crv", "x", "y"], algs: ["ES256"] },
  "EC P-384": { members: ["crv", "x", "y"], algs: ["ES384"] },
  "EC P-521": { members: ["crv", "x", "y"], algs: ["ES512"] },
  "OKP Ed25519": { members: ["crv", "x"], algs: ["EdDSA", "Ed25519"] },
};

/**
 * Checks the public keys with which an agent will sign its assertions (RFC 7523 §2.2, RFC 8725 §3.5). Signature libraries accept
 * weak keys, so this is the place where they are refused. Members that are not needed are left out of what is stored.
 */
export function checkClientKeys(jwks: unknown): CheckedKeys {
  if (!isRecord(jwks) || !Array.isArray(jwks.keys))
    return { problems: ['give a JWK Set: a JSON object with an array "keys" (RFC 7517 §5)'] };
  const keys: readonly unknown[] = jwks.keys;
  if (keys.length === 0 || keys.length > MAX_KEYS) return { problems: [`give 1 to ${MAX_KEYS} keys, not ${keys.length}`] };
  const problems = [...keys.flatMap((key, i) => checkKey(key).map((problem) => `key ${i + 1}: ${problem}`)), ...checkKids(keys)];
  if (problems.length > 0) return { problems };
  return { jwks: JSON.stringify({ keys: keys.map((key) => publicMembers(key as Record<string, unknown>)) }) };
}

function checkKids(keys: readonly unknown[]): string[] {
  if (keys.length === 1) return [];
  const kids = keys.map((key) => (isRecord(key) ? key.kid : undefined));
  if (kids.includes(undefined)) return ['give every key a "kid" when there are several'];
  return new Set(kids).size === kids.length ? [] : ['give every key a "kid" of its own; one stands twice'];
}

function checkKey(key: unknown): string[] {
  if (!isRecord(key)) return ["write it as a JSON object (RFC 7517 §4)"];
  if (key.kty === "oct") return ["send no shared secret; make an asymmetric key pair and send its public key"];
  const leaked = PRIVATE_MEMBERS.filter((member) => key[member] !== undefined);
  if (leaked.length > 0)
    return [`it contains private members (${leaked.join(", ")}); treat the key as leaked, make a new one, and send only its public part`];
  const problems = checkUse(key);
  const strength = key.kty === "RSA" ? checkRsa(key) : checkCurve(key);
  return strength === undefined ? problems : [...problems, strength];
}

function checkUse({ kid, use, key_ops: operations, alg, kty, crv }: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  if (kid !== undefined && (typeof kid !== "string" || kid === "" || kid.length > 128))
    problems.push('write "kid" as a text of 1 to 128 characters, or leave it out');
  if (use !== undefined && use !== "sig") problems.push('it is not for signatures; set "use" to "sig" or leave it out');
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify")))
    problems.push('it is not for verifying; put "verify" into "key_ops" or leave that out');
  const algs = kty === "RSA" ? RSA_ALGS : CURVES[`${String(kty)} ${String(crv)}`]?.algs;
  if (alg !== undefined && algs !== undefined && !(typeof alg === "string" && algs.includes(alg)))
    problems.push(`set "alg" to ${algs.join(" or ")}, or leave it out`);
  return problems;
}

function checkCurve(key: Readonly<Record<string, unknown>>): string | undefined {
  if (CURVES[`${String(key.kty)} ${String(key.crv)}`] === undefined)
    return "use RSA with at least 2048 bits, EC with P-256, P-384 or P-521, or Ed25519";
  return isImportable(key) ? undefined : "its numbers are no point of the curve; export the key again";
}

function checkRsa(key: Readonly<Record<string, unknown>>): string | undefined {
  const modulus = parseNumber(key.n);
  const exponent = parseNumber(key.e);
  if (modulus === undefined || exponent === undefined) return 'write "n" and "e" in base64url (RFC 7518 §6.3.1)';
  const bits = modulus.toString(2).length;
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS)
    return `its modulus has ${bits} bits; make a key of ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits`;
  if (exponent < 65_537n || exponent % 2n === 0n || exponent >= modulus) return "its exponent is weak; make a key with the exponent 65537";
  if (modulus % 2n === 0n) return "its modulus is even, so it is no RSA key; export the key again";
  if (hasRocaFingerprint(modulus))
    return "it was made by a library with the ROCA fault and can be broken (CVE-2017-15361); make a new key with other software";
  return isImportable(key) ? undefined : "it cannot be read as a key; export it again";
}

function parseNumber(value: unknown): bigint | undefined {
  if (typeof value !== "string" || value.length > 4096 || !BASE64URL.test(value)) return undefined;
  return BigInt(`0x${Buffer.from(value, "base64url").toString("hex")}`);
}

function isImportable(key: Readonly<Record<string, unknown>>): boolean {
  try {
    createPublicKey({ key: publicMembers(key), format: "jwk" });
    return true;
  } catch {
    return false;
  }
}

function publicMembers(key: Readonly<Record<string, unknown>>): Record<string, string> {
  const members = key.kty === "RSA" ? ["n", "e"] : (CURVES[`${String(key.kty)} ${String(key.crv)}`]?.members ?? []);
  const kept = ["kty", "kid", "alg", "use", ...members].filter((member) => typeof key[member] === "string");
  return Object.fromEntries(kept.map((member) => [member, String(key[member])]));
}
