import { parse } from "yaml";
import { isRecord } from "../../lib/is-record.ts";
import { scanJson } from "../../lib/json-scanner.ts";

/** What a document from anywhere may cost. */
const MAX_CHARS = 4 * 1024 * 1024;
const MAX_NODES = 300_000;
const MAX_DEPTH = 64;
const MAX_ALIASES = 100;

export type Member = Readonly<Record<string, unknown>>;

/** An OpenAPI document as data: no code in it is run, nothing outside of it is read. A sentence when it cannot be used. */
export function readDocument(text: string): Member | string {
  if (text.length > MAX_CHARS) return `it is larger than ${MAX_CHARS} characters`;
  const value = text.trimStart().startsWith("{") ? parseJson(text) : parseYaml(text);
  if (typeof value === "string") return value;
  if (!isRecord(value.value)) return "it is no OpenAPI document";
  const document = value.value;
  if (isTooMuch(document)) return `it is deeper than ${MAX_DEPTH} or has more than ${MAX_NODES} parts, counting what its aliases repeat`;
  if (document["swagger"] !== undefined) return "it is Swagger 2.0; convert it to OpenAPI 3 first";
  const version = document["openapi"];
  if (typeof version !== "string" || !/^3\.[012]\.\d{1,3}$/.test(version)) return "it does not say that it is OpenAPI 3.0 or 3.1";
  return document;
}

function parseJson(text: string): { readonly value: unknown } | string {
  const problem = scanJson(text, { maxDepth: MAX_DEPTH, maxKeys: MAX_NODES, maxTokens: 2 * MAX_NODES, uniqueKeysToDepth: MAX_DEPTH });
  if (problem !== undefined) return problem;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // What opens with a brace may still be YAML.
    return parseYaml(text);
  }
}

const INDENT = /^[ -]*/;

function parseYaml(text: string): { readonly value: unknown } | string {
  if (isDeepYaml(text)) return `it is deeper than ${MAX_DEPTH}`;
  try {
    // Tags make nothing but plain data in this schema, and merge keys are not followed.
    return {
      value: parse(text, {
        schema: "core",
        maxAliasCount: MAX_ALIASES,
        uniqueKeys: true,
        merge: false,
        logLevel: "error",
        prettyErrors: false,
      }) as unknown,
    };
  } catch (error) {
    if (error instanceof RangeError) return "it is too deep";
    if (error instanceof ReferenceError) return "its aliases repeat too much, or name nothing";
    return "it is neither YAML nor JSON";
  }
}

/** Before it is parsed, as parsing takes time that grows faster than depth. Counts more than there is, never less. */
function isDeepYaml(text: string): boolean {
  let open = 0;
  for (const line of text.split("\n")) {
    if ((INDENT.exec(line)?.[0].length ?? 0) > 8 * MAX_DEPTH) return true;
    for (const character of line) {
      if (character === "[" || character === "{") open++;
      else if ((character === "]" || character === "}") && open > 0) open--;
      if (open > 4 * MAX_DEPTH) return true;
    }
  }
  return false;
}

function isTooMuch(root: unknown): boolean {
  let nodes = 0;
  const visit = (value: unknown, depth: number): boolean => {
    nodes++;
    if (nodes > MAX_NODES || depth > MAX_DEPTH) return true;
    return typeof value === "object" && value !== null && Object.values(value).some((member) => visit(member, depth + 1));
  };
  return visit(root, 0);
}

const MAX_HOPS = 16;

/**
 * The value, or what its local `$ref` names. A sentence when that leads nowhere, in a circle, or out of the document: nothing is ever fetched
 * because a document says so.
 */
export function follow(document: Member, value: unknown): { readonly value: unknown; readonly ref?: string } | string {
  let at = value;
  let last: string | undefined;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const ref = isRecord(at) && Object.hasOwn(at, "$ref") ? at["$ref"] : undefined;
    if (ref === undefined) return { value: at, ...(last === undefined ? {} : { ref: last }) };
    if (typeof ref !== "string" || !ref.startsWith("#/")) return "it refers to something outside of the document, which is not read";
    const found = resolvePointer(document, ref);
    if (found === undefined) return "it refers to something that is not in the document";
    last = ref;
    at = found;
  }
  return "its references go in a circle";
}

function resolvePointer(document: Member, ref: string): unknown {
  let at: unknown = document;
  for (const part of ref.slice(2).split("/")) {
    const name = unescapePointer(part);
    if (name === undefined || typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Member)[name];
  }
  return at;
}

function unescapePointer(part: string): string | undefined {
  try {
    return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return undefined;
  }
}
