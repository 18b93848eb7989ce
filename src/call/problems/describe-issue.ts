import { didYouMean } from "../../lib/did-you-mean.ts";
import type { Issue, JsonSchema } from "../../tool/index.ts";
import { propertiesAt, schemaAt, valueAt } from "./places.ts";
import { suggestionFor } from "./problems-of.ts";

/** One issue as a line for the model. */
export function describeIssue(issue: Issue, schema: JsonSchema, args: unknown): string {
  const place = issue.path === "" ? "/" : issue.path;
  if (issue.unknownKeys !== undefined) {
    const known = propertiesAt(schema, issue.path);
    return issue.unknownKeys.map((key) => unknownParameter(place, key, known)).join("\n");
  }
  const shape = shapeOf(schema, issue.path);
  const expected = shape === undefined || shape === issue.expected ? issue.expected : `${issue.expected} (${shape})`;
  const value = valueAt(args, issue.path);
  const suggestion = issue.code === "wrong_value" ? suggestionFor(issue, value) : undefined;
  const hint = suggestion === undefined ? "" : ` Did you mean ${JSON.stringify(suggestion)}?`;
  return `- ${place}: ${value === undefined ? "required, " : ""}expected ${expected}.${hint}`;
}

function unknownParameter(place: string, key: string, known: readonly string[]): string {
  const meant = didYouMean(key, known);
  // What the caller wrote is cut short: it comes from outside and is read by a model.
  const shown = JSON.stringify(key.slice(0, 40));
  const hint = meant === undefined ? `Known: ${known.join(", ") || "none"}.` : `Did you mean "${meant}"?`;
  return `- ${place}: ${shown} is not a parameter. ${hint}`;
}

/** The expected shape in a few words, with the description that the author gave. */
function shapeOf(schema: JsonSchema, path: string): string | undefined {
  const at = schemaAt(schema, path);
  if (at === undefined) return undefined;
  const type = typeof at["type"] === "string" ? at["type"] : undefined;
  const description = typeof at["description"] === "string" ? at["description"] : undefined;
  return [type, description].filter((part) => part !== undefined).join(": ") || undefined;
}
