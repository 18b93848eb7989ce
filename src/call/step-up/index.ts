/** What becomes of a request that lacks a scope, for the one who sent it. */
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ScopeCatalogue } from "../../tool/index.ts";
import type { CallRequest, Ended } from "../call.ts";
import { createChallengeCounts, MAX_CHALLENGES, WINDOW_MINUTES } from "./challenge-counts.ts";

/** How a caller is told that a scope is missing, so that whoever is behind it can grant more: by a challenge, in band, or at last not at all. */
export interface StepUp {
  /** The end of a request that may be one for a scope, in the form in which this caller is told. Each challenge counts. */
  tell(request: CallRequest, ended: Ended): Ended;
  /** Whether there is a refusal and it would be told by the status of HTTP now. Counts nothing. */
  isChallenge(request: CallRequest, refusal: Refusal | undefined): boolean;
}

export interface StepUpDeps {
  readonly scopes: ScopeCatalogue;
  readonly now: Clock;
}

export function createStepUp({ scopes, now }: StepUpDeps): StepUp {
  const challenged = createChallengeCounts(now);

  return {
    tell(request, ended) {
      const { answer } = ended;
      if (!isRefusal(answer) || answer.refused !== "insufficient_scope") return ended;
      if (!challenged.add(keyOf(request, answer))) {
        const message = stopText(scopes, request, answer);
        const capped = refuse("challenge_repeated", { message, data: answer.data ?? {} });
        return request.method === "tools/call" ? inBand(capped, message) : { ...ended, answer: capped };
      }
      return isInBand(request) ? inBand(answer, askText(scopes, request, answer), answer.headers?.["www-authenticate"]) : ended;
    },
    isChallenge: (request, refusal) =>
      refusal?.refused === "insufficient_scope" && !isInBand(request) && !challenged.isFull(keyOf(request, refusal)),
  };
}

function isInBand({ principal, method }: CallRequest): boolean {
  return method === "tools/call" && principal.token.challenge === "in_band";
}

/** The message names the target and what is missing, so that a grant of a part of it counts as progress. */
function keyOf({ principal: { caller }, method }: CallRequest, refusal: Refusal): string {
  return JSON.stringify([caller.grantId, caller.subject, method, refusal.message]);
}

/** A result that the model reads; on record it stays the refusal that it tells. */
function inBand(refusal: Refusal, text: string, challenge?: string): Ended {
  const meta = challenge === undefined ? {} : { _meta: { "mcp/www_authenticate": [challenge] } };
  const json = JSON.stringify({ ...meta, content: [{ type: "text", text }], isError: true });
  return { outcome: "refused", answer: { type: "complete", json }, refusal };
}

function askText(scopes: ScopeCatalogue, request: CallRequest, refusal: Refusal): string {
  const then = isForPerson(request)
    ? "Tell your person, and ask whether they want to allow it: they sign in again with this client and consent. Then call it again."
    : "Tell the operator of this server, who can allow it to this agent. Call it again once that is done.";
  return `${refusal.message} ${meaning(scopes, refusal)} ${then}`;
}

function stopText(scopes: ScopeCatalogue, request: CallRequest, refusal: Refusal): string {
  const whom = isForPerson(request) ? "your person or the operator of this server" : "the operator of this server";
  return (
    `${refusal.message} ${meaning(scopes, refusal)} This was asked for ${MAX_CHALLENGES} times within ${WINDOW_MINUTES} minutes and ` +
    `was not granted. Ask ${whom} to grant it, and do not try again before they have.`
  );
}

/** The scopes that are missing, in the words that people read before they consent. */
function meaning({ declarations }: ScopeCatalogue, { data }: Refusal): string {
  const missing = typeof data?.["missing"] === "string" ? data["missing"].split(" ") : [];
  return missing.map((scope) => `${scope} means: ${declarations[scope]?.description ?? scope}`).join(" ");
}

function isForPerson({ principal: { caller } }: CallRequest): boolean {
  return caller.subject !== caller.clientId;
}
