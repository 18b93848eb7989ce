import { createId } from "../../../lib/id.ts";
import { isRecord } from "../../../lib/is-record.ts";
import { OAuthError } from "../../oauth-error.ts";
import type { VerifiedToken } from "../../resource/index.ts";
import { checkResource } from "./check-resource.ts";
import { narrowToLimits, parseScopeParam, withinLimits, type Authority } from "./effective-scopes.ts";
import type { GrantDeps, TokenAnswer, TokenRequest } from "./grant-deps.ts";
import { issueAccessToken, type Actor } from "./issue-tokens.ts";

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
/** How often a token may be passed on and narrowed. */
const MAX_DEPTH = 3;

/**
 * The grant `token-exchange` (RFC 8693) for one purpose: an agent gets a narrower token from one that it was given, and acts for its subject.
 * The new token stands on a grant below the one of the subject token, so it ends with that at the latest. Only clients that an operator made
 * may do so, within their workspace.
 */
export async function exchangeToken(deps: GrantDeps, request: TokenRequest): Promise<TokenAnswer> {
  const { client, jkt } = request;
  if (client.kind !== "operator") throw new OAuthError("unauthorized_client", "only clients that an operator made may use this grant");
  checkParams(deps, request);
  const subject = await readSubject(deps, request);
  const actor = nextActor(subject, client.id);
  const scope = scopeOf(deps, request, subject);
  const authority = await createChild(deps, request, { subject, scope });
  const answer = await issueAccessToken(deps, { authority, scope, familyId: subject.familyId, jkt, actor, endsAt: subject.expiresAt });
  return { ...answer, issued_token_type: ACCESS_TOKEN };
}

function checkParams(deps: GrantDeps, { params }: TokenRequest): void {
  checkResource(deps, params["resource"]);
  checkResource(deps, params["audience"]);
  if ((params["requested_token_type"] ?? ACCESS_TOKEN) !== ACCESS_TOKEN)
    throw new OAuthError("invalid_request", `the only requested_token_type here is ${ACCESS_TOKEN}`);
  if (params["actor_token"] !== undefined || params["actor_token_type"] !== undefined)
    throw new OAuthError("invalid_request", "the authenticated client is the actor; send no actor_token");
  if (params["subject_token"] === undefined || params["subject_token_type"] !== ACCESS_TOKEN)
    throw new OAuthError("invalid_request", `send subject_token, and ${ACCESS_TOKEN} as subject_token_type`);
}

/** Throws OAuthError for a token that is not good now, or not for this client to pass on (RFC 8693 §2.2.2). */
async function readSubject(deps: GrantDeps, { client, params, jkt }: TokenRequest): Promise<VerifiedToken> {
  const subject = await deps.verifyAccessToken(params["subject_token"] ?? "");
  if (subject === undefined || subject.expiresAt - deps.now() < 1000)
    throw new OAuthError("invalid_request", "the subject token is not valid here: it may have expired or been revoked");
  if (subject.workspaceId !== client.workspace_id) throw new OAuthError("invalid_request", "the subject token is for another workspace");
  // Whoever stole a bound token must not get an unbound one for it.
  if (subject.jkt !== undefined && subject.jkt !== jkt)
    throw new OAuthError("invalid_request", "the subject token is bound to a key; send a DPoP proof of that key");
  return subject;
}

function nextActor({ actor }: VerifiedToken, clientId: string): Actor {
  const previous = actor === undefined ? undefined : (JSON.parse(actor) as Actor);
  if (depthOf(previous) >= MAX_DEPTH)
    throw new OAuthError("invalid_request", `the subject token was exchanged ${MAX_DEPTH} times, which is the most`);
  return previous === undefined ? { sub: clientId } : { sub: clientId, act: previous };
}

function depthOf(actor: unknown): number {
  return isRecord(actor) ? 1 + depthOf(actor["act"]) : 0;
}

/** What is asked for must be within what the subject token has; of that, what the client's policy holds. */
function scopeOf(deps: GrantDeps, { client, params }: TokenRequest, subject: VerifiedToken): string {
  const policy = client.scopes ?? "";
  const has = subject.scopes.granted.join(" ");
  const param = parseScopeParam(params["scope"]);
  const known = param === undefined ? undefined : deps.scopes.parse(param).granted;
  if (known !== undefined && (known.length === 0 || !known.every((each) => subject.scopes.held.has(each))))
    throw new OAuthError("invalid_scope", "ask for scopes that the subject token has");
  const scope = known === undefined ? narrowToLimits(deps, has, [policy]) : withinLimits(deps, known.join(" "), [policy]);
  if (scope === "") throw new OAuthError("invalid_scope", "none of the requested scopes may be granted to this client");
  return scope;
}

interface Narrowing {
  readonly subject: VerifiedToken;
  readonly scope: string;
}

async function createChild(deps: GrantDeps, { client }: TokenRequest, { subject, scope }: Narrowing): Promise<Authority> {
  const at = deps.now();
  const grant = {
    id: createId("gr"),
    kind: "exchange" as const,
    workspace_id: subject.workspaceId,
    client_id: client.id,
    subject: subject.subject,
    scopes: scope,
    parent_id: subject.grantId,
    redirect_host: null,
    environments: subject.environments === undefined ? null : JSON.stringify(subject.environments),
    created_at: at,
    expires_at: subject.expiresAt,
    revoked_at: null,
  };
  if (!(await deps.store.grants.createChild(grant, at)))
    throw new OAuthError("invalid_request", "the subject token is not valid here: it may have expired or been revoked");
  return { grant, clientUsedAt: client.used_at, limits: [scope] };
}
