import { DPOP_ALGS } from "../dpop/index.ts";

/** What the metadata of a protected resource says. */
export interface ResourceMetadataOptions {
  /** Canonical URL, the only audience of its tokens. */
  readonly resource: string;
  /** The authorization server whose tokens are accepted: this one, or another. */
  readonly issuer: string;
  /** All scopes of the server, without `offline_access`. */
  readonly scopes: readonly string[];
  /** Shown to people who are asked to consent. */
  readonly name: string;
  readonly documentation?: string;
}

/** Protected resource metadata as JSON (RFC 9728 §2). */
export function createResourceMetadata(options: ResourceMetadataOptions): string {
  return JSON.stringify({
    resource: options.resource,
    authorization_servers: [options.issuer],
    scopes_supported: options.scopes.filter((scope) => scope !== "offline_access"),
    bearer_methods_supported: ["header"],
    dpop_signing_alg_values_supported: DPOP_ALGS,
    resource_name: options.name,
    resource_documentation: options.documentation,
  });
}
