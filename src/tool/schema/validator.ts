import type { Ajv2020, ErrorObject } from "ajv/dist/2020.js";
import * as z from "zod";
import type { JsonSchema } from "../define-tool.ts";
import { loadAjv } from "./load-ajv.ts";

/** What kind of wrong a value is, whatever checked it. */
export type IssueCode =
  | "unknown_parameter"
  | "wrong_type"
  | "wrong_value"
  | "missing_parameter"
  | "out_of_range"
  | "wrong_format"
  | "invalid";

/** One thing that is wrong with a value. */
export interface Issue {
  /** JSON Pointer (RFC 6901) to the place, `""` for the whole value. */
  readonly path: string;
  readonly code: IssueCode;
  /** What was expected there, in words. */
  readonly expected: string;
  /** Names that are not known at this place. */
  readonly unknownKeys?: readonly string[];
  /** The only values that fit, when they are few and declared. */
  readonly options?: readonly unknown[];
}

export type Validated = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issues: readonly Issue[] };

export interface Validator {
  /** JSON Schema 2020-12 of what is accepted. */
  readonly schema: JsonSchema;
  validate(value: unknown): Validated;
}

const MAX_ISSUES = 8;

function isZod(schema: unknown): schema is z.ZodType {
  return typeof schema === "object" && schema !== null && "_zod" in schema;
}

/**
 * A validator for a Zod type or a JSON Schema. Objects at the root of an input refuse unknown keys, so that a misspelt
 * parameter is told rather than dropped. Throws when the schema cannot be expressed or compiled.
 */
export function createValidator(schema: z.ZodType | JsonSchema, io: "input" | "output"): Validator {
  return isZod(schema) ? zodValidator(schema, io) : ajvValidator(schema);
}

function zodValidator(type: z.ZodType, io: "input" | "output"): Validator {
  const strict = io === "input" && type instanceof z.ZodObject && type.def.catchall === undefined ? type.strict() : type;
  // What a tool returns is described as the client sees it, after `parse`; what it takes, as the client sends it.
  const { $schema: _dialect, ...schema } = z.toJSONSchema(strict, {
    target: "draft-2020-12",
    io,
    unrepresentable: "throw",
    override: ({ jsonSchema }) => {
      if (io === "output") loosen(jsonSchema);
      else markInStandard(jsonSchema);
      shorten(jsonSchema);
    },
  });
  return {
    schema: requireModestSize(schema),
    validate(value) {
      const result = strict.safeParse(value);
      if (result.success) return { ok: true, value: result.data };
      return { ok: false, issues: result.error.issues.slice(0, MAX_ISSUES).map(zodIssue) };
    },
  };
}

/** An answer may have more members one day; those who check it against this schema must not refuse it then. */
function loosen(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}

/** Says the same in fewer words: every reader of a list pays for each. */
function shorten(schema: z.core.JSONSchema.BaseSchema): void {
  if (isEmpty(schema.additionalProperties)) {
    delete schema.additionalProperties;
    if (isEmpty(schema.properties)) delete schema.properties;
  }
  // Names are text in any JSON.
  if (JSON.stringify(schema.propertyNames) === '{"type":"string"}') delete schema.propertyNames;
  const [some, none, ...others] = schema.anyOf ?? [];
  if (some?.type === undefined || none?.type !== "null" || others.length > 0 || Object.keys(some).length > 1) return;
  delete schema.anyOf;
  schema["type"] = [some.type, "null"] as unknown as "null";
}

function isEmpty(schema: unknown): boolean {
  return typeof schema === "object" && schema !== null && Object.keys(schema).length === 0;
}

function zodIssue(issue: z.core.$ZodIssue): Issue {
  const path = pointer(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return { path, code: "unknown_parameter", expected: "no other parameters", unknownKeys: issue.keys };
    case "invalid_type":
      return { path, code: "wrong_type", expected: issue.expected };
    case "invalid_value": {
      const expected = `one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
      return { path, code: "wrong_value", expected, options: issue.values };
    }
    case "too_small":
      return { path, code: "out_of_range", expected: `${issue.origin} of at least ${issue.minimum}${unitOf(issue.origin)}` };
    case "too_big":
      return { path, code: "out_of_range", expected: `${issue.origin} of at most ${issue.maximum}${unitOf(issue.origin)}` };
    case "invalid_format":
      return { path, code: "wrong_format", expected: issue.pattern === undefined ? issue.format : `text matching ${issue.pattern}` };
    case "not_multiple_of":
      return { path, code: "out_of_range", expected: `a multiple of ${issue.divisor}` };
    case "custom":
      // Only a message of the author's own says more than that it does not fit.
      return { path, code: "invalid", expected: issue.message === "Invalid input" ? "a valid value" : issue.message };
    case "invalid_union":
      return { path, code: "invalid", expected: "one of the described alternatives" };
    default:
      return { path, code: "invalid", expected: "a valid value" };
  }
}

/** `sensitive` is our word for it; readers of the list know the one of JSON Schema. */
function markInStandard(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema["sensitive"] !== true) return;
  delete schema["sensitive"];
  schema.writeOnly = true;
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" || origin === "set" ? " items" : "";
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

const MAX_SCHEMA_DEPTH = 32;
const MAX_SUBSCHEMAS = 1000;

/** Before a schema is compiled or compared with anything: both take time that grows faster than its size. */
function requireModestSize(schema: JsonSchema): JsonSchema {
  let count = 0;
  const isTooMuch = (value: unknown, depth: number): boolean => {
    if (typeof value !== "object" || value === null) return false;
    count++;
    return depth > MAX_SCHEMA_DEPTH || count > MAX_SUBSCHEMAS || Object.values(value).some((member) => isTooMuch(member, depth + 1));
  };
  if (isTooMuch(schema, 0))
    throw new RangeError(`it is deeper than ${MAX_SCHEMA_DEPTH} or larger than ${MAX_SUBSCHEMAS} parts; make it smaller`);
  return schema;
}

let ajv: Ajv2020 | undefined;

function ajvValidator(schema: JsonSchema): Validator {
  const check = (ajv ??= loadAjv()).compile(requireModestSize(schema));
  return {
    schema,
    validate(value) {
      // Ajv fills in defaults in place; the caller's value stays as it was sent.
      const copy: unknown = structuredClone(value);
      if (check(copy)) return { ok: true, value: copy };
      return { ok: false, issues: (check.errors ?? []).slice(0, MAX_ISSUES).map(ajvIssue) };
    },
  };
}

const AJV_CODES: Readonly<Record<string, IssueCode>> = {
  const: "wrong_value",
  format: "wrong_format",
  pattern: "wrong_format",
  minimum: "out_of_range",
  maximum: "out_of_range",
  exclusiveMinimum: "out_of_range",
  exclusiveMaximum: "out_of_range",
  multipleOf: "out_of_range",
  minLength: "out_of_range",
  maxLength: "out_of_range",
  minItems: "out_of_range",
  maxItems: "out_of_range",
};

function ajvIssue(error: ErrorObject): Issue {
  const params = error.params as Record<string, unknown>;
  const path = error.instancePath;
  if (error.keyword === "required") {
    return { path: path + pointer([String(params["missingProperty"])]), code: "missing_parameter", expected: "a value: it is required" };
  }
  if (error.keyword === "additionalProperties") {
    const unknownKeys = [String(params["additionalProperty"])];
    return { path, code: "unknown_parameter", expected: "no other parameters", unknownKeys };
  }
  if (error.keyword === "type") return { path, code: "wrong_type", expected: String(params["type"]) };
  if (error.keyword === "enum") {
    const options = params["allowedValues"] as readonly unknown[];
    return { path, code: "wrong_value", expected: `one of ${JSON.stringify(options).slice(1, -1)}`, options };
  }
  return { path, code: AJV_CODES[error.keyword] ?? "invalid", expected: error.message ?? "a valid value" };
}
