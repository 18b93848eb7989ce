import { isRecord } from "../../lib/is-record.ts";
import { cleanText } from "./clean-text.ts";
import { follow, type Member } from "./read-document.ts";

/** What one tool's schemas may hold together: a registry takes somewhat more. */
const MAX_PARTS = 600;
const MAX_DEPTH = 10;
const MAX_MEMBERS = 100;
const MAX_VALUES = 200;
const MAX_TEXT = 600;

export interface Converting {
  readonly document: Member;
  /** Told of what was left out, a sentence each. */
  note(text: string): void;
  parts: number;
}

type Schema = Record<string, unknown>;

interface Place {
  readonly depth: number;
  /** References that lead here. */
  readonly within: readonly string[];
}

const TYPES = new Set(["string", "number", "integer", "boolean", "array", "object", "null"]);
const COUNTS = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];
const NUMBERS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
const FORMATS = new Set(["date", "date-time", "email", "uuid", "uri", "time", "ipv4", "ipv6"]);

/** A schema of the document as plain JSON Schema 2020-12, with everything that it refers to in its place. Only keywords that are known are taken. */
export function convertSchema(to: Converting, schema: unknown, { depth, within }: Place = { depth: 0, within: [] }): Schema {
  to.parts++;
  const found = follow(to.document, schema);
  if (typeof found === "string") {
    to.note(`a schema is left open: ${found}`);
    return {};
  }
  const { value, ref } = found;
  if (!isRecord(value)) return {};
  if (ref !== undefined && within.includes(ref)) {
    to.note("a schema that contains itself is left open where it begins anew");
    return {};
  }
  if (depth > MAX_DEPTH || to.parts > MAX_PARTS) {
    to.note("a large or deep schema is left open where it becomes too much");
    return {};
  }
  const inside = { depth: depth + 1, within: ref === undefined ? within : [...within, ref] };
  return { ...plainOf(to, value), ...membersOf(to, value, inside), ...combinedOf(to, value, inside) };
}

function plainOf(to: Converting, schema: Member): Schema {
  const out: Schema = {};
  const types = (Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]]).filter(
    (type) => typeof type === "string" && TYPES.has(type),
  );
  if (schema["nullable"] === true && types.length > 0) types.push("null");
  const unique = [...new Set(types)];
  if (unique.length > 0) out["type"] = unique.length === 1 ? unique[0] : unique;
  const description = cleanText(schema["description"], MAX_TEXT);
  if (description !== "") out["description"] = description;
  for (const keyword of COUNTS) if (isCount(schema[keyword])) out[keyword] = schema[keyword];
  for (const keyword of NUMBERS)
    if (Number.isFinite(schema[keyword]) && (keyword !== "multipleOf" || Number(schema[keyword]) > 0)) out[keyword] = schema[keyword];
  // OpenAPI 3.0 says with a flag what 3.1 says with the number.
  for (const [flag, bound] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (schema[flag] !== true || out[bound] === undefined) continue;
    out[flag] = out[bound];
    delete out[bound];
  }
  Object.assign(out, valuesOf(to, schema));
  if (schema["uniqueItems"] === true) out["uniqueItems"] = true;
  const { format, pattern } = schema;
  if (typeof format === "string" && FORMATS.has(format)) out["format"] = format;
  // Kept out of the ledger and of explanations.
  if (schema["writeOnly"] === true || format === "password") out["writeOnly"] = true;
  if (typeof pattern === "string") {
    if (isModestPattern(pattern)) out["pattern"] = pattern;
    else to.note("a pattern that may take long to match, or is none, is left out");
  }
  return out;
}

const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;

function valuesOf(to: Converting, schema: Member): Schema {
  const { enum: listed, const: only, default: usual } = schema;
  const isPlain = (value: unknown): boolean =>
    value === null ||
    typeof value === "boolean" ||
    Number.isFinite(value) ||
    (typeof value === "string" && value.length <= 200 && cleanText(value, 200) === value);
  const out: Schema = {};
  if (Array.isArray(listed) && listed.length > 0) {
    const values = [...new Set(listed.filter(isPlain))].slice(0, MAX_VALUES);
    if (values.length === new Set(listed).size) out["enum"] = values;
    else to.note("a list of allowed values is left out: it is too long, or holds what cannot be shown");
  }
  if (Object.hasOwn(schema, "const") && isPlain(only)) out["const"] = only;
  if (Object.hasOwn(schema, "default") && isPlain(usual)) out["default"] = usual;
  return out;
}

const MAX_PATTERN_CHARS = 100;

/** No groups, alternatives or references, and at most one repetition without an end: such a pattern matches in time that grows with the text. */
function isModestPattern(pattern: string): boolean {
  if (pattern.length > MAX_PATTERN_CHARS || /[()|]|\\[1-9k]/.test(pattern)) return false;
  if ((pattern.replace(/\\./g, "").match(/[*+]|\{\d+,\d*\}/g) ?? []).length > 1) return false;
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

/** Not one that every object has already, which would be found where nothing was given. */
function isMemberName(name: string): boolean {
  return name !== "" && name.length <= 100 && !(name in Object.prototype) && cleanText(name, 100) === name;
}

function membersOf(to: Converting, schema: Member, inside: Place): Schema {
  const out: Schema = {};
  const { properties, required, additionalProperties: others, items } = schema;
  if (isRecord(properties)) {
    const taken = Object.entries(properties).filter(([name, of]) => isMemberName(name) && !(isRecord(of) && of["readOnly"] === true));
    if (taken.length > MAX_MEMBERS) to.note(`of ${taken.length} members the first ${MAX_MEMBERS} are taken`);
    const converted = taken.slice(0, MAX_MEMBERS).map(([name, of]) => [name, convertSchema(to, of, inside)] as const);
    out["properties"] = Object.fromEntries(converted);
    const names = new Set(converted.map(([name]) => name));
    const needed = Array.isArray(required) ? required.filter((name) => typeof name === "string" && names.has(name)) : [];
    if (needed.length > 0) out["required"] = [...new Set(needed)];
    if (out["type"] === undefined && schema["type"] === undefined) out["type"] = "object";
  }
  if (typeof others === "boolean") out["additionalProperties"] = others;
  else if (isRecord(others)) out["additionalProperties"] = convertSchema(to, others, inside);
  if (isRecord(items)) out["items"] = convertSchema(to, items, inside);
  else if (schema["type"] === "array") out["items"] = {};
  return out;
}

function combinedOf(to: Converting, schema: Member, inside: Place): Schema {
  const out: Schema = {};
  for (const keyword of ["allOf", "anyOf", "oneOf"]) {
    const list = schema[keyword];
    if (Array.isArray(list) && list.length > 0) out[keyword] = list.slice(0, 20).map((each) => convertSchema(to, each, inside));
  }
  return out;
}
