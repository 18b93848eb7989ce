import { OAuthError } from "../../oauth-error.ts";
import { parseClientMetadata, refuseMetadata, type MetadataRules, type ParsedMetadata } from "./client-metadata.ts";
import { isRecord } from "../../../lib/is-record.ts";

const MAX_ID_CHARS = 512;
const RULES: MetadataRules = {
  // Not for the asking: toEngineMetadata gives it to those that prove who they are.
  moreGrants: [],
  authMethods: ["none", "private_key_jwt"],
  defaultAuthMethod: (hasKeys) => (hasKeys ? "private_key_jwt" : "none"),
};

/**
 * Whether a client id is the URL of a metadata document (Client ID Metadata Document §3): https, a path, no fragment, user name or dot segments,
 * and written in the one way in which a browser would write it, because ids are compared as text.
 */
export function isDocumentId(id: string): boolean {
  if (!id.startsWith("https://") || id.length > MAX_ID_CHARS) return false;
  const url = URL.parse(id);
  if (url === null || url.href !== id || id.includes("#")) return false;
  return url.username === "" && url.password === "" && url.pathname !== "/" && !url.hostname.endsWith(".");
}

/** Reads a client's metadata document (§4). Throws OAuthError for one that cannot be used. */
export function parseClientDocument(id: string, document: unknown): ParsedMetadata {
  if (!isRecord(document) || document.client_id !== id) throw refuseMetadata("client_id", "is not the URL of the document");
  const { token_endpoint_auth_method: method } = document;
  if (document.client_secret !== undefined || document.client_secret_expires_at !== undefined)
    throw refuseMetadata("client_secret", "has no place in a public document");
  if (typeof method === "string" && method.startsWith("client_secret"))
    throw refuseMetadata("token_endpoint_auth_method", "needs a secret, which a public document cannot have");
  if (!Array.isArray(document.redirect_uris) || document.redirect_uris.length === 0)
    throw refuseMetadata("redirect_uris", "give at least one");
  const parsed = parseClientMetadata(document, RULES);
  if (parsed.name === "") throw new OAuthError("invalid_client_metadata", "client_name: give a name that can be seen");
  return parsed;
}
