/** What went wrong, in a sentence, and what helps. `{name}` is a fact of the step. */
export interface ProblemText {
  readonly says: string;
  readonly remedy: string;
}

const AGAIN = "Connect again in the client.";

export const PROBLEMS = {
  // At the MCP endpoint.
  token_in_query: {
    says: "The client sent its token in the query of the URL.",
    remedy: "Have it send the header Authorization: Bearer, and revoke that token: URLs end up in logs.",
  },
  token_expired: { says: "The token had expired, {late} before it was sent.", remedy: "The client must refresh it, or sign in again." },
  token_clock: {
    says: "The token begins {early} from now: the clock of who issued it, or of this server, is wrong.",
    remedy: "Set both clocks by NTP. This server's clock says {now}.",
  },
  token_audience: {
    says: "The token was issued for {given}; here it must be for {expected}.",
    remedy: "Ask for the token with resource={expected} (RFC 8707).",
  },
  token_issuer: {
    says: "The token comes from {given}; here only {expected} is trusted.",
    remedy: "Enter {resource} in the client, so that it finds the right authorization server, or set REMIT_EXTERNAL_ISSUER.",
  },
  token_no_jwt: {
    says: "What the client sent as a token is none of this server: it is an API key, or a token of another server.",
    remedy: "Remove the header from the client's configuration, so that it signs in; or put in a token of remit token issue.",
  },
  token_invalid: {
    says: "The token is signed by no key of this server, or it was revoked.",
    remedy: "Sign in again in the client. remit audit search shows who revoked it.",
  },
  proof_invalid: {
    says: "The token is bound to a key, and the proof of it (DPoP) was missing or not for this request.",
    remedy: "The proof must name the method and the URL {expected}, and be new for each request (RFC 9449 §4.2).",
  },
  scope_missing: {
    says: "It is connected, but {tool} needs {missing}, which was not granted.",
    remedy: "Connect again and tick that permission, or grant the agent the scope.",
  },
  // On the way to the authorization server.
  host_wrong: {
    says: "The client reached this server as {given}, which is not one of its names.",
    remedy: "Enter {expected} in the client, or set REMIT_URL to the address by which it is reached.",
  },
  metadata_not_here: {
    says: "The client looked for metadata at {given}, where none is.",
    remedy: "Enter {expected} in the client, with its path.",
  },
  // Registration.
  registration_off: {
    says: "The client tried to register itself, and that is switched off here.",
    remedy: "Make it an agent with remit agent create and enter its client id, or set REMIT_REGISTRATION=on.",
  },
  registration_redirect: {
    says: "The client registered an address to come back to that is not allowed: {detail}.",
    remedy: "It must be https, loopback http, or a scheme of an app, without a fragment.",
  },
  registration_refused: { says: "The registration was not accepted: {detail}.", remedy: "That is for whoever makes the client." },
  registration_busy: { says: "This network registers clients too often.", remedy: "Wait a minute, then connect again." },
  // The authorization request.
  client_unknown: {
    says: "There is no client {given} here: it was removed, or the client remembers another server's id.",
    remedy: "Remove the connection in the client and add it again, so that it registers anew.",
  },
  client_document: {
    says: "The client names itself by the document {given}, which could not be read or is not valid.",
    remedy: "Open that address: it must be reachable from here over https, and its client_id must be its own address.",
  },
  redirect_wrong: {
    says: "The client wants to come back to {given}, which is not registered for it.",
    remedy: "Register exactly that address for the client. Registered: {expected}.",
  },
  pkce_missing: {
    says: "The request has no code_challenge (PKCE).",
    remedy: "The client must use PKCE with S256 (RFC 7636). Update it; older versions do not.",
  },
  pkce_plain: { says: "The request uses PKCE by the method {given}.", remedy: "Only S256 is taken (OAuth 2.1 §7.5.2)." },
  resource_wrong: {
    says: "The client asked for a token for {given}; the one resource here is {expected}.",
    remedy: "Enter {expected} in the client, byte for byte.",
  },
  scope_unknown: {
    says: "The client asked for scopes of which it may have none: {given}.",
    remedy: "Ask for some of scopes_supported in the metadata, or for none.",
  },
  response_type: { says: "The client asked for {given}; only response_type=code is offered.", remedy: "Update the client." },
  request_refused: { says: "The request was not accepted: {detail}.", remedy: "That is for whoever makes the client." },
  // The person.
  sign_in_failed: {
    says: "The person could not sign in.",
    remedy: "remit account link EMAIL makes a link that signs them in once.",
  },
  person_refused: { says: "The person refused.", remedy: "Nothing is wrong. Connect again if that was not meant." },
  // The token request.
  secret_wrong: {
    says: "The client did not prove to be {given}.",
    remedy: "Check its secret or key; one that is lost is replaced by making the agent anew.",
  },
  assertion_clock: {
    says: "The client's signed assertion is not valid now: its clock or ours is wrong by {off}.",
    remedy: "Set both clocks by NTP. This server's clock says {now}.",
  },
  code_expired: { says: "The code was redeemed {late} after it was given; it lives {life}.", remedy: AGAIN },
  code_used: {
    says: "The code was used before. What was issued for it has ended, as somebody may have stolen it.",
    remedy: `${AGAIN} If it comes up again, two processes of the client share one sign-in.`,
  },
  code_unknown: { says: "The code is none of this server.", remedy: AGAIN },
  code_client: { says: "The code was given to another client.", remedy: AGAIN },
  redirect_differs: {
    says: "The token request names another redirect_uri ({given}) than the authorization request ({expected}).",
    remedy: "That is for whoever makes the client: both must be the same.",
  },
  verifier_wrong: {
    says: "The code_verifier does not fit the code_challenge.",
    remedy: `${AGAIN} If it comes up again, two processes of the client share one sign-in.`,
  },
  refresh_dead: {
    says: "The refresh token has ended: it was used before, not used for too long, or revoked.",
    remedy: "Sign in again in the client.",
  },
  grant_unsupported: { says: "The client may not use {given} here.", remedy: "remit agent list shows what it may use." },
  token_refused: { says: "The token request was refused: {detail}.", remedy: AGAIN },
  // Nothing more came.
  challenge_left: {
    says: "The client was told where to sign in, and did nothing about it.",
    remedy: "It does not know OAuth for MCP: give it a token in the header Authorization, or connect it through mcp-remote.",
  },
  metadata_left: {
    says: "The client read the metadata and went no further.",
    remedy: "It does not accept what the metadata says: compare the address entered in the client with {expected}, byte for byte.",
  },
  registration_left: {
    says: "The client registered and then opened no sign-in.",
    remedy: "Look for a blocked browser window, then connect again.",
  },
  authorize_left: { says: "The sign-in was opened and left.", remedy: AGAIN },
  sign_in_left: { says: "Nobody signed in.", remedy: "remit account link EMAIL makes a link that signs them in once." },
  consent_left: { says: "Nobody decided whether to let the client in, or it never came back for its token.", remedy: AGAIN },
  token_left: {
    says: "The client has a token, and made no request with it.",
    remedy: "Restart the client; some use a new connection only then.",
  },
} as const satisfies Readonly<Record<string, ProblemText>>;

export type Problem = keyof typeof PROBLEMS;
