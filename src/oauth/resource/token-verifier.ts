import { compactVerify } from "jose";
import type { Store } from "../../store/index.ts";
import type { ScopeCatalogue } from "../../tool/index.ts";
import { narrowByAll } from "../scope-policy.ts";
import { SIGNING_ALG } from "../token-rules.ts";
import { createKeySet, type KeySet } from "./key-set.ts";
import { readStandings, type GrantStanding, type StandingDeps } from "./standing.ts";
import { isExpired, parseClaims, type TokenClaims } from "./token-claims.ts";
import { parseTokenShape } from "./token-shape.ts";
import type { VerifiedToken } from "./verified-token.ts";
import { createVerifierKernel, type KernelOptions, type TokenVerifier } from "./verifier-kernel.ts";

export interface TokenVerifierOptions extends KernelOptions {
  readonly issuer: string;
  readonly store: KernelOptions["store"] & Pick<Store, "signingKeys">;
  readonly scopes: ScopeCatalogue;
  /** What clients that no operator made may be granted, space-separated. Default: all. */
  readonly selfRegisteredScopes?: string | undefined;
}

/** Accepts the tokens that this server issues. Reads keys and revocations first; rejects when the store cannot be read. */
export function createTokenVerifier(options: TokenVerifierOptions): Promise<TokenVerifier> {
  const { store, scopes, selfRegisteredScopes } = options;
  const keys = createKeySet(store.signingKeys, options.now);
  const deps: StandingDeps = { db: store.db, scopes, selfRegisteredScopes };
  return createVerifierKernel(options, {
    async judge(token) {
      const claims = await verifySignature(options, keys, token);
      if (claims === undefined) return undefined;
      const standing = (await readStandings(deps, [claims.grantId])).get(claims.grantId);
      const verified = standing === undefined ? undefined : judge(options, claims, standing);
      if (standing?.isLive === false && standing.clientId === claims.clientId)
        options.onDead?.({ ...claims, workspaceId: standing.workspaceId });
      return standing === undefined || verified === undefined ? undefined : { token: verified, standing, until: Number.POSITIVE_INFINITY };
    },
    loadKeys: () => keys.load(),
    async stamps(grantIds) {
      const standings = await readStandings(deps, grantIds);
      return new Map([...standings].map(([id, { stamp }]) => [id, stamp]));
    },
  });
}

async function verifySignature(options: TokenVerifierOptions, keys: KeySet, token: string): Promise<TokenClaims | undefined> {
  const shape = parseTokenShape(token);
  if (shape === undefined) return undefined;
  const key = await keys.find(shape.kid);
  if (key === undefined) return undefined;
  try {
    await compactVerify(token, key, { algorithms: [SIGNING_ALG] });
  } catch {
    return undefined;
  }
  return parseClaims(shape.claims, { issuer: options.issuer, resource: options.resource, now: options.now() });
}

/** The token as all that it stands on allows it now, or undefined when that does not. */
function judge({ scopes, now }: TokenVerifierOptions, claims: TokenClaims, standing: GrantStanding): VerifiedToken | undefined {
  if (!standing.isLive || claims.issuedAt <= standing.issuedAfter || isExpired(standing.expiresAt, now())) return undefined;
  if (standing.clientId !== claims.clientId || standing.subject !== claims.subject) return undefined;
  const { scope, ...identity } = claims;
  return {
    ...identity,
    workspaceId: standing.workspaceId,
    environments: standing.environments,
    challenge: standing.challenge,
    scopes: narrowByAll(scopes, scope, standing.limits),
    expiresAt: Math.min(claims.expiresAt, standing.expiresAt),
  };
}
