import { redact, type Problem } from "../../audit/index.ts";
import { didYouMean } from "../../lib/did-you-mean.ts";
import type { Issue, RegisteredTool } from "../../tool/index.ts";
import { pointerOf, propertiesAt, valueAt } from "./places.ts";

/** More of one call says nothing more. */
const MAX_PROBLEMS = 8;
const MAX_PATH_CHARS = 128;
const MAX_EXPECTED_CHARS = 160;

/**
 * What is wrong with arguments, in the form for the record: where, what was expected, which type came. No value is in it: what is suggested
 * are names and values that the tool declares.
 */
export function problemsOf(target: RegisteredTool, issues: readonly Issue[], args: unknown): Problem[] {
  return issues.flatMap((issue) => toProblems(target, issue, args)).slice(0, MAX_PROBLEMS);
}

function toProblems(target: RegisteredTool, issue: Issue, args: unknown): Problem[] {
  const { code, path: place } = issue;
  if (issue.unknownKeys !== undefined) {
    const known = propertiesAt(target.input.schema, place);
    return issue.unknownKeys.map((key) => {
      const path = shortened(pointerOf(place, String(redact(key))), MAX_PATH_CHARS);
      return { path, code, ...suggested(didYouMean(key, known)) };
    });
  }
  const value = valueAt(args, place);
  const expected = shortened(issue.expected, MAX_EXPECTED_CHARS);
  const path = shortened(place, MAX_PATH_CHARS);
  if (value === undefined && place !== "") return [{ path, code: "missing_parameter", expected }];
  // Which declared value a secret is near to says something about it.
  const suggestion = target.concealer?.conceals(place) === true ? undefined : suggestionFor(issue, value);
  return [{ path, code, expected, received: typeOf(value), ...suggested(suggestion) }];
}

/** What was likely meant, in words of the declaration. */
export function suggestionFor({ code, expected, options = [] }: Issue, value: unknown): string | undefined {
  if (code === "wrong_value" && typeof value === "string") {
    const names = options.filter((option) => typeof option === "string");
    return didYouMean(value, names);
  }
  if (code !== "wrong_type") return undefined;
  const isNumeral = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
  if (isNumeral && /^(?:number|int|integer)$/.test(expected)) return "the number without quotes";
  if ((value === "true" || value === "false") && expected === "boolean") return "true or false without quotes";
  if (typeof value === "number" && expected === "string") return "the same in quotes";
  if (expected === "array" && value !== null && value !== undefined) return "a list, also for one item";
  return undefined;
}

/** The name of the JSON type. */
function typeOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function suggested(suggestion: string | undefined): Pick<Problem, "suggestion"> {
  return suggestion === undefined ? {} : { suggestion };
}

function shortened(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars - 1)}…` : text;
}
