import type { IncomingHttpHeaders } from "node:http";
import { refuse, type Refusal } from "../../errors.ts";
import { countAuthorization, countHeaders } from "../count-authorization.ts";

/** A token that came with a proof of its key (RFC 9449 §7.1). */
export interface ProvenToken {
  readonly token: string;
  readonly proof: string;
}

const PLAIN = "Bearer ";
const BEARER = /^bearer +([^ ]+) *$/i;
const DPOP = /^dpop +([^ ]+) *$/i;
const SCHEME = /^(?:bearer|dpop)(?: |$)/i;

/**
 * The access token of a request: from one Authorization header, nowhere else (RFC 6750 §2, OAuth 2.1 §5.1). A text for the scheme Bearer,
 * and the token with its proof for the scheme DPoP, which needs one DPoP header. Refuses tokens in the query and more than one
 * Authorization header; bodies and cookies are not looked at. The scheme has no case. `search` is the query string with its question
 * mark, or empty.
 */
export function readBearer(headers: IncomingHttpHeaders, rawHeaders: readonly string[], search: string): string | ProvenToken | Refusal {
  if (search.length > 1 && new URLSearchParams(search).has("access_token")) return refuse("token_in_wrong_place");
  const header = headers.authorization;
  if (header === undefined) return refuse("missing_token");
  if (countAuthorization(rawHeaders) > 1) return refuse("token_in_wrong_place");
  // As nearly all clients write it.
  if (header.startsWith(PLAIN) && header.length > PLAIN.length && !header.includes(" ", PLAIN.length)) return header.slice(PLAIN.length);
  const token = BEARER.exec(header)?.[1];
  if (token !== undefined) return token;
  const bound = DPOP.exec(header)?.[1];
  if (bound === undefined) return refuse(SCHEME.test(header) ? "invalid_token" : "missing_token");
  const proof = headers["dpop"];
  if (typeof proof !== "string" || countHeaders(rawHeaders, "dpop") !== 1)
    return refuse("invalid_dpop_proof", { message: "Send one DPoP header with a proof for this request." });
  return { token: bound, proof };
}
