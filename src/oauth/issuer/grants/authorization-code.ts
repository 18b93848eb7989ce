import { createHash } from "node:crypto";
import { isEqualSecret } from "../../../lib/secret.ts";
import type { ClientRow } from "../../../store/index.ts";
import { OAuthError } from "../../oauth-error.ts";
import { checkResource } from "./check-resource.ts";
import { endOnRecord } from "./end-on-record.ts";
import type { CodeUse, GrantDeps, TokenAnswer, TokenRequest, UsedCode } from "./grant-deps.ts";
import { readApproved, startFamily } from "./start-family.ts";

interface Presented {
  readonly code: string;
  readonly redirectUri: string;
  readonly verifier: string;
}

/** RFC 7636 §4.1. */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/**
 * The grant `authorization_code` with PKCE S256 (RFC 6749 §4.1.3, RFC 7636 §4.5). The code is used up by the first try, right or wrong; each
 * later one ends all that followed from it.
 */
export async function exchangeAuthorizationCode(deps: GrantDeps, request: TokenRequest): Promise<TokenAnswer> {
  const { client, params, jkt } = request;
  const presented = parseParams(params);
  checkResource(deps, params["resource"]);
  const { code, replayed } = await deps.codes.take(presented.code);
  if (replayed !== undefined) await endReplayed(deps, replayed);
  if (code === undefined || !isFor(code, client, presented)) throw refused();
  if (code.jkt !== undefined && code.jkt !== jkt)
    throw new OAuthError("invalid_grant", "this code is bound to a key; send a DPoP proof of it");
  if (code.resource !== undefined) checkResource(deps, code.resource);
  const authority = await readApproved(deps, code.grantId, client);
  if (authority.grant.subject !== code.accountId) throw refused();
  return startFamily(deps, { client, authority, familyId: code.familyId, scope: code.scope, jkt });
}

/** One text for every cause, so that nothing about a code can be found out. */
function refused(): OAuthError {
  return new OAuthError(
    "invalid_grant",
    "the code is unknown, expired or used, or it belongs to another client, redirect URI or code verifier",
  );
}

function parseParams(params: TokenRequest["params"]): Presented {
  const { code, redirect_uri: redirectUri, code_verifier: verifier } = params;
  if (code === undefined || redirectUri === undefined || verifier === undefined)
    throw new OAuthError("invalid_request", "send code, redirect_uri and code_verifier");
  return { code, redirectUri, verifier };
}

function isFor(code: UsedCode, client: ClientRow, { redirectUri, verifier }: Presented): boolean {
  if (code.clientId !== client.id || code.redirectUri !== redirectUri || !VERIFIER.test(verifier)) return false;
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  return isEqualSecret(Buffer.from(challenge), Buffer.from(code.codeChallenge));
}

async function endReplayed(deps: GrantDeps, { familyId, grantId, clientId }: NonNullable<CodeUse["replayed"]>): Promise<void> {
  await endOnRecord(deps, { kind: "family", value: familyId, event: { event: "code_replayed", clientId, grantId, familyId } });
}
