import { hash } from "node:crypto";
import { refuse, type Refusal } from "../errors.ts";
import { canonicalJson } from "../lib/canonical-json.ts";
import { isRecord } from "../lib/is-record.ts";
import { isSecretName } from "../lib/secret-name.ts";
import { openSigned, signValue } from "../lib/secret.ts";
import type { InputRequest, InputRequired, RoundTripInput } from "../tool/index.ts";
import type { Call, CallRequest, Ended } from "./call.ts";
import { hasCapability, RequiredCapability } from "./capability.ts";

/** How long a client may take to answer. */
const STATE_TTL_MS = 10 * 60_000;
const CONTEXT = "mcp requestState";

/** What the state of one round is bound to: who asked, for what, with which arguments. */
function binding(request: CallRequest): string {
  const { caller } = request.principal;
  const { method, params } = request;
  const bound = [caller.clientId, caller.subject, caller.grantId, method, params["name"] ?? params["uri"], params["arguments"] ?? null];
  return hash("sha256", canonicalJson(bound), "base64url");
}

/** The answer `input_required` (MCP 2026-07-28 multi-round-trip requests), with a state that only this caller can bring back for this call. */
export function answerInputRequired(stateKey: Uint8Array, call: Call, asked: InputRequired): Ended {
  for (const request of Object.values(asked.requests)) {
    const needed = neededCapability(request);
    if (!hasCapability(call.request.meta.capabilities, needed)) throw new RequiredCapability(needed);
    refuseSecrets(call, request);
  }
  const members: string[] = [];
  if (Object.keys(asked.requests).length > 0) members.push(`"inputRequests":${JSON.stringify(asked.requests)}`);
  if (asked.state !== undefined || members.length === 0) {
    const sealed = { b: binding(call.request), e: call.at + STATE_TTL_MS, s: asked.state ?? null };
    members.push(`"requestState":${JSON.stringify(signValue(stateKey, sealed, CONTEXT))}`);
  }
  return { outcome: "input_required", answer: { type: "input_required", json: `{${members.join(",")}}` }, asked };
}

/** What is typed into a form passes through the client and the model's host, so a form may not ask for secrets (MCP 2026-07-28 elicitation). */
function refuseSecrets({ target }: Call, { method, params = {} }: InputRequest): void {
  if (method !== "elicitation/create" || params["mode"] === "url") return;
  const field = secretFieldOf(params["requestedSchema"]);
  if (field !== undefined)
    throw new TypeError(
      `${target?.name ?? "A declaration"} asks for "${field}" in a form. A form may not ask for secrets: use an elicitation with mode "url", or context.upstream`,
    );
}

/** The first field whose name, title or format says that it is a secret. */
function secretFieldOf(schema: unknown): string | undefined {
  const properties = isRecord(schema) ? schema["properties"] : undefined;
  for (const [name, field] of Object.entries(isRecord(properties) ? properties : {})) {
    const { title, format } = isRecord(field) ? field : {};
    if (format === "password" || isSecretName(name) || (typeof title === "string" && isSecretName(title))) return name;
    const inner = secretFieldOf(field);
    if (inner !== undefined) return `${name}.${inner}`;
  }
  return undefined;
}

function neededCapability(request: InputRequest): Record<string, object> {
  if (request.method === "sampling/createMessage") return { sampling: {} };
  if (request.method === "roots/list") return { roots: {} };
  return request.params["mode"] === "url" ? { elicitation: { url: {} } } : { elicitation: {} };
}

const NO_INPUT: RoundTripInput = { responses: {}, state: undefined };

/** What the client brought back. A state that was not made for this call and caller, or is too old, is refused. */
export function parseRoundTrip(stateKey: Uint8Array, request: CallRequest, now: number): RoundTripInput | Refusal {
  const { requestState, inputResponses } = request.params;
  if (requestState === undefined && inputResponses === undefined) return NO_INPUT;
  const responses = isRecord(inputResponses) ? inputResponses : {};
  if (requestState === undefined) return { responses, state: undefined };
  const opened = typeof requestState === "string" ? openSigned(stateKey, requestState, CONTEXT) : undefined;
  if (!isRecord(opened) || opened["b"] !== binding(request) || !(Number(opened["e"]) > now)) {
    return refuse("invalid_arguments", {
      message: "requestState was not made for this call, or is too old. Start the call again without it.",
    });
  }
  return { responses, state: opened["s"] ?? undefined };
}
