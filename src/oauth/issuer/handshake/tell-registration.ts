import type { IncomingMessage } from "node:http";
import type { ConnectionProblem, Handshakes } from "../../../audit/index.ts";
import { OAuthError } from "../../oauth-error.ts";
import { withoutQuery } from "./authorize-problem.ts";
import { sourceOf } from "./observed.ts";

/** Tells of a client that registered itself, or could not. */
export function tellRegistration(handshakes: Handshakes, req: IncomingMessage, answer: object | OAuthError): void {
  const told = { step: "registration", source: sourceOf(req) } as const;
  if (!(answer instanceof OAuthError)) {
    const { client_id: id, client_name: name, redirect_uris: uris } = answer as Readonly<Record<string, unknown>>;
    const redirect = Array.isArray(uris) && typeof uris[0] === "string" ? withoutQuery(uris[0]) : undefined;
    handshakes.tell({ ...told, outcome: "passed", client: { id: textOf(id), name: textOf(name), redirect } });
    return;
  }
  handshakes.tell({ ...told, outcome: "failed", problem: problemOf(answer), facts: { detail: answer.error_description } });
}

function problemOf({ status, error }: OAuthError): ConnectionProblem {
  if (status === 429) return "registration_busy";
  if (error === "access_denied") return "registration_off";
  return error === "invalid_redirect_uri" ? "registration_redirect" : "registration_refused";
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
