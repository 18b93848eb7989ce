import { OAuthError } from "../../oauth-error.ts";
import type { GrantDeps } from "./grant-deps.ts";

/** Throws OAuthError unless a parameter names the one resource or is absent (RFC 8707 §2). */
export function checkResource({ resource, resourceAliases }: GrantDeps, named: string | undefined): void {
  if (named !== undefined && !resourceAliases.has(named)) throw new OAuthError("invalid_target", `the only resource here is ${resource}`);
}
