import { isRecord } from "../../lib/is-record.ts";
import { scanJson } from "../../lib/json-scanner.ts";
import { SIGNING_ALG, TOKEN_TYPE } from "../token-rules.ts";

/** A token that has the right form. Nothing about it is verified yet. */
export interface UnverifiedToken {
  readonly kid: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

const MAX_TOKEN_CHARS = 8192;
const MAX_KID_CHARS = 128;
const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
/** Header members beyond these, such as jku, jwk, x5c, crit, b64 or zip, would let a token say how it is to be verified. */
const HEADER_MEMBERS = new Set(["alg", "typ", "kid"]);
const LIMITS = { maxDepth: 4, maxKeys: 64, maxTokens: 512, uniqueKeysToDepth: 4 };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a compact JWS strictly (RFC 7515 §7.1, RFC 8725): one spelling per token, no key that stands twice, the one algorithm and type
 * that are issued here. Undefined when anything is off.
 */
export function parseTokenShape(token: string): UnverifiedToken | undefined {
  if (token.length > MAX_TOKEN_CHARS || !COMPACT_JWS.test(token)) return undefined;
  const [header = "", payload = "", signature = ""] = token.split(".");
  if (decodeCanonical(signature) === undefined) return undefined;
  const kid = parseKid(parseObject(header));
  const claims = parseObject(payload);
  if (kid === undefined || claims === undefined) return undefined;
  return { kid, claims };
}

function parseKid(header: Record<string, unknown> | undefined): string | undefined {
  if (header === undefined || !Object.keys(header).every((name) => HEADER_MEMBERS.has(name))) return undefined;
  const { alg, typ, kid } = header;
  if (alg !== SIGNING_ALG || typ !== TOKEN_TYPE) return undefined;
  return typeof kid === "string" && kid !== "" && kid.length <= MAX_KID_CHARS ? kid : undefined;
}

function parseObject(segment: string): Record<string, unknown> | undefined {
  const bytes = decodeCanonical(segment);
  if (bytes === undefined) return undefined;
  try {
    const text = utf8.decode(bytes);
    const value: unknown = scanJson(text, LIMITS) === undefined ? JSON.parse(text) : undefined;
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Base64url may carry spare bits in its last character; only zeros are accepted there, so that no token has a second spelling. */
function decodeCanonical(segment: string): Buffer | undefined {
  const bytes = Buffer.from(segment, "base64url");
  return bytes.toString("base64url") === segment ? bytes : undefined;
}
