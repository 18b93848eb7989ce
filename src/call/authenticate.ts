import { isRefusal, refuse, type Refusal } from "../errors.ts";
import { readBearer, type Challenges, type ProvenToken, type TokenVerifier, type VerifiedToken } from "../oauth/index.ts";
import type { Policies } from "./policy/index.ts";
import { principalOf, type Principal } from "./principal.ts";

export interface Gate {
  readonly verifier: Pick<TokenVerifier, "verify" | "verifyProof">;
  readonly challenges: Challenges;
  readonly policies: Pick<Policies, "of">;
}

/** The part of a request that says who sends it. `search` is the query string with its question mark. */
export interface Presented {
  readonly method: string | undefined;
  /** The address as clients know it, without its query. */
  readonly url: string;
  readonly headers: Parameters<typeof readBearer>[0];
  readonly rawHeaders: string[];
  readonly search: string;
  /** Lives as long as the connection that the request came over. */
  readonly connection: object;
}

/**
 * Who calls, or a 401 with the challenge (RFC 6750 §3, RFC 9728 §5.1, RFC 9449 §7.1). Synchronous for a bearer token that was seen
 * before. Checks the token only: what the caller may do is decided by `authorize`.
 */
export function authenticate(gate: Gate, presented: Presented): Principal | Refusal | Promise<Principal | Refusal> {
  const bearer = readBearer(presented.headers, presented.rawHeaders, presented.search);
  if (typeof bearer !== "string") return isRefusal(bearer) ? challenged(gate, bearer) : authenticateBound(gate, presented, bearer);
  const verified = gate.verifier.verify(bearer, presented.connection);
  return verified instanceof Promise ? verified.then((token) => acceptBearer(gate, token)) : acceptBearer(gate, verified);
}

function acceptBearer(gate: Gate, token: VerifiedToken | Refusal): Principal | Refusal {
  if (isRefusal(token)) return challenged(gate, token);
  // Whoever stole a bound token has no key: without a proof it is worth nothing.
  return token.jkt === undefined ? admitted(gate, token) : refuseBound(gate);
}

async function authenticateBound(gate: Gate, { method = "", url }: Presented, { token, proof }: ProvenToken): Promise<Principal | Refusal> {
  const verified = await gate.verifier.verify(token);
  if (isRefusal(verified)) return verified.refused === "invalid_token" ? refuseBound(gate) : challenged(gate, verified);
  if (verified.jkt === undefined) return refuseBound(gate);
  const proven = await gate.verifier.verifyProof(token, { proof, method, url });
  if ("problem" in proven) return refuseProof(gate, sentence(proven.problem));
  return proven.jkt === verified.jkt ? admitted(gate, verified) : refuseProof(gate, "The token is bound to another key.");
}

function admitted({ policies }: Gate, token: VerifiedToken): Principal {
  return principalOf(token, policies.of(token.workspaceId, token.clientId));
}

function challenged(gate: Gate, refusal: Refusal): Refusal {
  switch (refusal.refused) {
    case "missing_token":
      return refuse("missing_token", { headers: { "www-authenticate": gate.challenges.missingToken } });
    case "invalid_token":
      return refuse("invalid_token", { headers: { "www-authenticate": gate.challenges.invalidToken } });
    case "invalid_dpop_proof":
      return refuseProof(gate, refusal.message);
    default:
      return refusal;
  }
}

function refuseBound(gate: Gate): Refusal {
  return refuse("invalid_token", { headers: { "www-authenticate": gate.challenges.invalidBoundToken } });
}

function refuseProof(gate: Gate, message: string | undefined): Refusal {
  const headers = { "www-authenticate": gate.challenges.invalidProof };
  return refuse("invalid_dpop_proof", message === undefined ? { headers } : { headers, message });
}

function sentence(problem: string): string {
  return `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`;
}
