import type { IncomingHttpHeaders } from "node:http";
import { refuse, type Refusal } from "../../errors.ts";
import { countAuthorization } from "../count-authorization.ts";

const BEARER = /^bearer +([^ ]+) *$/i;
const SCHEME = /^bearer(?: |$)/i;

/**
 * The access token of a request: from one Authorization header, nowhere else (RFC 6750 §2, OAuth 2.1 §5.1). Refuses tokens in the
 * query and more than one Authorization header; bodies and cookies are not looked at. The scheme has no case. `search` is the query
 * string with its question mark, or empty.
 */
export function readBearer(headers: IncomingHttpHeaders, rawHeaders: readonly string[], search: string): string | Refusal {
  if (search.length > 1 && new URLSearchParams(search).has("access_token")) return refuse("token_in_wrong_place");
  const header = headers.authorization;
  if (header === undefined) return refuse("missing_token");
  if (countAuthorization(rawHeaders) > 1) return refuse("token_in_wrong_place");
  const token = BEARER.exec(header)?.[1];
  if (token !== undefined) return token;
  return refuse(SCHEME.test(header) ? "invalid_token" : "missing_token");
}
