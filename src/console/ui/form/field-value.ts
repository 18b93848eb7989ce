/** What a form holds is the value itself; `undefined` is "omitted", which is neither null nor empty. */
import { isRecord } from "../json/index.ts";
import { describeField, type Field } from "./describe-field.ts";
import { asList, asRecord, resolve, type Schema } from "./resolve.ts";

/** Deeper than this a value is begun only when somebody asks, and a schema that requires itself ends. */
const DEEPEST_START = 4;

/** What a field begins with when it is no longer omitted: its default, or the least that has its shape. */
export function startValue(root: Schema, schema: unknown, depth = 0): unknown {
  const field = describeField(root, schema);
  if ("default" in field.schema) return structuredClone(field.schema["default"]);
  if (field.kind === "object") return startObject(root, field.schema, depth);
  if (field.kind === "array")
    return Array.from({ length: Number(field.schema["minItems"] ?? 0) || 0 }, (_, at) => startItem(root, field.schema, { at, depth }));
  if (field.kind === "choice") return startValue(root, field.variants[0], depth + 1);
  return plainStart(field);
}

function plainStart(field: Field): unknown {
  if (field.kind === "enum") return field.options[0];
  if (field.kind === "number" || field.kind === "integer") return Number(field.schema["minimum"] ?? 0);
  if (field.kind === "boolean") return false;
  return field.kind === "null" || (field.kind === "any" && field.isNullable) ? null : "";
}

function startObject(root: Schema, schema: Schema, depth: number): Schema {
  if (depth >= DEEPEST_START) return {};
  return Object.fromEntries(
    propertiesOf(root, schema)
      .filter(({ isRequired }) => isRequired)
      .map(({ name, schema: property }) => [name, startValue(root, property, depth + 1)]),
  );
}

function startItem(root: Schema, schema: Schema, { at, depth }: { readonly at: number; readonly depth: number }): unknown {
  return depth >= DEEPEST_START ? null : startValue(root, itemSchema(schema, at), depth + 1);
}

/** What a call begins with: the constants and defaults of what is required; the person writes the rest. */
export function startArguments(root: Schema): Schema {
  const begun = propertiesOf(root, resolve(root, root)).flatMap(({ name, schema, isRequired }) => {
    const field = describeField(root, schema);
    const isSettled = "default" in field.schema || "const" in field.schema;
    return isRequired && isSettled ? [[name, startValue(root, schema)] as const] : [];
  });
  return Object.fromEntries(begun);
}

export interface Property {
  readonly name: string;
  readonly schema: unknown;
  readonly isRequired: boolean;
}

/** In the order of the schema. */
export function propertiesOf(root: Schema, schema: Schema): readonly Property[] {
  const required = asList(schema["required"]);
  const declared = Object.entries(asRecord(schema["properties"])).map(([name, each]) => ({
    name,
    schema: each,
    isRequired: required.includes(name),
  }));
  const undeclared = required.filter((name): name is string => typeof name === "string" && declared.every((each) => each.name !== name));
  return [...declared, ...undeclared.map((name) => ({ name, schema: extraSchema(schema) ?? {}, isRequired: true }))];
}

/** The schema of properties that have no name in the schema; undefined where there may be none. */
export function extraSchema(schema: Schema): unknown {
  const { additionalProperties, patternProperties } = schema;
  if (isRecord(additionalProperties)) return additionalProperties;
  const [pattern] = Object.values(asRecord(patternProperties));
  if (pattern !== undefined) return pattern;
  return additionalProperties === true || (additionalProperties === undefined && schema["properties"] === undefined) ? {} : undefined;
}

export function itemSchema(schema: Schema, at: number): unknown {
  return asList(schema["prefixItems"])[at] ?? schema["items"] ?? {};
}

/** The object with one property changed, in place; `undefined` takes it away. The order of the others stays. */
export function withProperty(value: Schema, name: string, next: unknown): Schema {
  if (next === undefined) return Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));
  // Not by a spread with a computed name: `__proto__` must become a property like any other.
  return Object.hasOwn(value, name)
    ? Object.fromEntries(Object.entries(value).map(([each, old]) => [each, each === name ? next : old]))
    : Object.fromEntries([...Object.entries(value), [name, next]]);
}

/** The list with one item changed; `undefined` takes it out. */
export const withItem = (value: readonly unknown[], at: number, next: unknown): readonly unknown[] =>
  next === undefined ? value.filter((_, index) => index !== at) : value.map((old, index) => (index === at ? next : old));

/** What a text means for a number; what is no number stays text, and the validator says so. */
export function numberOf(text: string): unknown {
  if (text.trim() === "") return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}
