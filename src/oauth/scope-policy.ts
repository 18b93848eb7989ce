import type { ScopeCatalogue, ScopeSet } from "../tool/index.ts";

/**
 * The scopes to put into a token: those requested that the policy holds, directly or by inclusion; the whole policy when none are
 * requested. Empty when nothing remains. Both are space-separated (RFC 6749 §3.3).
 */
export function grantScopes(catalogue: ScopeCatalogue, policy: string, requested: string | undefined): string {
  const allowed = catalogue.parse(policy);
  if (requested === undefined) return allowed.granted.join(" ");
  return catalogue
    .parse(requested)
    .granted.filter((scope) => allowed.held.has(scope))
    .join(" ");
}

/** What a token still holds under a policy that may have become narrower since it was issued. */
export function narrowScopes(catalogue: ScopeCatalogue, tokenScope: string, policy: string): ScopeSet {
  const token = catalogue.parse(tokenScope);
  const { held } = catalogue.parse(policy);
  const kept = [...token.held].filter((scope) => held.has(scope));
  return kept.length === token.held.size ? token : catalogue.parse(kept.join(" "));
}

/** What a token still holds under several limits, each of which may have become narrower since it was issued. */
export function narrowByAll(catalogue: ScopeCatalogue, tokenScope: string, limits: readonly string[]): ScopeSet {
  return limits.reduce((kept, limit) => narrowScopes(catalogue, kept.granted.join(" "), limit), catalogue.parse(tokenScope));
}
