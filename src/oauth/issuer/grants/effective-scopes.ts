import type { ClientRow, GrantRow } from "../../../store/index.ts";
import { narrowByAll } from "../../scope-policy.ts";
import { OAuthError } from "../../oauth-error.ts";
import type { GrantDeps } from "./grant-deps.ts";

/** A grant from which tokens may follow now. */
export interface Authority {
  readonly grant: Pick<GrantRow, "id" | "kind" | "workspace_id" | "client_id" | "subject" | "surface" | "expires_at">;
  /** When its client last got a token, as last written. */
  readonly clientUsedAt: ClientRow["used_at"];
  /** No token may hold what one of these does not: the client's policy, the grant, and the role of the person. Each is space-separated. */
  readonly limits: readonly string[];
}

/** Why nothing may follow from a grant. */
export type Lapse = "client" | "grant" | "person";

/**
 * What a grant allows now, or what it lacks: its client was disabled, the grant itself is over or its workspace stopped, or the person it acts for is gone, disabled
 * or no member of the workspace any more. What it was narrowed from is not looked at; each use of a token does that.
 */
export async function readAuthority(deps: GrantDeps, grantId: string): Promise<Authority | Lapse> {
  const row = await deps.store.grants.findWithParties(grantId);
  if (row === undefined) return "grant";
  const { expires_at, revoked_at, workspace_id } = row;
  if (row.known_client === null || row.client_disabled_at !== null) return "client";
  if (row.client_workspace !== null && row.client_workspace !== workspace_id) return "client";
  if ((row.stopped_at ?? null) !== null) return "grant";
  if (revoked_at !== null || (expires_at !== null && expires_at <= deps.now())) return "grant";
  const isForPerson = row.kind === "person" || row.kind === "enterprise" || row.known_account !== null;
  if (isForPerson && (row.known_account === null || row.account_disabled_at !== null || row.role === null)) return "person";
  const { id, kind, client_id, subject, surface } = row;
  const role = isForPerson && row.role !== null ? [deps.scopes.forRole(row.role)] : [];
  return {
    grant: { id, kind, workspace_id, client_id, subject, surface, expires_at },
    clientUsedAt: row.used_at,
    limits: [row.policy ?? deps.selfRegisteredScopes, row.scopes, ...role],
  };
}

/** What remains of scopes under all limits, space-separated. A scope that is beyond a limit leaves behind what it includes and is within. */
export function narrowToLimits({ scopes }: GrantDeps, scope: string, limits: readonly string[]): string {
  return narrowByAll(scopes, scope, limits).granted.join(" ");
}

/** Those requested scopes that all limits hold, directly or by inclusion, space-separated. */
export function withinLimits({ scopes }: GrantDeps, requested: string, limits: readonly string[]): string {
  const held = limits.map((limit) => scopes.parse(limit).held);
  return scopes
    .parse(requested)
    .granted.filter((scope) => held.every((each) => each.has(scope)))
    .join(" ");
}

const SCOPE_LIST = /^[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*$/;

/** The parameter `scope` with its spaces tidied, or undefined when it names none. Throws OAuthError when it is no list of scopes (RFC 6749 §3.3). */
export function parseScopeParam(scope: string | undefined): string | undefined {
  const tidy =
    scope
      ?.split(" ")
      .filter((each) => each !== "")
      .join(" ") ?? "";
  if (tidy === "") return undefined;
  if (!SCOPE_LIST.test(tidy)) throw new OAuthError("invalid_scope", "write scopes as visible ASCII characters, separated by spaces");
  return tidy;
}
