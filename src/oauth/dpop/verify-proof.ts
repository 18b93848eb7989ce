import { hash } from "node:crypto";
import { calculateJwkThumbprint, compactVerify, importJWK, type JWK } from "jose";
import { isRecord } from "../../lib/is-record.ts";
import { parseCompactJws } from "../compact-jws.ts";

/** What a proof must be for. */
export interface ProofRequest {
  /** The value of the one DPoP header. */
  readonly proof: string;
  readonly method: string;
  /** The public URL of the request; its query does not count. */
  readonly url: string;
  /** At a resource: the token that came with the proof. */
  readonly accessToken?: string;
  readonly nowSeconds: number;
  /** Whether this digest of key, URL and `jti` comes for the first time; asked last, about proofs that are good in all else. */
  isFresh(digest: string): Promise<boolean>;
}

/** The SHA-256 thumbprint of the key (RFC 7638), or what is wrong: a sentence for the developer of the client. */
export type ProofResult = { readonly jkt: string } | { readonly problem: string };

/** Asymmetric algorithms that a proof may be signed with. */
export const DPOP_ALGS: readonly string[] = ["ES256", "ES384", "ES512", "PS256", "RS256", "EdDSA", "Ed25519"];
/** How old a proof may be, and how far its clock may be ahead. */
export const PROOF_WINDOW_SECONDS = 60;

const HEADER_MEMBERS = new Set(["alg", "typ", "jwk", "kid"]);
const KEY_MEMBERS: Readonly<Record<string, readonly string[]>> = { EC: ["crv", "x", "y"], OKP: ["crv", "x"], RSA: ["n", "e"] };
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
const MAX_JTI_CHARS = 256;
const MAX_URL_CHARS = 2048;

/** Checks a DPoP proof (RFC 9449 §4.3). */
export async function verifyProof(request: ProofRequest): Promise<ProofResult> {
  const jws = parseCompactJws(request.proof, HEADER_MEMBERS);
  if (jws === undefined) return { problem: "the proof is not a compact JWS with the header members typ, alg and jwk only" };
  const { typ, alg, jwk } = jws.header;
  if (typ !== "dpop+jwt") return { problem: 'the proof\'s typ is not "dpop+jwt"' };
  if (typeof alg !== "string" || !DPOP_ALGS.includes(alg)) return { problem: `the proof's alg is not one of ${DPOP_ALGS.join(", ")}` };
  const key = parsePublicKey(jwk);
  if (key === undefined) return { problem: "the proof's jwk is not the public part of an EC, OKP or RSA key" };
  if (!(await isSignedBy(request.proof, key, alg))) return { problem: "the proof's signature is not that of its key" };
  const problem = checkClaims(jws.claims, request);
  if (problem !== undefined) return { problem };
  const jkt = await calculateJwkThumbprint(key, "sha256");
  const digest = hash("sha256", JSON.stringify([jkt, bareUrl(request.url), jws.claims["jti"]]), "hex");
  return (await request.isFresh(digest)) ? { jkt } : { problem: "a proof with this jti was used before; make a new one for each request" };
}

function checkClaims({ jti, htm, htu, iat, ath }: Readonly<Record<string, unknown>>, request: ProofRequest): string | undefined {
  if (typeof jti !== "string" || jti === "" || jti.length > MAX_JTI_CHARS)
    return `the proof's jti is not a text of 1 to ${MAX_JTI_CHARS} characters`;
  if (htm !== request.method) return "the proof's htm is not the method of this request";
  if (typeof htu !== "string" || htu.length > MAX_URL_CHARS || bareUrl(htu) !== bareUrl(request.url))
    return "the proof's htu is not the URL of this request";
  if (typeof iat !== "number" || !Number.isFinite(iat) || Math.abs(request.nowSeconds - iat) > PROOF_WINDOW_SECONDS)
    return `the proof's iat is more than ${PROOF_WINDOW_SECONDS} seconds from now`;
  if (request.accessToken !== undefined && ath !== hash("sha256", request.accessToken, "base64url"))
    return "the proof's ath is not the digest of the access token";
  return undefined;
}

/** The URL without query and fragment, in its canonical spelling (RFC 3986 §6.2); undefined when it is none. */
function bareUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return undefined;
  return url.origin + url.pathname;
}

/** The members that make the key, and no others: what else a key may say is not for it to say. */
function parsePublicKey(jwk: unknown): JWK | undefined {
  if (!isRecord(jwk) || PRIVATE_MEMBERS.some((name) => name in jwk)) return undefined;
  const { kty } = jwk;
  if (typeof kty !== "string" || !Object.hasOwn(KEY_MEMBERS, kty)) return undefined;
  const members = (KEY_MEMBERS[kty] ?? []).map((name): [string, unknown] => [name, jwk[name]]);
  if (!members.every(([, value]) => typeof value === "string")) return undefined;
  return Object.fromEntries([["kty", kty], ...members]);
}

/** The library refuses RSA keys of less than 2048 bits and keys that are not for the algorithm. */
async function isSignedBy(proof: string, key: JWK, alg: string): Promise<boolean> {
  try {
    await compactVerify(proof, await importJWK(key, alg), { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
}
