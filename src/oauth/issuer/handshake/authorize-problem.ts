import { difference, type ConnectionProblem } from "../../../audit/index.ts";
import type { ClientRow } from "../../../store/index.ts";

/** An authorization request as the client made it. */
export interface Asked {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string | undefined;
  readonly method: string | undefined;
  readonly resources: readonly string[];
  readonly scope: string;
  readonly responseType: string;
  /** Pushed before (RFC 9126): the rest is not here. */
  readonly isPushed: boolean;
}

export function askedOf(params: URLSearchParams): Asked {
  return {
    clientId: params.get("client_id") ?? "",
    redirectUri: params.get("redirect_uri") ?? "",
    challenge: params.get("code_challenge") ?? undefined,
    method: params.get("code_challenge_method") ?? undefined,
    resources: params.getAll("resource"),
    scope: params.get("scope") ?? "",
    responseType: params.get("response_type") ?? "",
    isPushed: params.has("request_uri"),
  };
}

export interface Refused {
  readonly error: string;
  readonly description: string;
  /** As far as it is known. */
  readonly client: ClientRow | undefined;
  readonly resource: string;
}

export interface Trouble {
  readonly problem: ConnectionProblem;
  readonly facts: Readonly<Record<string, string | undefined>>;
}

/** Why an authorization request was refused, as its client needs to know it. */
export function authorizeProblem(asked: Asked, { error, description, client, resource }: Refused): Trouble {
  const { clientId, redirectUri, challenge, method, resources, scope, responseType, isPushed } = asked;
  if (error === "invalid_client" || /client is invalid/i.test(description))
    return { problem: clientId.startsWith("https://") ? "client_document" : "client_unknown", facts: { given: clientId } };
  if (error === "invalid_redirect_uri" || /redirect_uri/.test(description)) {
    const registered = redirectUrisOf(client);
    const given = withoutQuery(redirectUri);
    return {
      problem: "redirect_wrong",
      facts: { given, expected: registered.join(", ") || "none", differs: difference(given, registered) },
    };
  }
  if (error === "invalid_target") {
    const given = withoutQuery(resources.find((each) => each !== resource) ?? "");
    return { problem: "resource_wrong", facts: { given, expected: resource, differs: difference(given, [resource]) } };
  }
  if (error === "invalid_scope") return { problem: "scope_unknown", facts: { given: scope } };
  if (error === "unsupported_response_type") return { problem: "response_type", facts: { given: responseType } };
  if (error === "access_denied") return { problem: "person_refused", facts: {} };
  if (!isPushed && challenge === undefined) return { problem: "pkce_missing", facts: {} };
  if (!isPushed && method !== "S256") return { problem: "pkce_plain", facts: { given: method ?? "plain" } };
  return { problem: "request_refused", facts: { detail: description || error } };
}

function redirectUrisOf(client: ClientRow | undefined): readonly string[] {
  if (client === undefined) return [];
  const { redirect_uris: uris } = JSON.parse(client.metadata) as { readonly redirect_uris?: unknown };
  return Array.isArray(uris) ? uris.filter((uri) => typeof uri === "string") : [];
}

/** An address without what may be a secret in it. */
export function withoutQuery(uri: string): string {
  return uri.split(/[?#]/, 1)[0] ?? "";
}
