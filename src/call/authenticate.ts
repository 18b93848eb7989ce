import { isRefusal, refuse, type Refusal } from "../errors.ts";
import { readBearer, type Challenges, type TokenVerifier } from "../oauth/index.ts";
import { principalOf, type Principal } from "./principal.ts";

export interface Gate {
  readonly verifier: TokenVerifier;
  readonly challenges: Challenges;
}

/** The part of a request that says who sends it. `search` is the query string with its question mark. */
export interface Presented {
  readonly headers: Parameters<typeof readBearer>[0];
  readonly rawHeaders: string[];
  readonly search: string;
}

/**
 * Who calls, or a 401 with the challenge (RFC 6750 §3, RFC 9728 §5.1). Synchronous for a token that was seen before. Checks the token
 * only: what the caller may do is decided by `authorize`.
 */
export function authenticate(gate: Gate, presented: Presented): Principal | Refusal | Promise<Principal | Refusal> {
  const bearer = readBearer(presented.headers, presented.rawHeaders, presented.search);
  if (isRefusal(bearer)) return challenged(gate, bearer);
  const verified = gate.verifier.verify(bearer);
  if (verified instanceof Promise) return verified.then((token) => (isRefusal(token) ? challenged(gate, token) : principalOf(token)));
  return isRefusal(verified) ? challenged(gate, verified) : principalOf(verified);
}

function challenged(gate: Gate, refusal: Refusal): Refusal {
  if (refusal.refused === "missing_token")
    return refuse("missing_token", { headers: { "www-authenticate": gate.challenges.missingToken } });
  if (refusal.refused === "invalid_token")
    return refuse("invalid_token", { headers: { "www-authenticate": gate.challenges.invalidToken } });
  return refusal;
}
