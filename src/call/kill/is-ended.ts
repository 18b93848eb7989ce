import { isRecord } from "../../lib/is-record.ts";
import type { RevocationRow } from "../../store/index.ts";
import { decide } from "../authorize.ts";
import type { Call } from "../call.ts";
import type { Policies } from "../policy/index.ts";
import { currentPrincipal, type Principal } from "../principal.ts";

/** Whether a revocation ends what this principal started. That its token has expired does not: the work goes on. */
export function isEndedBy({ kind, value, at }: RevocationRow, { token }: Principal): boolean {
  const { tokenId, familyId, grantId, clientId, subject } = token;
  if (value !== { token: tokenId, family: familyId, grant: grantId, client: clientId, subject }[kind]) return false;
  // An agent or person may have been let in again since.
  return (kind !== "client" && kind !== "subject") || token.issuedAt <= at;
}

/** Whether the kill switch has stopped what a call does since it began. */
export function isStopped(policies: Pick<Policies, "of">, { request, target }: Call): boolean {
  if (target === undefined) return false;
  const principal = currentPrincipal(policies, request.principal);
  return (
    principal.policy.stops !== undefined &&
    (decide(principal.authority, target).rule === "killed" || killOfPlace({ ...request, principal }) !== undefined)
  );
}

/** The id of the kill that stopped the environment which a request is about, if one did. */
export function killOfPlace(request: Pick<Call["request"], "principal" | "params">): string | undefined {
  const environments = request.principal.policy.stops?.environments;
  if (environments === undefined || environments.size === 0) return undefined;
  const named = environmentOf(request);
  return named === undefined ? undefined : environments.get(named);
}

/** The id of the environment that a request names: by its address, else in its arguments. */
export function environmentOf({ principal, params }: Pick<Call["request"], "principal" | "params">): string | undefined {
  const args = params["arguments"];
  const named = principal.narrowing.environment ?? (isRecord(args) ? args["environment_id"] : undefined);
  return typeof named === "string" ? named : undefined;
}
