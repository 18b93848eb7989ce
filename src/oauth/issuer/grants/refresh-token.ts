import type { KeyObject } from "node:crypto";
import { deriveKey, hmac, prepareKey, seal, unseal } from "../../../lib/secret.ts";
import type { RefreshTokenRow } from "../../../store/index.ts";
import { OAuthError } from "../../oauth-error.ts";
import { checkResource } from "./check-resource.ts";
import { narrowToLimits, parseScopeParam, withinLimits, type Authority } from "./effective-scopes.ts";
import { endOnRecord } from "./end-on-record.ts";
import type { GrantDeps, TokenAnswer, TokenRequest } from "./grant-deps.ts";
import { putOnRecord, signAccessToken, touchClient, type IssuedEvent } from "./issue-tokens.ts";
import { createRefreshToken, findRefreshToken } from "./refresh-token-row.ts";
import { endIfRevoked, readApproved } from "./start-family.ts";

/** A refresh token that was presented by its client. */
interface Refresh {
  readonly value: string;
  readonly request: TokenRequest;
  /** The scopes asked for; null for all that it has. */
  readonly requested: string | null;
  readonly authority: Authority;
}

/** The answer that a used refresh token was given, kept for a client that missed it. */
interface Successor {
  readonly answer: TokenAnswer;
  readonly requested: string | null;
  /** What is on record of it. */
  readonly event: IssuedEvent;
}

/**
 * The grant `refresh_token` (RFC 6749 §6) with rotation: each token is used once and gives way to the next. Clients lose answers and refresh
 * from several processes at once, so for the grace a used token is answered with the same successor again; after it, use means that two have
 * it, and its whole family ends (RFC 9700 §4.14.2). A token that is bound to a key has no grace: who holds the key knows what it did.
 */
export async function refreshTokens(deps: GrantDeps, request: TokenRequest): Promise<TokenAnswer> {
  const { client, params } = request;
  const value = params["refresh_token"];
  if (value === undefined) throw new OAuthError("invalid_request", "send refresh_token");
  checkResource(deps, params["resource"]);
  const row = await findRefreshToken(deps, value);
  if (row === undefined || row.client_id !== client.id) throw refused();
  if (row.jkt !== null && row.jkt !== request.jkt)
    throw new OAuthError("invalid_grant", "this refresh token is bound to a key; send a DPoP proof of it");
  const requested = requestedOf(deps, row, params["scope"]);
  const authority = await readApproved(deps, row.grant_id, client);
  const refresh: Refresh = { value, request, requested, authority };
  return (await rotate(deps, row, refresh)) ?? (await answerUsed(deps, await findRefreshToken(deps, value), refresh));
}

/** One text for a token that is unknown, expired, used, or another client's. */
function refused(): OAuthError {
  return new OAuthError("invalid_grant", "the refresh token is unknown, expired or used, or it belongs to another client");
}

/** A refresh may ask for less than the token has, never for more (RFC 6749 §6). */
function requestedOf(deps: GrantDeps, row: RefreshTokenRow, scope: string | undefined): string | null {
  const param = parseScopeParam(scope);
  if (param === undefined) return null;
  const known = deps.scopes.parse(param).granted;
  const { held } = deps.scopes.parse(row.scopes);
  if (known.length === 0 || !known.every((each) => held.has(each)))
    throw new OAuthError("invalid_scope", "a refresh may ask for fewer scopes than were granted, not for others");
  return known.join(" ");
}

interface Asked {
  readonly authority: Authority;
  /** Of the token that would follow. */
  readonly scope: string;
  readonly familyId: string;
}

/**
 * Throws OAuthError when the tools can do more with these scopes than when the person allowed them: the client starts again, and the person
 * is asked. The refresh token stays as it is, also for fewer scopes.
 */
async function requireAsAllowed({ surfaces, onEvent }: GrantDeps, { authority, scope, familyId }: Asked): Promise<void> {
  const { id: grantId, kind, surface, client_id: clientId, workspace_id: workspaceId, subject: accountId } = authority.grant;
  if (surfaces === undefined || kind !== "person") return;
  const widened = await surfaces.widened(surface ?? null, scope);
  if (widened.length === 0) return;
  const tools = widened.map(({ title }) => title);
  await onEvent({ event: "consent_outgrown", accountId, clientId, workspaceId, grantId, familyId, tools });
  throw new OAuthError("invalid_grant", "the tools can do more than when this was allowed; send the person through authorization again");
}

/** The next generation. Undefined when the token was used before, by whomever. */
async function rotate(deps: GrantDeps, row: RefreshTokenRow, refresh: Refresh): Promise<TokenAnswer | undefined> {
  if (row.used_at !== null) return undefined;
  const { authority, requested, request, value } = refresh;
  const at = deps.now();
  if (row.expires_at <= at || row.family_expires_at <= at) throw refused();
  const scope =
    requested === null
      ? narrowToLimits(deps, row.scopes, authority.limits)
      : withinLimits(deps, requested, [row.scopes, ...authority.limits]);
  if (scope === "")
    throw new OAuthError(requested === null ? "invalid_grant" : "invalid_scope", "none of these scopes may be granted any more");
  await requireAsAllowed(deps, { authority, scope, familyId: row.family_id });
  const next = createRefreshToken(deps, {
    authority,
    familyId: row.family_id,
    scope: row.scopes,
    jkt: request.jkt,
    familyExpiresAt: row.family_expires_at,
  });
  const { answer: access, event } = signAccessToken(deps, { authority, scope, familyId: row.family_id, jkt: request.jkt });
  const answer = { ...access, refresh_token: next.value };
  const sealed = sealSuccessor(deps, { value, row }, { answer, requested, event });
  const isFirst = await deps.store.refreshTokens.rotate(row.id_hash, { at, successor: sealed }, next.row);
  // Nobody ever sees what the others made, so it must not be on record either: hence the record comes after the rotation.
  if (!isFirst) return undefined;
  await endIfRevoked(deps, authority, row.family_id);
  await recordRotation(deps, { event, idHash: row.id_hash, nextIdHash: next.row.id_hash });
  touchClient(deps, authority);
  return answer;
}

interface Rotation {
  readonly event: IssuedEvent;
  readonly idHash: string;
  readonly nextIdHash: string;
}

/** Puts the new token on record before anybody has it. What cannot be put on record did not happen. */
async function recordRotation(deps: GrantDeps, { event, idHash, nextIdHash }: Rotation): Promise<void> {
  try {
    await putOnRecord(deps, event);
  } catch (error) {
    await deps.store.refreshTokens.unrotate(idHash, nextIdHash);
    throw error;
  }
}

/** The same answer again within the grace; otherwise the end of the family. Undefined rows are of families that have ended. */
async function answerUsed(deps: GrantDeps, row: RefreshTokenRow | undefined, refresh: Refresh): Promise<TokenAnswer> {
  if (row === undefined || row.used_at === null || row.successor === null) throw refused();
  const { value, request, requested } = refresh;
  const isInGrace = deps.now() - row.used_at < deps.refresh.graceSeconds * 1000;
  const successor = isInGrace && request.jkt === null ? openSuccessor(deps, { value, row }, row.successor) : undefined;
  if (successor === undefined || successor.answer.token_type === "DPoP") {
    const { client_id: clientId, grant_id: grantId, family_id: familyId } = row;
    await endOnRecord(deps, { kind: "family", value: familyId, event: { event: "refresh_token_reused", clientId, grantId, familyId } });
    throw refused();
  }
  if (successor.requested !== requested)
    throw new OAuthError("invalid_scope", "this refresh token was used a moment ago with other scopes; use the one that replaced it");
  // The first answer may have been lost before its record was written; then this is what tells of the token.
  await putOnRecord(deps, { ...successor.event, event: "token_repeated" });
  return { ...successor.answer, expires_in: Math.max(1, Math.ceil((successor.event.expiresAt - deps.now()) / 1000)) };
}

interface Sealing {
  readonly value: string;
  readonly row: Pick<RefreshTokenRow, "id_hash">;
}

/** Derived once: each refresh needs it. */
const successorKeys = new WeakMap<Uint8Array, KeyObject>();

/** Only who has the used token can open what replaced it, and only together with the master key. */
function successorKey({ masterKey }: GrantDeps, value: string): KeyObject {
  let key = successorKeys.get(masterKey);
  if (key === undefined) {
    key = prepareKey(deriveKey(masterKey, "refresh-successor"));
    successorKeys.set(masterKey, key);
  }
  return prepareKey(hmac(key, value));
}

function sealSuccessor(deps: GrantDeps, { value, row }: Sealing, successor: Successor): string {
  return seal(successorKey(deps, value), JSON.stringify(successor), `refresh-successor ${row.id_hash}`);
}

function openSuccessor(deps: GrantDeps, { value, row }: Sealing, sealed: string): Successor {
  return JSON.parse(unseal(successorKey(deps, value), sealed, `refresh-successor ${row.id_hash}`)) as Successor;
}
