import type { VerifiedToken } from "../oauth/index.ts";
import type { Caller, ScopeSet } from "../tool/index.ts";

declare const authenticated: unique symbol;

/**
 * A caller whose token was verified for this server. The key of the brand is exported nowhere, so the only way to one is
 * `authenticate`, and what needs a Principal cannot be reached without it.
 */
export interface Principal {
  readonly [authenticated]: true;
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
  const { clientId, subject, workspaceId, grantId, scopes, expiresAt, tokenId } = token;
  const caller: Caller = { clientId, subject, workspaceId, grantId, scopes: scopes.granted, held: scopes.held, expiresAt };
  const members = JSON.stringify({ agent: clientId, subject, grant: grantId, workspace: workspaceId, token: tokenId }).slice(1, -1);
  const principal = { caller, scopes, recordJson: `${members},"held":${scopes.heldJson}` } as unknown as Principal;
  principals.set(token, principal);
  return principal;
}
