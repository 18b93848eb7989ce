import { isRecord } from "../json/index.ts";
import { asList, asRecord, resolve, typesOf, type Schema } from "./resolve.ts";

export type FieldKind = "text" | "number" | "integer" | "boolean" | "enum" | "array" | "object" | "choice" | "null" | "any";

/** One place of a form. Its children are described when they are drawn, so that a schema that contains itself is no trouble. */
export interface Field {
  readonly kind: FieldKind;
  /** Flat: without `$ref` and `allOf`, and without the null that `isNullable` tells of. */
  readonly schema: Schema;
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** For people: "string | null", "object[]". */
  readonly typeText: string;
  /** For people: "≥ 1", "at most 5 characters", "default true". */
  readonly limits: readonly string[];
  readonly isNullable: boolean;
  /** Of an enum (a const is an enum of one). */
  readonly options: readonly unknown[];
  /** Of a choice: schemas that each stand alone. */
  readonly variants: readonly Schema[];
}

const KINDS: Readonly<Record<string, FieldKind>> = {
  string: "text",
  number: "number",
  integer: "integer",
  boolean: "boolean",
  array: "array",
  object: "object",
  null: "null",
};

export function describeField(root: Schema, schema: unknown): Field {
  const flat = resolve(root, schema);
  const { rest, isNullable, variants } = withoutNull(root, flat);
  const options = optionsOf(rest);
  const kind = options === undefined ? kindOf(rest, variants) : "enum";
  const field = {
    kind,
    schema: rest,
    title: textOf(flat["title"]),
    description: textOf(flat["description"]),
    limits: limitsOf(rest),
    isNullable,
    options: options ?? [],
    variants: kind === "choice" ? variants : [],
  };
  return { ...field, typeText: typeTextOf(root, field) };
}

interface Nulled {
  readonly rest: Schema;
  readonly isNullable: boolean;
  readonly variants: readonly Schema[];
}

/** Null is written in five ways: in `type`, as a variant, as `nullable`, in `enum`, as `const`. */
function withoutNull(root: Schema, flat: Schema): Nulled {
  const { anyOf, oneOf, nullable, ...base } = flat;
  const types = typesOf(base["type"]);
  const all = asList(anyOf ?? oneOf).map((variant) => resolve(root, variant));
  const isShaping = all.length > 0 && all.every(isShape);
  const others = all.filter((variant) => variant["type"] !== "null" && variant["const"] !== null);
  const isNullable =
    nullable === true ||
    (types.includes("null") && types.length > 1) ||
    (isShaping && others.length < all.length) ||
    asList(base["enum"]).includes(null);
  const own = types.length > 1 ? { ...base, type: types.filter((type) => type !== "null") } : base;
  if (!isShaping) return { rest: own, isNullable, variants: [] };
  const variants = others.map((variant) => resolve(root, { allOf: [own, variant] }));
  const [only] = variants;
  // One variant beside null is the field itself; what is said outside of it says it better.
  if (only !== undefined && variants.length === 1) return { rest: only, isNullable, variants: [] };
  return { rest: own, isNullable, variants };
}

/** A variant that only says what must be there ("either a or b is required") gives no form of its own; the validator holds it. */
const isShape = (variant: Schema): boolean =>
  ["type", "properties", "enum", "const", "items", "anyOf", "oneOf"].some((name) => name in variant) || Object.keys(variant).length === 0;

function optionsOf(schema: Schema): readonly unknown[] | undefined {
  if ("const" in schema) return [schema["const"]];
  return Array.isArray(schema["enum"]) ? schema["enum"].filter((value) => value !== null) : undefined;
}

function kindOf(schema: Schema, variants: readonly Schema[]): FieldKind {
  if (variants.length > 1) return "choice";
  const types = typesOf(schema["type"]);
  if (types.length === 1) return KINDS[types[0] ?? ""] ?? "any";
  if (types.length > 1) return "any";
  if (isRecord(schema["properties"])) return "object";
  return "items" in schema || "prefixItems" in schema ? "array" : "any";
}

function typeTextOf(root: Schema, field: Omit<Field, "typeText">): string {
  const nulled = field.isNullable ? " | null" : "";
  if (field.kind === "enum") return `${"const" in field.schema ? "const" : "enum"}${nulled}`;
  if (field.kind === "choice") return `${[...new Set(field.variants.map((variant) => variantName(root, variant)))].join(" | ")}${nulled}`;
  if (field.kind === "array") {
    const { items } = field.schema;
    const item = isRecord(items) ? (typesOf(resolve(root, items)["type"])[0] ?? "any") : "any";
    return `${item}[]${nulled}`;
  }
  return `${typesOf(field.schema["type"]).join(" | ") || "any"}${nulled}`;
}

/** How a variant is told from the others: its title, the constant that marks it, or its type. */
export function variantName(root: Schema, variant: Schema): string {
  const title = textOf(variant["title"]);
  if (title !== undefined) return title;
  if ("const" in variant) return JSON.stringify(variant["const"]);
  for (const [name, property] of Object.entries(asRecord(variant["properties"]))) {
    const flat = resolve(root, property);
    if ("const" in flat) return `${name} ${JSON.stringify(flat["const"])}`;
  }
  const required = asList(variant["required"]).join(", ");
  const type = typesOf(variant["type"]).join(" | ") || "any";
  return required === "" ? type : `${type} with ${required}`;
}

const LIMITS: readonly (readonly [keyword: string, say: (value: unknown) => string])[] = [
  ["minimum", (value) => `≥ ${String(value)}`],
  ["exclusiveMinimum", (value) => `> ${String(value)}`],
  ["maximum", (value) => `≤ ${String(value)}`],
  ["exclusiveMaximum", (value) => `< ${String(value)}`],
  ["multipleOf", (value) => `a multiple of ${String(value)}`],
  ["minLength", (value) => `at least ${String(value)} characters`],
  ["maxLength", (value) => `at most ${String(value)} characters`],
  ["pattern", (value) => `/${String(value)}/`],
  ["format", String],
  ["minItems", (value) => `at least ${String(value)} items`],
  ["maxItems", (value) => `at most ${String(value)} items`],
  ["uniqueItems", () => "no item twice"],
  ["default", (value) => `default ${JSON.stringify(value)}`],
];

const limitsOf = (schema: Schema): readonly string[] =>
  LIMITS.filter(([keyword]) => schema[keyword] !== undefined && schema[keyword] !== false).map(([keyword, say]) => say(schema[keyword]));

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
