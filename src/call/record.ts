import { hash, randomBytes } from "node:crypto";
import { redact, type CallFact, type Ledger, type Problem } from "../audit/index.ts";
import { isRefusal } from "../errors.ts";
import { canonicalJson } from "../lib/canonical-json.ts";
import type { Clock } from "../lib/clock.ts";
import { escapeUnsafe } from "../lib/escape-unsafe.ts";
import { isRecord } from "../lib/is-record.ts";
import { concealed, type Target } from "../tool/index.ts";
import type { Call, CallRequest, Ended } from "./call.ts";
import { NO_SEAT } from "./running/index.ts";

/** What `record` needs to know about a decision. */
export interface Decided {
  readonly target: Target | undefined;
  readonly rule: string;
  readonly isAllowed: boolean;
  /** Id of the rule of the workspace's policy that the decision follows. */
  readonly policyRule?: string | undefined;
}

export interface Recorder {
  /** Starts the record of one request. Nothing is written yet. */
  begin(request: CallRequest, decided: Decided): Call;
  /** Puts on record, durably, that the call is about to act. Once a call; whoever asks again waits for the same. */
  intend(call: Call): Promise<void>;
  /** Puts on record, durably, how the call ended. */
  finish(call: Call, ended: Ended): Promise<void>;
}

// Decision ids are unique across restarts by their random front and within a process by their count.
const FRONT = randomBytes(9).toString("base64url");
const MAX_NAME_CHARS = 128;
const MAX_ARGUMENTS_CHARS = 16 * 1024;

export function createRecorder(ledger: Ledger, now: Clock): Recorder {
  let count = 0;

  return {
    begin(request, { target, rule, isAllowed, policyRule }) {
      const args = request.params["arguments"];
      return {
        seat: NO_SEAT,
        id: `dec_${FRONT}${(++count).toString(36)}`,
        at: now(),
        startedMs: performance.now(),
        request,
        target,
        rule,
        isAllowed,
        policyRule,
        ...(args === undefined ? NO_ARGUMENTS : argumentsOf(args, target)),
        intent: undefined,
        span: undefined,
      };
    },
    intend(call) {
      return (call.intent ??= ledger.append({ kind: "intent", ref: call.id, body: `{"v":1,"kind":"intent",${commonMembers(call)}}` }));
    },
    finish(call, ended) {
      const append = (kind: "call" | "outcome") => {
        const fact = factOfEnd(call, ended);
        const body = `{"v":1,"kind":"${kind}",${commonMembers(call)},${endMembers(fact, ended)}}`;
        return ledger.append({ kind, ref: kind === "outcome" ? call.id : null, body, fact });
      };
      // An outcome needs its intent on record; when that failed, so does this.
      return call.intent === undefined ? append("call") : call.intent.then(() => append("outcome"));
    },
  };
}

type Arguments = Pick<Call, "argumentsJson" | "environment">;

const NO_ARGUMENTS: Arguments = { argumentsJson: "", environment: "" };

function argumentsOf(args: unknown, target: Target | undefined): Arguments {
  // What is marked as sensitive is not in the digest either: a short secret could be found by trying.
  const open = target === undefined ? args : concealed(target, args);
  const digest = hash("sha256", canonicalJson(open), "hex");
  const fit = redact(open);
  const kept = JSON.stringify(fit);
  // The digest covers what is too much to keep.
  const isTooMuch = kept.length > MAX_ARGUMENTS_CHARS;
  const shown = isTooMuch ? `"(${kept.length} characters)"` : escapeUnsafe(kept);
  const environment = isRecord(fit) && !isTooMuch ? fit["environment_id"] : undefined;
  return {
    argumentsJson: `,"arguments":${shown},"arguments_digest":"${digest}"`,
    environment: typeof environment === "string" ? environment : "",
  };
}

/** What the record of a call will say, for those who follow the ledger: the same as they would read out of it. */
function factOfEnd(call: Call, { outcome, answer: told, refusal, problems = NO_PROBLEMS }: Ended): CallFact {
  const { request, target } = call;
  const { meta, params, principal } = request;
  const { clientId, subject, grantId, workspaceId } = principal.token;
  const answer = refusal ?? told;
  const missing = isRefusal(answer) ? answer.data?.["missing"] : undefined;
  const named = target === undefined ? (params["name"] ?? params["uri"]) : undefined;
  return {
    at: call.at,
    decision: call.id,
    allowed: call.isAllowed,
    rule: call.rule,
    method: cut(request.method),
    kind: target?.kind ?? "none",
    target: target?.name ?? "",
    named: typeof named === "string" ? cut(named) : undefined,
    effect: target?.effect,
    workspace: workspaceId,
    environment: principal.narrowing.environment ?? call.environment,
    agent: clientId,
    subject,
    grant: grantId,
    outcome,
    reason: isRefusal(answer) ? answer.refused : undefined,
    missing: typeof missing === "string" ? missing.split(" ") : NOTHING_MISSING,
    durationMs: Math.round((performance.now() - call.startedMs) * 1000) / 1000,
    resultBytes: isRefusal(answer) ? undefined : Buffer.byteLength(answer.json),
    protocol: cut(meta.protocol),
    client: meta.client === undefined ? "" : cut(meta.client),
    trace: meta.trace?.traceId,
    problems,
  };
}

const NO_PROBLEMS: readonly Problem[] = [];
const NOTHING_MISSING: readonly string[] = [];

function commonMembers(call: Call): string {
  const { request, target } = call;
  const { principal, meta } = request;
  return (
    `"at":${call.at},"decision":"${call.id}","allowed":${call.isAllowed},"rule":"${call.rule}",${call.policyRule === undefined ? "" : `"policy_rule":"${call.policyRule}",`}"method":${text(request.method)},` +
    targetMembers(request, target) +
    taskMember(request) +
    principal.recordJson +
    call.argumentsJson +
    (meta.trace === undefined ? "" : `,"trace":"${meta.trace.traceId}"`) +
    `,"protocol":${text(meta.protocol)}` +
    (meta.client === undefined ? "" : `,"client":${text(meta.client)}`)
  );
}

/** The task that the request runs in, or names. */
function taskMember({ task, params }: CallRequest): string {
  const id = task?.id ?? params["taskId"];
  return typeof id === "string" ? `"task":${text(id)},` : "";
}

/** The target as declared; for a name that is not known, the name as it came, cut short. */
function targetMembers(request: CallRequest, target: Target | undefined): string {
  if (target !== undefined)
    return `"${target.kind}":${JSON.stringify(target.name)},"effect":"${target.effect}","needed":${target.scopesJson},`;
  const named = request.params["name"] ?? request.params["uri"];
  return typeof named === "string" ? `"named":${text(named)},` : "";
}

function endMembers(fact: CallFact, { answer: told, refusal, noted }: Ended): string {
  const { outcome, durationMs, problems, missing, resultBytes } = fact;
  const answer = refusal ?? told;
  const end = `"outcome":"${outcome}"${noted === undefined ? "" : `,${JSON.stringify(noted).slice(1, -1)}`},"duration_ms":${durationMs}${problemsMember(problems)}`;
  if (isRefusal(answer)) {
    const fault = answer.data?.["fault"];
    const more = missing === NOTHING_MISSING ? "" : `,"missing":${JSON.stringify(missing)}`;
    return `${end},"reason":"${answer.refused}"${more}${typeof fault === "string" ? `,"fault":"${fault}"` : ""}`;
  }
  return `${end},"result_digest":"${hash("sha256", answer.json, "hex")}","result_bytes":${resultBytes}`;
}

function problemsMember(problems: readonly Problem[]): string {
  return problems.length === 0 ? "" : `,"problems":${escapeUnsafe(JSON.stringify(problems))}`;
}

/** The same few names stand in nearly all records. */
const texts = new Map<string, string>();
const MAX_TEXTS = 1000;

function text(value: string): string {
  const short = cut(value);
  let json = texts.get(short);
  if (json === undefined) {
    json = escapeUnsafe(JSON.stringify(short));
    if (texts.size >= MAX_TEXTS) texts.clear();
    texts.set(short, json);
  }
  return json;
}

function cut(value: string): string {
  return value.length > MAX_NAME_CHARS ? value.slice(0, MAX_NAME_CHARS) : value;
}
