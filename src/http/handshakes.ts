/** What the edge sees of clients that connect: challenges, documents, and tokens that are not taken. */
import type { IncomingMessage } from "node:http";
import { claimsOf, duration, type Handshakes, type Signal } from "../audit/index.ts";
import type { Refusal } from "../errors.ts";
import { systemClock } from "../lib/clock.ts";
import { addressOf } from "../lib/client-address/index.ts";

export interface Edge {
  readonly handshakes: Handshakes | undefined;
  /** The public origin. */
  readonly url: string;
}

/** A caller that was let in with a token that was not seen before. */
export function tellAdmitted({ handshakes }: Edge, req: IncomingMessage, clientId: string): void {
  handshakes?.tell({ step: "first_request", outcome: "passed", source: sourceOf(req), client: { id: clientId }, isRoutine: true });
}

/** A caller whose token is missing, or is none. */
export function tellRefused({ handshakes, url }: Edge, req: IncomingMessage, { refused }: Refusal): void {
  if (handshakes === undefined) return;
  const source = sourceOf(req);
  switch (refused) {
    case "missing_token":
      return void handshakes.tell({ step: "challenge", outcome: "passed", source });
    case "token_in_wrong_place":
      return void handshakes.tell({ step: "first_request", outcome: "failed", problem: "token_in_query", source });
    case "invalid_dpop_proof":
      return void handshakes.tell({
        step: "first_request",
        outcome: "failed",
        problem: "proof_invalid",
        source,
        facts: { expected: `${url}/mcp` },
      });
    case "invalid_token":
      return void handshakes.tell({ step: "first_request", outcome: "failed", source, ...tokenTrouble(req, url) });
    default:
  }
}

/** A document that clients read on their way. */
export function tellDocument({ handshakes }: Edge, req: IncomingMessage): void {
  handshakes?.tell({ step: "metadata", outcome: "passed", source: sourceOf(req), facts: { document: pathOf(req) } });
}

/** A request that no path, or no name of this server, is there for. */
export function tellNowhere({ handshakes, url }: Edge, req: IncomingMessage, { refused }: Refusal): void {
  const path = pathOf(req);
  if (handshakes === undefined || !isOnTheWay(path)) return;
  const told = { step: path === "/mcp" ? "challenge" : "metadata", outcome: "failed", source: sourceOf(req) } as const;
  if (refused === "host_not_allowed")
    handshakes.tell({ ...told, problem: "host_wrong", facts: { given: req.headers.host ?? "(no host)", expected: `${url}/mcp` } });
  // Clients look for documents in several places; what is in none of them is told by the metadata that is for this server.
  else if (refused === "not_found" && path.startsWith(PROTECTED_RESOURCE))
    handshakes.tell({ ...told, problem: "metadata_not_here", facts: { given: path, expected: `${url}/mcp` } });
}

const PROTECTED_RESOURCE = "/.well-known/oauth-protected-resource/";

function isOnTheWay(path: string): boolean {
  return path === "/mcp" || path.startsWith("/.well-known/");
}

/** What a token says of itself, to explain why it was not taken. */
function tokenTrouble(req: IncomingMessage, url: string): Pick<Signal, "problem" | "facts" | "client"> {
  const [, token = ""] = /^(?:bearer|dpop) +(\S+)/i.exec(req.headers.authorization ?? "") ?? [];
  const claims = claimsOf(token);
  if (claims === undefined) return { problem: "token_no_jwt" };
  const { iss, aud, exp, nbf, iat, client_id: id } = claims;
  const now = systemClock();
  const client = typeof id === "string" ? { client: { id } } : {};
  const begins = Math.max(0, ...[nbf, iat].filter((at) => typeof at === "number")) * 1000;
  if (iss !== url) return { ...client, problem: "token_issuer", facts: { given: textOf(iss), expected: url } };
  if (!audiences(aud).includes(`${url}/mcp`))
    return { ...client, problem: "token_audience", facts: { given: textOf(audiences(aud)[0]), expected: `${url}/mcp` } };
  if (begins > now + LEEWAY_MS)
    return { ...client, problem: "token_clock", facts: { early: duration(begins - now), now: new Date(now).toISOString() } };
  if (typeof exp === "number" && exp * 1000 <= now)
    return { ...client, problem: "token_expired", facts: { late: duration(now - exp * 1000) } };
  return { ...client, problem: "token_invalid" };
}

const LEEWAY_MS = 30_000;

function audiences(aud: unknown): readonly unknown[] {
  return Array.isArray(aud) ? aud : [aud];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? (value.split(/[?#]/, 1)[0] ?? "") : "nobody";
}

function pathOf(req: IncomingMessage): string {
  return req.url?.split("?", 1)[0] ?? "/";
}

function sourceOf(req: IncomingMessage): Signal["source"] {
  return { address: addressOf(req), userAgent: req.headers["user-agent"] };
}
