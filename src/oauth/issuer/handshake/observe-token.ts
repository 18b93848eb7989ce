import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { claimsOf, type Signal } from "../../../audit/index.ts";
import type { OAuthError } from "../../oauth-error.ts";
import type { FormRequest } from "../form-request.ts";
import { GRANTS } from "../grants/index.ts";
import { sourceOf, type Answered, type Memory, type ObserverDeps } from "./observed.ts";
import { tokenProblem, type GivenCode } from "./token-problem.ts";

/** Tells of token requests; `codes` are those that were given. */
export function observeTokens({ handshakes, resource, now, codeSeconds }: ObserverDeps, codes: Memory<GivenCode>) {
  function token({ form, authorization }: Pick<FormRequest, "form" | "authorization">, { req, res, problem, client }: Answered): void {
    const clientId = clientOf(form, authorization);
    const given = form.get("code");
    const code = given === null ? undefined : codes.get(given);
    const grant = knownGrant(form.get("grant_type") ?? "");
    const told: Omit<Signal, "outcome"> = {
      step: "token",
      source: sourceOf(req),
      client: { id: clientId || undefined },
      traces: given === null ? [] : [`code:${given}`],
    };
    if (res.statusCode < 400) {
      if (code !== undefined) code.isUsed = true;
      handshakes.tell({ ...told, outcome: "passed", facts: { grant }, isRoutine: grant !== "authorization_code" });
      return;
    }
    const { error, description } = problem ?? { error: "invalid_request", description: "" };
    const verifier = form.get("code_verifier");
    const trouble = tokenProblem(form, {
      error,
      description,
      isKnown: client !== undefined,
      clientId,
      code,
      challenge: verifier === null ? undefined : createHash("sha256").update(verifier).digest("base64url"),
      resource,
      now: now(),
      codeSeconds,
    });
    if (code !== undefined) code.isUsed = true;
    if (trouble !== undefined) handshakes.tell({ ...told, outcome: "failed", ...trouble });
  }

  /** A token request that did not get as far as the engine. */
  function refused(req: IncomingMessage, { error, error_description: detail }: OAuthError): void {
    const problem = error === "invalid_dpop_proof" ? "proof_invalid" : "token_refused";
    handshakes.tell({ step: "token", outcome: "failed", problem, source: sourceOf(req), facts: { detail } });
  }

  return { token, refused };
}

/** What a client may send there is anything. */
function knownGrant(grant: string): string {
  return GRANTS.has(grant) ? grant : "another grant";
}

/** Who the client says it is. */
function clientOf(form: URLSearchParams, authorization: string | undefined): string {
  const [, basic] = /^basic +(\S+)$/i.exec(authorization ?? "") ?? [];
  const [user = ""] = basic === undefined ? [] : Buffer.from(basic, "base64").toString().split(":");
  const named = form.get("client_id") ?? (user === "" ? textOf(claimsOf(form.get("client_assertion") ?? "")?.["sub"]) : decoded(user));
  return named ?? "";
}

/** RFC 6749 §2.3.1. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
