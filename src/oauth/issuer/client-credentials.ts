import type { errors as engineErrors, KoaContextWithOIDC, TokenEndpointGrantContext } from "oidc-provider";
import type { Clock } from "../../lib/clock.ts";
import type { ClientRow, GrantRow, Store } from "../../store/index.ts";
import type { ScopeCatalogue } from "../../tool/index.ts";
import { grantScopes } from "../scope-policy.ts";
import { SIGNING_ALG } from "../token-rules.ts";
import type { EventSink } from "./events.ts";

export interface GrantDeps {
  readonly store: Pick<Store, "clients" | "grants">;
  readonly scopes: ScopeCatalogue;
  /** Canonical URL: the audience of every token. */
  readonly resource: string;
  /** What a client may send as `resource` to mean it (RFC 8707). */
  readonly resourceAliases: ReadonlySet<string>;
  readonly kid: string;
  readonly accessTokenTtlSeconds: number;
  readonly now: Clock;
  readonly onEvent: EventSink;
  readonly errors: typeof engineErrors;
}

export const CLIENT_CREDENTIALS = "client_credentials";

type Params = { readonly scope?: string | undefined; readonly resource?: string | readonly string[] | undefined };

/**
 * The grant `client_credentials` (RFC 6749 §4.4, RFC 8707 §2.2): a token for the one resource, with those of the requested scopes that
 * the client's policy holds, or the whole policy when none are requested. The policy is read anew each time.
 */
export function createClientCredentialsGrant(deps: GrantDeps): (ctx: KoaContextWithOIDC) => Promise<void> {
  return async (context) => {
    const ctx = context as TokenEndpointGrantContext<Params>;
    const { client, params, provider } = ctx.oidc;
    const { resource, resourceAliases, errors } = deps;
    if (!isAlias(params.resource, resourceAliases)) throw new errors.InvalidTarget(`the only resource here is ${resource}`);
    const { row, grant } = await readPolicy(deps, client.clientId);
    const scope = grantScopes(deps.scopes, row.scopes, params.scope);
    if (scope === "") throw new errors.InvalidScope("none of the requested scopes may be granted to this client", "");

    const server = new provider.ResourceServer(resource, {
      scope,
      audience: resource,
      accessTokenFormat: "jwt",
      accessTokenTTL: deps.accessTokenTtlSeconds,
      jwt: { sign: { alg: SIGNING_ALG, kid: deps.kid } },
    });
    const token = Object.assign(new provider.ClientCredentials({ client, scope, resourceServer: server }), { grantId: grant.id });
    const value = await token.save();
    await record(deps, { row, grant, scope, tokenId: token.jti });
    ctx.body = { access_token: value, token_type: "Bearer", expires_in: deps.accessTokenTtlSeconds, scope };
  };
}

function isAlias(resource: Params["resource"], aliases: ReadonlySet<string>): boolean {
  return resource === undefined || (typeof resource === "string" && aliases.has(resource));
}

async function readPolicy({ store, now, errors }: GrantDeps, clientId: string): Promise<{ row: ClientRow; grant: GrantRow }> {
  const row = await store.clients.find(clientId);
  if (row === undefined || row.disabled_at !== null) throw new errors.InvalidClientAuth("disabled");
  const grant = await store.grants.find(row.grant_id);
  const isLive = grant !== undefined && grant.revoked_at === null && (grant.expires_at === null || grant.expires_at > now());
  if (!isLive) throw new errors.UnauthorizedClient("the grant of this client was revoked or has expired");
  return { row, grant };
}

/** A token is on record before anyone has it. */
async function record(deps: GrantDeps, issued: { row: ClientRow; grant: GrantRow; scope: string; tokenId: string }): Promise<void> {
  const { row, grant, scope, tokenId } = issued;
  try {
    await deps.onEvent({
      event: "token_issued",
      clientId: row.id,
      workspaceId: row.workspace_id,
      grantId: grant.id,
      tokenId,
      scope,
      expiresAt: (Math.floor(deps.now() / 1000) + deps.accessTokenTtlSeconds) * 1000,
    });
  } catch (cause) {
    const unavailable = new deps.errors.OIDCProviderError(503, "temporarily_unavailable", { cause });
    unavailable.error_description = "the token was not issued, because it could not be put on record; try again later";
    unavailable.expose = true;
    throw unavailable;
  }
}
