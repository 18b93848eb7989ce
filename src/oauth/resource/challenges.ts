import { WIRE } from "../../errors.ts";
import { DPOP_ALGS } from "../dpop/index.ts";

/** Values of WWW-Authenticate (RFC 6750 §3, RFC 9728 §5.1, RFC 9449 §7.1). */
export interface Challenges {
  /** For a request without a token: no error code (RFC 6750 §3.1), and the scopes to begin with. */
  readonly missingToken: string;
  readonly invalidToken: string;
  /** For a token that is bound to a key, or came as if it were. */
  readonly invalidBoundToken: string;
  /** The token may be good; the proof of its key is not. */
  readonly invalidProof: string;
  /** Names all scopes that the operation needs, not only those that are missing. */
  insufficientScope(scopes: readonly string[], description: string, scheme?: "Bearer" | "DPoP"): string;
}

/** `resource` is the canonical URL of the protected resource, `baseline` the scopes that the first 401 asks for. */
export function createChallenges(options: { readonly resource: string; readonly baseline: readonly string[] }): Challenges {
  const metadata = `resource_metadata="${resourceMetadataUrl(options.resource)}"`;
  const baseline = options.baseline.length > 0 ? `, scope="${options.baseline.join(" ")}"` : "";
  const invalidToken = `error="invalid_token", error_description="${quotable(WIRE.invalid_token.text)}", ${metadata}${baseline}`;
  const algs = `algs="${DPOP_ALGS.join(" ")}"`;
  return {
    missingToken: `Bearer ${metadata}${baseline}`,
    invalidToken: `Bearer ${invalidToken}`,
    invalidBoundToken: `DPoP ${invalidToken}, ${algs}`,
    invalidProof: `DPoP error="invalid_dpop_proof", error_description="${quotable(WIRE.invalid_dpop_proof.text)}", ${metadata}, ${algs}`,
    insufficientScope: (scopes, description, scheme = "Bearer") =>
      `${scheme} error="insufficient_scope", scope="${scopes.join(" ")}", ${metadata}, error_description="${quotable(description)}"` +
      (scheme === "DPoP" ? `, ${algs}` : ""),
  };
}

/** Where the metadata of a resource is: the well-known path goes before the path of the resource (RFC 9728 §3.1). */
export function resourceMetadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}/.well-known/oauth-protected-resource${pathname === "/" ? "" : pathname}`;
}

/** Only what RFC 6750 §3 allows in a description; a header cannot be broken by it. */
function quotable(text: string): string {
  return text.replace(/[^\x20\x21\x23-\x5B\x5D-\x7E]/g, "'");
}
