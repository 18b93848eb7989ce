import { didYouMean } from "../lib/did-you-mean.ts";
import { isRecord } from "../lib/is-record.ts";
import type { Issue, JsonSchema, RegisteredTool } from "../tool/index.ts";
import type { Grant } from "./authorize.ts";

declare const validated: unique symbol;

/** Arguments that fit the tool's input schema, with the grant they were checked under. Only `validate` makes one. */
export interface Input {
  readonly [validated]: true;
  readonly grant: Grant<RegisteredTool>;
  readonly value: unknown;
}

/** The input, or a text for the model: where, what was expected, an example, and the name that was probably meant. */
export function validate(grant: Grant<RegisteredTool>, args: unknown): Input | { readonly invalid: string } {
  const { target } = grant;
  const result = target.input.validate(args);
  if (result.ok) return { grant, value: result.value } as unknown as Input;
  const lines = result.issues.map((issue) => describe(issue, target.input.schema, args));
  const example = JSON.stringify(target.tool.examples[0].input);
  return { invalid: `The arguments of ${target.name} do not fit:\n${lines.join("\n")}\nExample: ${example}` };
}

function describe(issue: Issue, schema: JsonSchema, args: unknown): string {
  const place = issue.path === "" ? "/" : issue.path;
  const known = propertiesAt(schema, issue.path);
  if (issue.unknownKeys !== undefined) {
    return issue.unknownKeys.map((key) => unknownParameter(place, key, known)).join("\n");
  }
  const shape = shapeOf(schema, issue.path);
  const expected = shape === undefined || shape === issue.expected ? issue.expected : `${issue.expected} (${shape})`;
  const isMissing = valueAt(args, issue.path) === undefined;
  return `- ${place}: ${isMissing ? "required, " : ""}expected ${expected}.`;
}

function unknownParameter(place: string, key: string, known: readonly string[]): string {
  const meant = didYouMean(key, known);
  // What the caller wrote is cut short: it comes from outside and is read by a model.
  const shown = JSON.stringify(key.slice(0, 40));
  const hint = meant === undefined ? `Known: ${known.join(", ") || "none"}.` : `Did you mean "${meant}"?`;
  return `- ${place}: ${shown} is not a parameter. ${hint}`;
}

function partsOf(path: string): string[] {
  return path
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function schemaAt(schema: JsonSchema, path: string): JsonSchema | undefined {
  let at: unknown = schema;
  for (const part of partsOf(path)) {
    if (!isRecord(at)) return undefined;
    const properties = at["properties"];
    at = isRecord(properties) && Object.hasOwn(properties, part) ? properties[part] : at["items"];
  }
  return isRecord(at) ? at : undefined;
}

function propertiesAt(schema: JsonSchema, path: string): string[] {
  const properties = schemaAt(schema, path)?.["properties"];
  return isRecord(properties) ? Object.keys(properties) : [];
}

/** The expected shape in a few words, with the description that the author gave. */
function shapeOf(schema: JsonSchema, path: string): string | undefined {
  const at = schemaAt(schema, path);
  if (at === undefined) return undefined;
  const type = typeof at["type"] === "string" ? at["type"] : undefined;
  const description = typeof at["description"] === "string" ? at["description"] : undefined;
  return [type, description].filter((part) => part !== undefined).join(": ") || undefined;
}

function valueAt(value: unknown, path: string): unknown {
  let at = value;
  for (const part of partsOf(path)) {
    if (Array.isArray(at)) at = at[Number(part)];
    else if (isRecord(at) && Object.hasOwn(at, part)) at = at[part];
    else return undefined;
  }
  return at;
}
