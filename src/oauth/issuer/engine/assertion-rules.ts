import { LEEWAY_SECONDS } from "../../token-rules.ts";

const MAX_LIFE_SECONDS = 300;
const MAX_JTI_CHARS = 256;

/** What a client assertion must say, beside what the engine checks (RFC 7523 §3). */
export interface AssertionRules {
  /** The issuer, with or without a trailing slash, and the token endpoint. */
  readonly audiences: ReadonlySet<string>;
  readonly nowSeconds: number;
}

/**
 * What is wrong with the claims of an assertion whose signature was verified, or undefined. One audience only: an assertion that
 * another server would accept too could be sent on to it, or from it to us. It may live for five minutes.
 */
export function checkAssertion(claims: Readonly<Record<string, unknown>>, rules: AssertionRules): string | undefined {
  const { aud, exp, iat, jti } = claims;
  const audience: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (typeof audience !== "string" || !rules.audiences.has(audience)) return "audience";
  if (!isInstant(exp) || exp > rules.nowSeconds + MAX_LIFE_SECONDS + LEEWAY_SECONDS) return "expiry";
  if (exp + LEEWAY_SECONDS <= rules.nowSeconds) return "expired";
  if (iat !== undefined && (!isInstant(iat) || iat > rules.nowSeconds + LEEWAY_SECONDS || exp - iat > MAX_LIFE_SECONDS)) return "lifetime";
  return typeof jti === "string" && jti.length <= MAX_JTI_CHARS ? undefined : "jti";
}

function isInstant(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
