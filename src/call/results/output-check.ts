import { isRecord } from "../../lib/is-record.ts";
import { createValidator, type JsonSchema, type RegisteredTool } from "../../tool/index.ts";

/** What a client may check about the structured results of a tool. */
export interface OutputCheck {
  fits(value: unknown): boolean;
  /** Whether a cursor may stand in the member `next_cursor` of the value. */
  readonly takesCursor: boolean;
}

const checks = new WeakMap<RegisteredTool, OutputCheck>();

/**
 * Checks by the schema that clients are shown: what else the author's own code demands, such as that a count equals a length, is about the
 * whole value, and the whole value has passed it.
 */
export function outputCheck(target: RegisteredTool): OutputCheck {
  let check = checks.get(target);
  if (check === undefined) checks.set(target, (check = createCheck(target.output?.schema ?? {})));
  return check;
}

function createCheck(schema: JsonSchema): OutputCheck {
  const validator = createValidator(schema, "output");
  const { properties } = schema;
  const cursor: unknown = isRecord(properties) ? properties[CURSOR_MEMBER] : undefined;
  return { fits: (value) => validator.validate(value).ok, takesCursor: isRecord(cursor) && isFreeString(cursor) };
}

export const CURSOR_MEMBER = "next_cursor";

const NARROWING = ["pattern", "maxLength", "enum", "const", "format"];

function isFreeString(schema: JsonSchema): boolean {
  const { type, anyOf, oneOf } = schema;
  const choices: readonly unknown[] = [...(Array.isArray(anyOf) ? anyOf : []), ...(Array.isArray(oneOf) ? oneOf : [])];
  if (choices.some((choice) => isRecord(choice) && isFreeString(choice))) return true;
  return (type === "string" || (Array.isArray(type) && type.includes("string"))) && !NARROWING.some((keyword) => keyword in schema);
}
