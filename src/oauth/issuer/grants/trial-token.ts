import { OAuthError } from "../../oauth-error.ts";
import { narrowToLimits, readAuthority, withinLimits } from "./effective-scopes.ts";
import type { GrantDeps } from "./grant-deps.ts";
import { putOnRecord, signAccessToken } from "./issue-tokens.ts";

/** What a person asks for who tries out what an agent can do. */
export interface TrialOrder {
  readonly grantId: string;
  /** All that the grant holds when left out. */
  readonly scopes?: readonly string[] | undefined;
  /** What the person may let an agent have, space-separated. */
  readonly ceiling: string;
  /** Id of the account: the token names it as its actor (RFC 8693 §4.1). Undefined for a token as the agent itself would get it. */
  readonly actorId: string | undefined;
  readonly ttlSeconds: number;
}

export type Trial =
  | { readonly token: string; readonly tokenId: string }
  /** The grant or its client has ended. */
  | { readonly ended: true }
  /** Scopes that are asked for, and that the person may not let an agent have. */
  | { readonly beyond: readonly string[] };

/** A token must have a scope; this one is reserved, so it opens nothing. */
const NO_SCOPE = "openid";

/** A bearer token of a live grant, on record before anyone has it, as every other. It is no use of the agent: its client is not touched. */
export async function issueTrialToken(deps: GrantDeps, order: TrialOrder): Promise<Trial> {
  const { grantId, scopes, ceiling, actorId, ttlSeconds } = order;
  const authority = await readAuthority(deps, grantId);
  if (typeof authority === "string") return { ended: true };
  const [first = "", ...rest] = authority.limits;
  const scope = scopes === undefined ? narrowToLimits(deps, first, rest) : withinLimits(deps, scopes.join(" "), authority.limits);
  const { held } = deps.scopes.parse(ceiling);
  const beyond = deps.scopes.parse(scope).granted.filter((each) => !held.has(each));
  if (beyond.length > 0) return { beyond };
  try {
    const input = {
      authority,
      scope: scope === "" ? NO_SCOPE : scope,
      jkt: null,
      actor: actorId === undefined ? undefined : { sub: actorId },
    };
    const { answer, event } = signAccessToken({ ...deps, accessTokenTtlSeconds: ttlSeconds }, input);
    await putOnRecord(deps, event);
    return { token: answer.access_token, tokenId: event.tokenId };
  } catch (problem) {
    if (problem instanceof OAuthError && problem.error === "invalid_grant") return { ended: true };
    throw problem;
  }
}
