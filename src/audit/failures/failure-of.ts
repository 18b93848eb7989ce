import { createHash } from "node:crypto";
import { isRecord } from "../../lib/is-record.ts";
import type { FailureCause, JsonSchema, RegisteredTool } from "../../tool/index.ts";
import { factOf, type CallFact, type FollowedRow, type Problem } from "../call-fact.ts";
import { redact } from "../redact.ts";

/** One thing that one call did wrong. */
export interface Failure {
  /** The same for all that went wrong in the same way in the same workspace. */
  readonly id: string;
  readonly cause: FailureCause;
  readonly target: string;
  readonly path: string;
  readonly detail: string;
  readonly expected: string;
  readonly suggestion: string;
  readonly fact: CallFact;
}

/** Stands for names that are no names: too long, or with spaces and other signs. Who reads the clusters reads no prose of a caller. */
export const OTHER_NAME = "(other)";

const NAME = /^[A-Za-z0-9_$.:/{}?=&-]{1,64}$/;
const UNKNOWN: Readonly<Record<string, FailureCause>> = {
  "tools/call": "unknown_tool",
  "prompts/get": "unknown_prompt",
  "resources/read": "unknown_resource",
};
const CAUSES: readonly FailureCause[] = [
  "unknown_parameter",
  "wrong_type",
  "wrong_value",
  "missing_parameter",
  "out_of_range",
  "wrong_format",
  "invalid",
];

/** In most records nothing went wrong; where no fact comes along these are told apart before they are parsed. */
const HINT = /"outcome":"invalid_arguments"|"reason":"(?:not_known|insufficient_scope|challenge_repeated)"/;
const REASONS: readonly (string | undefined)[] = ["not_known", "insufficient_scope", "challenge_repeated"];

type Tools = ReadonlyMap<string, Pick<RegisteredTool, "input">>;

/** What the call of a record did wrong; mostly nothing. */
export function failuresOf(row: Pick<FollowedRow, "body" | "fact">, tools: Tools): Failure[] {
  if (row.fact === undefined && !HINT.test(row.body)) return [];
  const fact = factOf(row);
  if (fact === undefined) return [];
  if (fact.outcome === "invalid_arguments") {
    const schema = tools.get(fact.target)?.input.schema ?? {};
    return fact.problems.map((problem) => ofProblem(fact, problem, schema));
  }
  if (!REASONS.includes(fact.reason)) return [];
  if (fact.missing.length > 0)
    return fact.missing.map((scope) => made(fact, { cause: "missing_scope", target: fact.target, detail: scope }));
  const unknown = fact.reason === "not_known" && fact.named !== undefined ? UNKNOWN[fact.method] : undefined;
  return unknown === undefined ? [] : [made(fact, { cause: unknown, target: plainName(fact.named ?? "") })];
}

function ofProblem(fact: CallFact, problem: Problem, schema: JsonSchema): Failure {
  const { path, expected = "", suggestion = "", received = "" } = problem;
  const cause = CAUSES.find((known) => known === problem.code) ?? "invalid";
  const parts = path.split("/").slice(1);
  if (cause === "unknown_parameter") {
    const name = plainName((parts.pop() ?? "").replaceAll("~1", "/").replaceAll("~0", "~"));
    return made(fact, { cause, target: fact.target, path: placeOf(parts, schema), detail: name, suggestion });
  }
  return made(fact, { cause, target: fact.target, path: placeOf(parts, schema), detail: received, expected, suggestion });
}

type Said = Pick<Failure, "cause" | "target"> & Partial<Failure>;

function made(fact: CallFact, { cause, target, path = "", detail = "", expected = "", suggestion = "" }: Said): Failure {
  const key = JSON.stringify([fact.workspace, cause, target, path, detail]);
  const id = `fail_${createHash("sha256").update(key).digest("base64url").slice(0, 22)}`;
  return { id, cause, target, path, detail, expected, suggestion, fact };
}

/** The place as the schema has it: positions in lists, and names that the schema does not declare, are all the same place. */
function placeOf(parts: readonly string[], schema: JsonSchema): string {
  let at: unknown = schema;
  let place = "";
  for (const part of parts) {
    const properties = isRecord(at) ? at["properties"] : undefined;
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    const isDeclared = isRecord(properties) && Object.hasOwn(properties, name);
    place += isDeclared ? `/${part}` : "/*";
    at = isDeclared ? properties[name] : isRecord(at) ? (at["items"] ?? at["additionalProperties"]) : undefined;
  }
  return place;
}

function plainName(name: string): string {
  return NAME.test(name) && redact(name) === name ? name : OTHER_NAME;
}
