import { escapeUnsafe } from "../lib/escape-unsafe.ts";
import type { VerifiedToken } from "../oauth/index.ts";
import type { Caller, ScopeSet } from "../tool/index.ts";

declare const authenticated: unique symbol;

/**
 * A caller whose token was verified for this server. The key of the brand is exported nowhere, so the only way to one is
 * `authenticate`, and what needs a Principal cannot be reached without it.
 */
export interface Principal {
  readonly [authenticated]: true;
  readonly token: VerifiedToken;
  readonly caller: Caller;
  readonly scopes: ScopeSet;
  /** The caller's part of every record: members of a JSON object without its braces. */
  readonly recordJson: string;
}

const principals = new WeakMap<VerifiedToken, Principal>();

/** The principal of a verified token; one object for the life of the token in the cache. */
export function principalOf(token: VerifiedToken): Principal {
  const known = principals.get(token);
  if (known !== undefined) return known;
  const { clientId, subject, workspaceId, environments, grantId, scopes, expiresAt } = token;
  const limited = environments === undefined ? {} : { environments };
  const caller: Caller = { clientId, subject, workspaceId, ...limited, grantId, scopes: scopes.granted, held: scopes.held, expiresAt };
  const principal = { token, caller, scopes, recordJson: recordJson(token) } as unknown as Principal;
  principals.set(token, principal);
  return principal;
}

function recordJson({ clientId, subject, actor, grantId, familyId, workspaceId, tokenId, scopes }: VerifiedToken): string {
  // The actor is JSON as the issuer made it; members that are undefined are left out.
  const act = actor === undefined ? undefined : (JSON.parse(actor) as unknown);
  const members = { agent: clientId, subject, actor: act, grant: grantId, family: familyId, workspace: workspaceId, token: tokenId };
  return `${escapeUnsafe(JSON.stringify(members)).slice(1, -1)},"held":${scopes.heldJson}`;
}
