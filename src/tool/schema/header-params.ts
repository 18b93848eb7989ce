import type { JsonSchema } from "../define-tool.ts";
import { createConcealer } from "./concealer.ts";

/** An argument that clients mirror into the header `Mcp-Param-{header}` (MCP 2026-07-28 `x-mcp-header`). */
export interface HeaderParam {
  /** Lower-case name of the whole header. */
  readonly header: string;
  readonly path: readonly string[];
  readonly type: "string" | "integer" | "boolean";
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const SENSITIVE = /token|secret|passw|credential|api[-_]?key|private|session|cookie|authorization|ssn|card/i;
const ANNOTATION = "x-mcp-header";

/**
 * The header parameters of an input schema, and what is wrong with them, a sentence each. One bad annotation makes clients
 * drop the whole tool, so each is a problem.
 */
export function collectHeaderParams(schema: JsonSchema): { readonly params: readonly HeaderParam[]; readonly problems: readonly string[] } {
  const params: HeaderParam[] = [];
  const problems: string[] = [];
  const reachable = new Set<unknown>();
  walkProperties(schema, [], (path, property) => {
    reachable.add(property);
    const name = property[ANNOTATION];
    if (name === undefined) return;
    const where = path.join(".");
    const type = property["type"];
    if (typeof name !== "string" || !TOKEN.test(name)) problems.push(`${where}: ${ANNOTATION} must be a header token (RFC 9110 §5.6.2)`);
    else if (type !== "string" && type !== "integer" && type !== "boolean") {
      problems.push(`${where}: ${ANNOTATION} is only for a string, integer or boolean`);
    } else if (SENSITIVE.test(name) || SENSITIVE.test(where)) {
      problems.push(`${where}: headers end up in proxies and their logs; do not mirror a secret with ${ANNOTATION}`);
    } else if (createConcealer(property) !== undefined) {
      problems.push(`${where}: what is marked as sensitive is not mirrored into a header; remove ${ANNOTATION}`);
    } else if (params.some((other) => other.header === `mcp-param-${name.toLowerCase()}`)) {
      problems.push(`${where}: ${ANNOTATION} "${name}" is used twice`);
    } else params.push({ header: `mcp-param-${name.toLowerCase()}`, path, type });
  });
  if (hasUnreachable(schema, reachable)) problems.push(`${ANNOTATION} is only for properties reached through "properties" alone`);
  return { params, problems };
}

function walkProperties(schema: JsonSchema, path: readonly string[], visit: (path: readonly string[], property: JsonSchema) => void): void {
  const properties = schema["properties"];
  if (!isSchema(properties)) return;
  for (const [name, property] of Object.entries(properties)) {
    if (!isSchema(property)) continue;
    visit([...path, name], property);
    walkProperties(property, [...path, name], visit);
  }
}

function hasUnreachable(value: unknown, reachable: ReadonlySet<unknown>): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (typeof (value as JsonSchema)[ANNOTATION] === "string" && !reachable.has(value)) return true;
  return Object.values(value).some((member) => hasUnreachable(member, reachable));
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
