import { hash, randomBytes } from "node:crypto";
import { redact, type Ledger, type Problem } from "../audit/index.ts";
import { isRefusal } from "../errors.ts";
import { canonicalJson } from "../lib/canonical-json.ts";
import type { Clock } from "../lib/clock.ts";
import { escapeUnsafe } from "../lib/escape-unsafe.ts";
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
        argumentsJson: args === undefined ? "" : argumentsMembers(args, target),
        intent: undefined,
        span: undefined,
      };
    },
    intend(call) {
      return (call.intent ??= ledger.append({ kind: "intent", ref: call.id, body: `{"v":1,"kind":"intent",${commonMembers(call)}}` }));
    },
    finish(call, ended) {
      const append = (kind: "call" | "outcome") => {
        const body = `{"v":1,"kind":"${kind}",${commonMembers(call)},${endMembers(call, ended)}}`;
        return ledger.append({ kind, ref: kind === "outcome" ? call.id : null, body });
      };
      // An outcome needs its intent on record; when that failed, so does this.
      return call.intent === undefined ? append("call") : call.intent.then(() => append("outcome"));
    },
  };
}

function argumentsMembers(args: unknown, target: Target | undefined): string {
  // What is marked as sensitive is not in the digest either: a short secret could be found by trying.
  const open = target === undefined ? args : concealed(target, args);
  const digest = hash("sha256", canonicalJson(open), "hex");
  const kept = JSON.stringify(redact(open));
  // The digest covers what is too much to keep.
  const shown = kept.length > MAX_ARGUMENTS_CHARS ? `"(${kept.length} characters)"` : escapeUnsafe(kept);
  return `,"arguments":${shown},"arguments_digest":"${digest}"`;
}

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

function endMembers(call: Call, { outcome, answer: told, refusal, noted, problems = [] }: Ended): string {
  const answer = refusal ?? told;
  const duration = (performance.now() - call.startedMs).toFixed(3);
  const end = `"outcome":"${outcome}"${noted === undefined ? "" : `,${JSON.stringify(noted).slice(1, -1)}`},"duration_ms":${duration}${problemsMember(problems)}`;
  if (isRefusal(answer)) {
    const { missing, fault } = answer.data ?? {};
    const more = typeof missing === "string" ? `,"missing":${JSON.stringify(missing.split(" "))}` : "";
    return `${end},"reason":"${answer.refused}"${more}${typeof fault === "string" ? `,"fault":"${fault}"` : ""}`;
  }
  return `${end},"result_digest":"${hash("sha256", answer.json, "hex")}","result_bytes":${Buffer.byteLength(answer.json)}`;
}

function problemsMember(problems: readonly Problem[]): string {
  return problems.length === 0 ? "" : `,"problems":${escapeUnsafe(JSON.stringify(problems))}`;
}

function text(value: string): string {
  return escapeUnsafe(JSON.stringify(value.length > MAX_NAME_CHARS ? value.slice(0, MAX_NAME_CHARS) : value));
}
