import { isRecord } from "../lib/is-record.ts";
import { scanJson } from "../lib/json-scanner.ts";

/** A compact JWS that has the right form. Nothing about it is verified yet. */
export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

const MAX_CHARS = 8192;
const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const LIMITS = { maxDepth: 4, maxKeys: 64, maxTokens: 512, uniqueKeysToDepth: 4 };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Whether a token is three parts in base64url, as a JWT is and an opaque token need not be. */
export function isCompactJws(token: string): boolean {
  return token.length <= MAX_CHARS && COMPACT_JWS.test(token);
}

/**
 * Reads a compact JWS strictly (RFC 7515 §7.1, RFC 8725): one spelling each, no key that stands twice, and only those header members that
 * are listed, as members such as jku, x5c, crit, b64 or zip would let a token say how it is to be verified. Undefined when anything is off.
 */
export function parseCompactJws(token: string, headerMembers: ReadonlySet<string>): CompactJws | undefined {
  if (!isCompactJws(token)) return undefined;
  const [head = "", payload = "", signature = ""] = token.split(".");
  if (decodeCanonical(signature) === undefined) return undefined;
  const header = parseObject(head);
  const claims = parseObject(payload);
  if (header === undefined || claims === undefined) return undefined;
  return Object.keys(header).every((name) => headerMembers.has(name)) ? { header, claims } : undefined;
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

const MAX_KID_CHARS = 128;

/** Whether it can be the id of a key. */
export function isKid(kid: unknown): kid is string {
  return typeof kid === "string" && kid !== "" && kid.length <= MAX_KID_CHARS;
}
