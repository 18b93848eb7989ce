/** What can be found: each with how bad it is, where it is written that it should be otherwise, and how to mend it. */

export type Severity = "error" | "warning" | "info";

export interface Rule {
  readonly severity: Severity;
  readonly about: string;
  readonly source: string;
  readonly fix: string;
}

const TRANSPORT = "MCP 2026-07-28, Transports, Streamable HTTP";
const AUTHORIZATION = "MCP 2026-07-28, Authorization";
const LIFECYCLE = "MCP 2025-11-25, Lifecycle";
const OBSERVED = "seen with real clients";

/** `error`: a MUST is broken, clients fail, or a hole is open. `warning`: some clients fail, or a protection is missing. `info`: worth knowing. */
export const RULES = {
  "url-insecure": {
    severity: "error",
    about: "Tokens go over the network in the clear.",
    source: `${AUTHORIZATION}, Communication Security; OAuth 2.1 §1.5`,
    fix: "Serve it over https.",
  },
  "auth-none": {
    severity: "warning",
    about: "Nobody is asked for a token.",
    source: `${TRANSPORT}, Security Warning`,
    fix: "Ask for an access token on every request, or let nobody but trusted programs reach the address.",
  },
  "challenge-status": {
    severity: "error",
    about: "A request without a token is refused with another status than 401, so clients do not begin to sign in.",
    source: `${AUTHORIZATION}, Error Handling; RFC 6750 §3.1`,
    fix: "Answer 401 with a WWW-Authenticate header.",
  },
  "challenge-missing": {
    severity: "error",
    about: "The 401 has no WWW-Authenticate header for bearer tokens.",
    source: "RFC 6750 §3; RFC 9728 §5.1",
    fix: 'Send WWW-Authenticate: Bearer resource_metadata="…", scope="…".',
  },
  "challenge-metadata": {
    severity: "warning",
    about: "The challenge does not say where the protected-resource metadata is.",
    source: `${AUTHORIZATION}, Authorization Server Location; RFC 9728 §5.1`,
    fix: 'Add resource_metadata="URL" to the WWW-Authenticate header.',
  },
  "challenge-scope": {
    severity: "info",
    about: "The challenge does not say which scopes to ask for, so clients ask for all that there are.",
    source: `${AUTHORIZATION}, Scope Selection Strategy; RFC 6750 §3`,
    fix: 'Add scope="…" with the least that a client needs to begin.',
  },
  "challenge-late": {
    severity: "warning",
    about: "Some requests without a token get another answer than 401, and clients that begin with those never sign in.",
    source: `${OBSERVED}: Codex begins with GET, others with server/discover or initialize`,
    fix: "Ask for the token before the method, the version and the body are looked at.",
  },
  "call-open": {
    severity: "error",
    about: "Tools can be called without a token, although other requests need one.",
    source: `${AUTHORIZATION}, Access Token Usage`,
    fix: "Ask for the token on every request.",
  },
  "metadata-missing": {
    severity: "error",
    about: "There is no protected-resource metadata, so clients cannot find out where to get a token.",
    source: `${AUTHORIZATION}, Authorization Server Location; RFC 9728 §3`,
    fix: "Serve it at /.well-known/oauth-protected-resource followed by the path of the endpoint.",
  },
  "metadata-path": {
    severity: "warning",
    about: "The protected-resource metadata is not where clients look by the path of the endpoint.",
    source: "RFC 9728 §3.1",
    fix: "Serve it at /.well-known/oauth-protected-resource followed by the path of the endpoint too.",
  },
  "metadata-root": {
    severity: "info",
    about: "The protected-resource metadata is not at the root form, where some clients look.",
    source: `${AUTHORIZATION}, Protected Resource Metadata Discovery`,
    fix: "Serve the same document at /.well-known/oauth-protected-resource too.",
  },
  "metadata-unreadable": {
    severity: "error",
    about: "The challenge names metadata that cannot be read.",
    source: "RFC 9728 §3.2, §5.1",
    fix: "Serve a JSON object with status 200 at the URL that resource_metadata names.",
  },
  "metadata-copies": {
    severity: "error",
    about: "The copies of the protected-resource metadata do not agree.",
    source: "RFC 9728 §3.3",
    fix: "Serve the same document in every place.",
  },
  "metadata-type": {
    severity: "warning",
    about: "The protected-resource metadata is not served as JSON.",
    source: "RFC 9728 §3.2",
    fix: "Send Content-Type: application/json.",
  },
  "resource-mismatch": {
    severity: "error",
    about: "The metadata is about another resource than the one that was asked, so clients refuse it.",
    source: "RFC 9728 §3.3; RFC 8707 §2",
    fix: "Let `resource` be the URL that people give to their clients, character for character.",
  },
  "issuers-missing": {
    severity: "error",
    about: "The metadata names no authorization server.",
    source: `${AUTHORIZATION}, Authorization Server Location`,
    fix: "Name at least one in `authorization_servers`.",
  },
  "bearer-in-query": {
    severity: "warning",
    about: "The metadata says that tokens may be sent in the query.",
    source: `${AUTHORIZATION}, Access Token Usage; RFC 6750 §2.3`,
    fix: 'Let `bearer_methods_supported` be ["header"].',
  },
  "offline-scope": {
    severity: "info",
    about: "The scope offline_access is listed, so every client asks for it.",
    source: `${AUTHORIZATION}, Refresh Tokens`,
    fix: "Leave it out of scopes_supported and of the challenge.",
  },
  "issuer-metadata": {
    severity: "error",
    about: "The authorization server has no metadata in any of the places where clients look.",
    source: `${AUTHORIZATION}, Authorization Server Metadata Discovery; RFC 8414 §3`,
    fix: "Serve it at /.well-known/oauth-authorization-server, followed by the path of the issuer if it has one.",
  },
  "issuer-mismatch": {
    severity: "error",
    about: "The authorization server calls itself something else than the resource calls it, so clients refuse it.",
    source: "RFC 8414 §3.3",
    fix: "Write `issuer` and the entry of `authorization_servers` the same, character for character; mind the last slash.",
  },
  "issuer-endpoints": {
    severity: "error",
    about: "The metadata of the authorization server lacks what a client needs.",
    source: "RFC 8414 §2",
    fix: "Name authorization_endpoint, token_endpoint and response_types_supported with code.",
  },
  "issuer-insecure": {
    severity: "error",
    about: "Codes, secrets and tokens go over the network in the clear.",
    source: "OAuth 2.1 §1.5",
    fix: "Serve the endpoints of the authorization server over https.",
  },
  "issuer-implicit": {
    severity: "warning",
    about: "Tokens are offered in redirects.",
    source: "OAuth 2.1 §10.1; RFC 9700 §2.1.2",
    fix: "Offer the response type code only.",
  },
  "issuer-identification": {
    severity: "info",
    about: "Clients cannot tell by the redirect which authorization server answered (mix-up).",
    source: "RFC 9207 §2",
    fix: "Send `iss` with each answer, and authorization_response_iss_parameter_supported: true in the metadata.",
  },
  "pkce-missing": {
    severity: "error",
    about: "PKCE with S256 is not offered, and clients refuse to go on without.",
    source: `${AUTHORIZATION}, Authorization Code Protection; RFC 7636 §4.2`,
    fix: 'Check S256 challenges and say code_challenge_methods_supported: ["S256"].',
  },
  "pkce-plain": {
    severity: "warning",
    about: "PKCE is offered with `plain`, which protects nothing from who reads the request.",
    source: "OAuth 2.1 §4.1.1; RFC 9700 §2.1.1",
    fix: "Offer S256 only.",
  },
  "registration-none": {
    severity: "warning",
    about: "Clients that nobody made there cannot come: there is neither client ID metadata nor registration.",
    source: `${AUTHORIZATION}, Client Registration Approaches; RFC 7591`,
    fix: "Support client ID metadata documents (client_id_metadata_document_supported: true), and registration for older clients.",
  },
  "registration-unused": {
    severity: "warning",
    about: "Client ID metadata documents are taken, but public clients are not, so clients do not use them.",
    source: `${OBSERVED}: Codex, opencode; draft-ietf-oauth-client-id-metadata-document`,
    fix: 'Add "none" to token_endpoint_auth_methods_supported.',
  },
  "registration-endpoint": {
    severity: "error",
    about: "The metadata names a registration endpoint that is not there.",
    source: "RFC 7591 §3",
    fix: "Serve it, or take registration_endpoint out of the metadata.",
  },
  "token-endpoint": {
    severity: "error",
    about: "The token endpoint does not answer as one.",
    source: "RFC 6749 §5.2",
    fix: "Answer a request that lacks its parameters with 400 or 401 and a JSON object with `error`.",
  },
  "keys-private": {
    severity: "error",
    about: "The keys that are published are private ones: everybody can make tokens.",
    source: "RFC 7517 §9.2",
    fix: "Publish public keys only, and replace these.",
  },
  "cors-preflight": {
    severity: "warning",
    about: "The preflight of browsers, which never has a token, is refused, so clients in browsers cannot come in.",
    source: "Fetch Standard, CORS protocol",
    fix: "Answer OPTIONS before asking for a token.",
  },
  "cors-headers": {
    severity: "warning",
    about: "Browsers may come, but may not send all headers that the protocol needs.",
    source: `${TRANSPORT}, Standard Request Headers; Fetch Standard, CORS protocol`,
    fix: "Name them in Access-Control-Allow-Headers; `*` does not stand for Authorization.",
  },
  "cors-challenge": {
    severity: "warning",
    about: "Clients in browsers cannot read the challenge.",
    source: "Fetch Standard, CORS-exposed response-header names",
    fix: "Send Access-Control-Allow-Origin on the 401 too, and Access-Control-Expose-Headers: WWW-Authenticate.",
  },
  "cors-metadata": {
    severity: "warning",
    about: "Browsers may come to the endpoint, but may not read the documents that tell them where to sign in.",
    source: "Fetch Standard, CORS protocol",
    fix: "Send Access-Control-Allow-Origin: * with the documents under /.well-known/.",
  },
  "cors-credentials": {
    severity: "error",
    about: "Any page of the web may make requests with the cookies of its visitors.",
    source: "Fetch Standard, CORS protocol and credentials",
    fix: "Leave Access-Control-Allow-Credentials out: the token is in a header.",
  },
  "origin-unchecked": {
    severity: "error",
    about: "A page of any origin is answered on a local address: with DNS rebinding it can call the tools.",
    source: `${TRANSPORT}, Security Warning`,
    fix: "Refuse requests whose Origin is not one of yours with 403.",
  },
  "token-unchecked": {
    severity: "error",
    about: "A made-up token is accepted.",
    source: `${AUTHORIZATION}, Token Handling; OAuth 2.1 §5.2`,
    fix: "Check signature, issuer, audience and expiry of every token.",
  },
  "token-status": {
    severity: "error",
    about: "A token that is not valid is refused with another status than 401, so clients do not get a new one.",
    source: `${AUTHORIZATION}, Token Handling; RFC 6750 §3.1`,
    fix: 'Answer 401 with WWW-Authenticate: Bearer error="invalid_token".',
  },
  "token-error": {
    severity: "warning",
    about: "The refusal of a token that is not valid does not say invalid_token.",
    source: "RFC 6750 §3.1",
    fix: 'Answer 401 with WWW-Authenticate: Bearer error="invalid_token".',
  },
  "token-in-query": {
    severity: "error",
    about: "A token in the query is read, and ends up in logs and histories.",
    source: `${AUTHORIZATION}, Access Token Usage; RFC 6750 §2.3`,
    fix: "Read tokens from the Authorization header only.",
  },
  "audience-unchecked": {
    severity: "error",
    about: "A token that was made for something else is accepted.",
    source: `${AUTHORIZATION}, Token Audience Binding and Validation; RFC 8707 §2`,
    fix: "Refuse tokens whose `aud` is not this resource.",
  },
  "scope-challenge": {
    severity: "warning",
    about: "A tool that needs more scopes refuses without saying which.",
    source: `${AUTHORIZATION}, Scope Challenge Handling; RFC 6750 §3.1`,
    fix: 'Answer 403 with WWW-Authenticate: Bearer error="insufficient_scope", scope="…", resource_metadata="…".',
  },
  "era-none": {
    severity: "error",
    about: "Neither server/discover nor initialize is answered as the protocol says.",
    source: `${TRANSPORT}; ${LIFECYCLE}`,
    fix: "Look whether this is the URL of an MCP endpoint.",
  },
  "era-modern": {
    severity: "info",
    about: "2026-07-28 is not spoken; clients must fall back to sessions.",
    source: "MCP 2026-07-28, Versioning",
    fix: "Answer server/discover.",
  },
  "era-legacy": {
    severity: "info",
    about: "initialize is not answered, so clients of before 2026-07-28 cannot come.",
    source: "MCP 2026-07-28, Backward Compatibility",
    fix: "Answer initialize too while such clients are in use.",
  },
  "era-lists": {
    severity: "warning",
    about: "The two eras of the protocol list different tools.",
    source: "MCP 2026-07-28, Tools",
    fix: "Offer the same tools to both, or say why not.",
  },
  "discover-result": {
    severity: "error",
    about: "The answer to server/discover lacks what it must have.",
    source: "MCP 2026-07-28, Discovery",
    fix: "Answer with supportedVersions and capabilities.",
  },
  "result-type": {
    severity: "error",
    about: "Results have no resultType.",
    source: "MCP 2026-07-28, Base Protocol, Results",
    fix: 'Add resultType: "complete".',
  },
  "cache-hints": {
    severity: "error",
    about: "Lists do not say how long and for whom they may be kept.",
    source: "MCP 2026-07-28, Caching",
    fix: "Add ttlMs and cacheScope to server/discover and to every list.",
  },
  "version-error": {
    severity: "error",
    about: "A version that nobody knows is not refused as it must be, so clients cannot agree on another.",
    source: "MCP 2026-07-28, Versioning",
    fix: "Answer 400 with the error -32022 and data.supported.",
  },
  "method-error": {
    severity: "error",
    about: "A method that nobody knows is not refused as it must be.",
    source: `${TRANSPORT}; JSON-RPC 2.0 §5.1`,
    fix: "Answer 404 with the error -32601.",
  },
  "header-body": {
    severity: "error",
    about: "What stands in the headers need not be what stands in the body, so who filters by headers is deceived.",
    source: `${TRANSPORT}, Standard Request Headers`,
    fix: "Answer 400 with the error -32020 when a header is missing or disagrees.",
  },
  batch: {
    severity: "error",
    about: "An array with one message in it is carried out, past who filters by messages.",
    source: `${TRANSPORT}; batches were removed in 2025-06-18`,
    fix: "Answer 400 to every body that is an array.",
  },
  "legacy-version": {
    severity: "error",
    about: "initialize with a version that nobody knows is not answered with one that is known.",
    source: `${LIFECYCLE}, Version Negotiation`,
    fix: "Answer with the newest version that you speak.",
  },
  "legacy-session": {
    severity: "error",
    about: "A session that does not exist is accepted, although sessions are given out.",
    source: "MCP 2025-11-25, Transports, Session Management",
    fix: "Answer 404 for a session that is not there.",
  },
  "unknown-tool": {
    severity: "error",
    about: "A tool that does not exist is called as if it did.",
    source: "MCP 2026-07-28, Tools, Error Handling",
    fix: "Answer with the error -32602.",
  },
  "list-call": {
    severity: "error",
    about: "A tool that is listed is not there when it is called.",
    source: "MCP 2026-07-28, Tools",
    fix: "Let the list and the call go by the same registry and the same authorization.",
  },
  "stack-trace": {
    severity: "warning",
    about: "An answer shows a stack trace.",
    source: "CWE-209; OWASP ASVS 5.0 V16.5",
    fix: "Answer errors in your own words; with Express set NODE_ENV=production.",
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof RULES;

/** A rule that is broken, and how that was seen. */
export interface Finding extends Rule {
  readonly rule: RuleId;
  readonly detail: string;
}

/** Details repeat what the other side sent. */
const MAX_DETAIL_CHARS = 400;

export function found(rule: RuleId, detail: string): Finding {
  return { rule, ...RULES[rule], detail: detail.length > MAX_DETAIL_CHARS ? `${detail.slice(0, MAX_DETAIL_CHARS)}…` : detail };
}

/** What came of one part of the examination. */
export interface Step {
  readonly name: string;
  readonly title: string;
  /** Why it was not made, or not all of it. */
  readonly skipped: readonly string[];
  readonly findings: readonly Finding[];
}
