import assert from "node:assert/strict";
import type { AuditRecord } from "../audit/index.ts";
import { isRecord } from "../lib/is-record.ts";

/** An answer as it was on the wire. */
export interface Answered {
  /** Of HTTP. */
  readonly status: number;
  /** The header `WWW-Authenticate`, which says what a caller lacks. */
  readonly challenge: string | undefined;
  /** The JSON-RPC result; undefined when there is an error. */
  readonly result: Readonly<Record<string, unknown>> | undefined;
  readonly error: Readonly<Record<string, unknown>> | undefined;
  /** Notifications that were streamed before it: progress, parts and log messages. */
  readonly streamed: readonly Readonly<Record<string, unknown>>[];
}

/** A call that was made, what was decided, and what is on record. Each assertion gives the call back, so that they can be chained. */
export interface TestCall<O> extends Answered {
  /** The structured content, which fits the output schema; undefined when there is none. */
  readonly value: O;
  /** The text that a model reads. */
  readonly text: string;
  /** The record of the call, or of how it ended. */
  readonly record: AuditRecord;
  /** Why it was allowed or not: the members of the record that say so. */
  readonly decision: {
    readonly allowed: boolean;
    /** Such as `all_scopes_held` or `scope_missing`. */
    readonly rule: string;
    readonly needed: readonly string[];
    readonly held: readonly string[];
    readonly missing: readonly string[];
  };
  /** It ran, and answered this value, when one is given. */
  assertOk(value?: O): TestCall<O>;
  /** It was refused before anything ran: for this rule, for want of exactly these scopes. */
  assertRefused(why?: { readonly rule?: string; readonly missing?: readonly string[] }): TestCall<O>;
  /** It waits for a person. Nothing was done. */
  assertHeld(): TestCall<O>;
  /** It was allowed, and the tool, or the check of its arguments, answered with an error that reads so. */
  assertError(text?: string | RegExp): TestCall<O>;
  /** Its record has these members. */
  assertRecord(members: Readonly<Record<string, unknown>>): TestCall<O>;
}

interface Called {
  readonly name: string;
  readonly answered: Answered;
  readonly record: AuditRecord;
}

export function createTestCall<O>({ name, answered, record }: Called): TestCall<O> {
  const text = textOf(answered);
  const outcome = String(record["outcome"]);
  const decision = decisionOf(record);
  const told = `${name}: ${outcome} (${decision.rule}${lacking(decision.missing)}) — ${text === "" ? JSON.stringify(answered.error ?? {}) : text}`;
  const call: TestCall<O> = {
    ...answered,
    // The server has checked it against the output schema.
    value: answered.result?.["structuredContent"] as O,
    text,
    record,
    decision,
    assertOk(value) {
      assert.equal(outcome, "ok", `it was not carried out. ${told}`);
      if (value !== undefined) assert.deepEqual(call.value, value);
      return call;
    },
    assertRefused({ rule, missing } = {}) {
      assert.equal(outcome, "refused", `it was not refused. ${told}`);
      if (rule !== undefined) assert.equal(decision.rule, rule, told);
      if (missing !== undefined) assert.deepEqual([...decision.missing].sort(), [...missing].sort(), told);
      return call;
    },
    assertHeld() {
      assert.equal(outcome, "held", `it is not held. ${told}`);
      return call;
    },
    assertError(wanted) {
      assert.match(outcome, /^(tool_error|invalid_arguments)$/, `it did not answer with an error. ${told}`);
      if (wanted instanceof RegExp) assert.match(text, wanted);
      else if (wanted !== undefined) assert.ok(text.includes(wanted), `${JSON.stringify(wanted)} is not in what it said. ${told}`);
      return call;
    },
    assertRecord(members) {
      const found = Object.fromEntries(Object.keys(members).map((member) => [member, record[member]]));
      assert.deepEqual(found, members, `the record of ${name} is not like this`);
      return call;
    },
  };
  return call;
}

function lacking(missing: readonly string[]): string {
  return missing.length === 0 ? "" : `: ${missing.join(", ")}`;
}

function decisionOf(record: AuditRecord): TestCall<unknown>["decision"] {
  return {
    allowed: record["allowed"] === true,
    rule: String(record["rule"]),
    needed: namesIn(record["needed"]),
    held: namesIn(record["held"]),
    missing: namesIn(record["missing"]),
  };
}

function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
}

function textOf({ result }: Answered): string {
  const content = Array.isArray(result?.["content"]) ? (result["content"] as readonly unknown[]) : [];
  return content.flatMap((block) => (isRecord(block) && typeof block["text"] === "string" ? [block["text"]] : [])).join("\n");
}
