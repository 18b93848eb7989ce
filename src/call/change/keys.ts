import { canonicalJson } from "../../lib/canonical-json.ts";
import { createId } from "../../lib/id.ts";
import { isRecord } from "../../lib/is-record.ts";
import { hmac, sha256Hex } from "../../lib/secret.ts";
import type { ChangeEntryRow } from "../../store/index.ts";
import type { RegisteredTool } from "../../tool/index.ts";
import type { Call, Ended } from "../call.ts";
import { errorAnswer } from "../run.ts";
import type { ChangeDeps } from "./change-deps.ts";

/** Member of `_meta` in which a client gives the key of a change. */
const KEY = "dev.remit/idempotency_key";
const MAX_KEY_CHARS = 200;
/** How long a key that was given is remembered. */
const GIVEN_MS = 24 * 3_600_000;
/** Without a key, the same call by the same agent within so long is taken for one that was sent again. */
const DERIVED_MS = 60_000;

/** Idempotency keys: given by the client, or made of the call itself. */
export interface Keys {
  /** The entry of a new change; undefined when the key that was given is none. */
  newRow(call: Call, made: { readonly id: string; readonly target: RegisteredTool }): ChangeEntryRow | undefined;
  /** Whether the process that runs this change is gone. */
  isAbandoned(row: ChangeEntryRow): boolean;
  underWay(): Ended;
}

export function createKeys({ nodeId, now, changeKey }: ChangeDeps): Keys {
  const instance = `${nodeId}:${createId("ins")}`;
  return {
    newRow({ id: decision, request }, { id, target }) {
      const { principal, params } = request;
      const meta = params["_meta"];
      const given = isRecord(meta) ? meta[KEY] : undefined;
      if (given !== undefined && (typeof given !== "string" || given === "" || given.length > MAX_KEY_CHARS)) return undefined;
      const { workspaceId, clientId, subject, environments } = principal.caller;
      const args = params["arguments"] ?? {};
      // A caller that is kept in environments is not answered with what it did outside them.
      // Keyed, since arguments may hold a secret that could be found by trying.
      const digest = hmac(changeKey, canonicalJson(["arguments", args, environments ?? null])).toString("hex");
      const at = now();
      const replayUntil = at + (given === undefined ? DERIVED_MS : GIVEN_MS);
      return {
        id,
        workspace_id: workspaceId,
        client_id: clientId,
        subject,
        tool: target.name,
        key_hash: keyHash(request, { given, digest, decision }),
        arguments_digest: digest,
        state: "running",
        decision,
        instance,
        sealed_answer: null,
        sealed_undo: null,
        undo_until: null,
        sealed_summary: null,
        undone_at: null,
        created_at: at,
        replay_until: replayUntil,
        expires_at: replayUntil,
      };
    },
    // A process of our name that is not this one has stopped: there is only one at a time.
    isAbandoned: ({ instance: other }) => other !== instance && other.startsWith(`${nodeId}:`),
    underWay: () => ({
      outcome: "tool_error",
      answer: errorAnswer("The same call is under way. Wait for its answer; nothing was done twice."),
    }),
  };
}

interface Made {
  readonly given: string | undefined;
  readonly digest: string;
  readonly decision: string;
}

/** A task that goes on is one call, whose runs are kept apart by the task itself. */
function keyHash({ task }: Call["request"], { given, digest, decision }: Made): string {
  if (task?.input !== undefined) return sha256Hex(`run ${decision}`);
  return given === undefined ? derivedHash(digest) : sha256Hex(`given ${given}`);
}

function derivedHash(argumentsDigest: string): string {
  return sha256Hex(`derived ${argumentsDigest}`);
}

/** Whether the key was made of the call itself. */
export function isDerived({ key_hash, arguments_digest }: ChangeEntryRow): boolean {
  return key_hash === derivedHash(arguments_digest);
}

export function keyProblem(): Ended {
  return { outcome: "invalid_arguments", answer: errorAnswer(`_meta["${KEY}"] must be a text of 1 to ${MAX_KEY_CHARS} characters.`) };
}
