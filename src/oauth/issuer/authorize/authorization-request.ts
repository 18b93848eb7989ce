import type { ScopeCatalogue } from "../../../tool/index.ts";
import { tidyScope } from "../form-request.ts";

export interface RequestRules {
  readonly resource: string;
  /** What clients send as `resource` to mean it (RFC 8707). */
  readonly resourceAliases: ReadonlySet<string>;
  readonly scopes: ScopeCatalogue;
}

/** Scopes that clients add to every request by habit; they open nothing here. */
const HABITUAL = new Set(["openid", "profile", "email", "offline_access"]);

/**
 * Mends the parameters of an authorization request in place, as real clients need it: the resource under one of its other names, scopes
 * with stray spaces, scopes that no MCP server defines, and none at all, which stands for those to begin with. What is wrong beyond that is
 * left for the engine to refuse.
 */
export function mendAuthorizationRequest(params: URLSearchParams, { resource, resourceAliases, scopes }: RequestRules): void {
  // The engine knows other ways to answer; only the query is offered (RFC 9700 §4.1).
  if (params.has("response_mode") && params.get("response_mode") !== "query") params.set("response_mode", "not_offered");
  if (params.has("request_uri")) return;
  const resources = params.getAll("resource");
  if (resources.length > 0 && resources.every((value) => resourceAliases.has(value))) params.set("resource", resource);
  tidyScope(params);
  const asked = (params.get("scope") ?? "").split(" ").filter((scope) => scope !== "" && !HABITUAL.has(scope));
  const known = asked.filter((scope) => scopes.names.includes(scope));
  const wanted = asked.length === 0 ? scopes.baseline : known.length === 0 ? asked : known;
  if (params.getAll("scope").length <= 1) params.set("scope", wanted.join(" "));
}
