import { isRecord } from "../../lib/is-record.ts";
import { createValidator, type JsonSchema } from "../../tool/index.ts";
import type { Place } from "../places.ts";
import type { ToolView } from "../rule.ts";

interface BadExample {
  readonly parameter?: string;
  readonly message: string;
}

/** Examples and defaults that the schema beside them refuses. */
export function* badExamples(tool: ToolView): Generator<BadExample> {
  for (const { title, input } of tool.declared?.examples ?? []) {
    const problem = refusalOf(tool.inputSchema, input);
    if (problem !== undefined) yield { message: `The example "${title}" does not fit the input schema${problem}.` };
  }
  for (const input of listOf(tool.inputSchema["examples"])) {
    const problem = refusalOf(tool.inputSchema, input);
    if (problem !== undefined) yield { message: `An example does not fit the input schema${problem}.` };
  }
  for (const place of tool.places) {
    for (const [what, value] of valuesGiven(place)) {
      const problem = refusalOf(withDefinitions(place.schema, tool.inputSchema), value);
      if (problem === undefined) continue;
      yield {
        parameter: place.path,
        message: `The ${what} of "${place.path}", ${JSON.stringify(value).slice(0, 60)}, does not fit its own schema${problem}.`,
      };
    }
  }
}

function valuesGiven({ schema }: Place): readonly (readonly [what: string, value: unknown])[] {
  const defaults = schema["default"] === undefined ? [] : [["default", schema["default"]] as const];
  return [...defaults, ...listOf(schema["examples"]).map((value) => ["example", value] as const)];
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function withDefinitions(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const kept = Object.fromEntries(
    ["$defs", "definitions"].flatMap((keyword) => (isRecord(root[keyword]) ? [[keyword, root[keyword]]] : [])),
  );
  return { ...kept, ...schema };
}

const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};
/** Keywords that do not change which values fit. */
const SILENT = new Set([
  "type",
  "description",
  "title",
  "default",
  "examples",
  "format",
  "$comment",
  "deprecated",
  "readOnly",
  "writeOnly",
]);

/** Why a value does not fit, with a leading colon; undefined when it does, or when the schema cannot be compiled, which is told elsewhere. */
function refusalOf(schema: JsonSchema, value: unknown): string | undefined {
  const kind = typeof schema["type"] === "string" ? KINDS[schema["type"]] : undefined;
  // Most defaults are plain; compiling a schema for each would take most of the time.
  if (kind !== undefined && Object.keys(schema).every((keyword) => SILENT.has(keyword)))
    return kind(value) ? undefined : `: expected ${String(schema["type"])}`;
  try {
    const result = createValidator(schema, "input").validate(value);
    if (result.ok) return undefined;
    const [issue] = result.issues;
    return `: ${issue?.path ? `at ${issue.path}, ` : ""}expected ${issue?.expected ?? "another value"}`;
  } catch {
    return undefined;
  }
}
