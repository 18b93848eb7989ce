import type { ScopeCatalogue, ScopeSet } from "../tool/index.ts";

/** What a token still holds under a policy that may have become narrower since it was issued. */
function narrowScopes(catalogue: ScopeCatalogue, tokenScope: string, policy: string): ScopeSet {
  const token = catalogue.parse(tokenScope);
  const { held } = catalogue.parse(policy);
  const kept = [...token.held].filter((scope) => held.has(scope));
  return kept.length === token.held.size ? token : catalogue.parse(kept.join(" "));
}

/** What a token still holds under several limits, each of which may have become narrower since it was issued. */
export function narrowByAll(catalogue: ScopeCatalogue, tokenScope: string, limits: readonly string[]): ScopeSet {
  return limits.reduce((kept, limit) => narrowScopes(catalogue, kept.granted.join(" "), limit), catalogue.parse(tokenScope));
}
