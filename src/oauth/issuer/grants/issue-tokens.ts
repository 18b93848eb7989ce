import { sign } from "node:crypto";
import { createId } from "../../../lib/id.ts";
import type { IssuerEvent } from "../../events.ts";
import { OAuthError } from "../../oauth-error.ts";
import { SIGNING_ALG, TOKEN_TYPE } from "../../token-rules.ts";
import { joinNumbers } from "../keys/index.ts";
import type { Authority } from "./effective-scopes.ts";
import type { GrantDeps, TokenAnswer } from "./grant-deps.ts";

/** Who acts for the subject, and for whom in turn that one got its token (RFC 8693 §4.1). */
export interface Actor {
  readonly sub: string;
  readonly act?: Actor;
}

export interface AccessTokenInput {
  readonly authority: Authority;
  /** Space-separated; not empty. */
  readonly scope: string;
  /** Of what follows from one authorization; undefined when the token follows from none. */
  readonly familyId?: string | undefined;
  /** Thumbprint of the key that it is bound to; null for a bearer token. */
  readonly jkt: string | null;
  readonly actor?: Actor | undefined;
  /** Epoch milliseconds; it ends no later. */
  readonly endsAt?: number | undefined;
}

const TOUCH_MS = 60_000;

/** A token that nobody has yet, and the record that must be written before anybody gets it. */
export interface SignedToken {
  readonly answer: TokenAnswer;
  readonly event: IssuedEvent;
}

export type IssuedEvent = Extract<IssuerEvent, { readonly event: "token_issued" | "token_repeated" }>;

/**
 * An access token (RFC 9068 §2), on record before anyone has it. Throws OAuthError `temporarily_unavailable` when it cannot be put on
 * record; then there is none.
 */
export async function issueAccessToken(deps: GrantDeps, input: AccessTokenInput): Promise<TokenAnswer> {
  const { answer, event } = signAccessToken(deps, input);
  await putOnRecord(deps, event);
  touchClient(deps, input.authority);
  return answer;
}

/** The token itself. Throws OAuthError when what was granted has expired. */
export function signAccessToken(deps: GrantDeps, input: AccessTokenInput): SignedToken {
  const { authority, scope, familyId, jkt, actor } = input;
  const { grant } = authority;
  const iat = Math.floor(deps.now() / 1000);
  const ends = [input.endsAt, grant.expires_at].map((at) => Math.floor((at ?? Number.POSITIVE_INFINITY) / 1000));
  const exp = Math.min(iat + deps.accessTokenTtlSeconds, ...ends);
  if (exp <= iat) throw new OAuthError("invalid_grant", "what was granted has expired");
  const tokenId = createId("tok");
  const token = signToken(deps, {
    iss: deps.issuer,
    aud: deps.resource,
    sub: grant.subject,
    client_id: grant.client_id,
    iat,
    exp,
    jti: tokenId,
    scope,
    gid: grant.id,
    ...(familyId === undefined ? {} : { fid: familyId }),
    ...(jkt === null ? {} : { cnf: { jkt } }),
    ...(actor === undefined ? {} : { act: actor }),
  });
  const event: IssuedEvent = {
    event: "token_issued",
    clientId: grant.client_id,
    workspaceId: grant.workspace_id,
    grantId: grant.id,
    tokenId,
    scope,
    expiresAt: exp * 1000,
    ...(actor === undefined ? {} : { actor: JSON.stringify(actor) }),
  };
  return { answer: { access_token: token, token_type: jkt === null ? "Bearer" : "DPoP", expires_in: exp - iat, scope }, event };
}

/** A token of another audience than ours, for a system that tools call. */
export function signUpstreamToken(deps: GrantDeps, claims: Readonly<Record<string, unknown>>, ttlSeconds: number): string {
  const iat = Math.floor(deps.now() / 1000);
  return signToken(deps, { iss: deps.issuer, iat, exp: iat + ttlSeconds, jti: createId("tok"), ...claims });
}

/** Something that this server says, and that is no token: `type` keeps one from passing for the other. */
export function signStatement(deps: GrantDeps, type: string, claims: Readonly<Record<string, unknown>>): string {
  if (type === TOKEN_TYPE) throw new Error("a statement must not have the type of a token");
  return signToken(deps, { iss: deps.issuer, iat: Math.floor(deps.now() / 1000), ...claims }, type);
}

function signToken({ key }: GrantDeps, claims: Readonly<Record<string, unknown>>, typ: string = TOKEN_TYPE): string {
  const { kid, privateKey } = key();
  const input = [{ alg: SIGNING_ALG, typ, kid }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${input}.${joinNumbers(sign("sha256", Buffer.from(input), privateKey)).toString("base64url")}`;
}

/** Resolves when what grants power is on record. Throws OAuthError `temporarily_unavailable` when it cannot be; then it must not happen. */
export async function putOnRecord({ onEvent, log }: GrantDeps, event: IssuerEvent): Promise<void> {
  try {
    await onEvent(event);
  } catch (error) {
    log.error({ err: error }, "an event could not be put on record");
    throw new OAuthError(
      "temporarily_unavailable",
      "the token was not issued, because it could not be put on record; try again later",
      503,
    );
  }
}

/** Notes that the client is in use, to the minute; nobody waits for it. */
export function touchClient({ store, now, log }: GrantDeps, { grant, clientUsedAt }: Authority): void {
  const at = now();
  if (clientUsedAt !== null && at - clientUsedAt < TOUCH_MS) return;
  store.clients.touch(grant.client_id, at).catch((error: unknown) => log.warn({ err: error }, "the use of a client could not be noted"));
}
