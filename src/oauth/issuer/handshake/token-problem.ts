import { claimsOf, duration } from "../../../audit/index.ts";
import { GRANTS } from "../grants/index.ts";
import type { FormRequest } from "../form-request.ts";
import type { Trouble } from "./authorize-problem.ts";

/** What is remembered of a code: what its token request has to fit. */
export interface GivenCode {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string | undefined;
  readonly at: number;
  isUsed: boolean;
}

export interface TokenRefused {
  readonly error: string;
  readonly description: string;
  /** Whether there is a client of this id. */
  readonly isKnown: boolean;
  readonly clientId: string;
  readonly code: GivenCode | undefined;
  /** S256 of the code verifier (RFC 7636 §4.2); undefined without one. */
  readonly challenge: string | undefined;
  readonly resource: string;
  readonly now: number;
  readonly codeSeconds: number;
}

/** Why a token request was refused; undefined for what is no trouble, such as a device that still waits. */
export function tokenProblem(form: FormRequest["form"], refused: TokenRefused): Trouble | undefined {
  const { error, description, clientId, resource } = refused;
  const grant = form.get("grant_type") ?? "";
  switch (error) {
    case "authorization_pending":
    case "slow_down":
    case "use_dpop_nonce":
      return undefined;
    case "invalid_client":
      return clientProblem(form, refused);
    case "invalid_target":
      return { problem: "resource_wrong", facts: { given: (form.get("resource") ?? "").split(/[?#]/, 1)[0], expected: resource } };
    case "invalid_scope":
      return { problem: "scope_unknown", facts: { given: form.get("scope") ?? "" } };
    case "unsupported_grant_type":
    case "unauthorized_client":
      return { problem: "grant_unsupported", facts: { given: GRANTS.has(grant) ? grant : "that grant" } };
    case "invalid_dpop_proof":
      return { problem: "proof_invalid", facts: {} };
    case "invalid_grant":
      if (grant === "authorization_code") return codeProblem(form, refused);
      return { problem: grant === "refresh_token" ? "refresh_dead" : "token_refused", facts: { detail: description } };
    default:
      if (grant === "authorization_code" && !form.has("code_verifier")) return { problem: "verifier_wrong", facts: {} };
      return { problem: "token_refused", facts: { detail: description, given: clientId } };
  }
}

function clientProblem(form: FormRequest["form"], { isKnown, clientId, now }: TokenRefused): Trouble {
  const claims = claimsOf(form.get("client_assertion") ?? "");
  const offMs = claims === undefined ? 0 : clockOffMs(claims, now);
  if (offMs !== 0) return { problem: "assertion_clock", facts: { off: duration(offMs), now: new Date(now).toISOString() } };
  if (isKnown) return { problem: "secret_wrong", facts: { given: clientId } };
  return { problem: clientId.startsWith("https://") ? "client_document" : "client_unknown", facts: { given: clientId || "(none named)" } };
}

function codeProblem(form: FormRequest["form"], { code, challenge, clientId, now, codeSeconds }: TokenRefused): Trouble {
  if (code === undefined) return { problem: "code_unknown", facts: {} };
  const lateMs = now - code.at;
  if (code.isUsed) return { problem: "code_used", facts: {} };
  if (lateMs > codeSeconds * 1000)
    return { problem: "code_expired", facts: { late: duration(lateMs), life: duration(codeSeconds * 1000) } };
  if (code.clientId !== clientId) return { problem: "code_client", facts: {} };
  const redirectUri = form.get("redirect_uri") ?? "";
  if (code.redirectUri !== redirectUri) {
    const [given, expected] = [redirectUri, code.redirectUri].map((uri) => uri.split(/[?#]/, 1)[0]);
    return { problem: "redirect_differs", facts: { given: given || "none", expected } };
  }
  if (code.challenge !== challenge) return { problem: "verifier_wrong", facts: {} };
  return { problem: "token_refused", facts: { detail: "the code fits; the person or the grant has changed since" } };
}

const LEEWAY_MS = 30_000;

/** By how much an assertion is from the future, or from the past; 0 when its instants fit. */
function clockOffMs({ exp, iat, nbf }: Readonly<Record<string, unknown>>, now: number): number {
  const begins = [iat, nbf].filter((at) => typeof at === "number").map((at) => at * 1000);
  const early = Math.max(0, ...begins.map((at) => at - now));
  if (early > LEEWAY_MS) return early;
  return typeof exp === "number" && now - exp * 1000 > LEEWAY_MS ? now - exp * 1000 : 0;
}
