import { isRecord } from "../../lib/is-record.ts";
import type { Member } from "./read-document.ts";

const BY_FORMAT: Readonly<Record<string, string>> = {
  date: "2026-01-31",
  "date-time": "2026-01-31T12:00:00Z",
  time: "12:00:00Z",
  email: "person@example.com",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
  uri: "https://example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
};

const MAX_FILL = 1000;

/** A value that fits a converted schema, as far as one can be made from it alone. */
export function makeExample(schema: unknown): unknown {
  if (!isRecord(schema)) return "example";
  if (Object.hasOwn(schema, "const")) return schema["const"];
  if (Object.hasOwn(schema, "default")) return schema["default"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  const [first] = [schema["anyOf"], schema["oneOf"]].flatMap((list): unknown[] => (Array.isArray(list) ? list : []));
  if (first !== undefined && schema["properties"] === undefined) return makeExample(first);
  const all = Array.isArray(schema["allOf"]) ? schema["allOf"] : [];
  if (all.length > 0) return mergeAll([...all.map(makeExample), ...(schema["properties"] === undefined ? [] : [objectOf(schema)])]);
  return byType(schema);
}

function mergeAll(values: readonly unknown[]): unknown {
  return values.every(isRecord) ? Object.assign({}, ...values) : values[0];
}

function byType(schema: Member): unknown {
  const type = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (type) {
    case "integer":
    case "number":
      return numberOf(schema);
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return Array.from({ length: Math.min(Number(schema["minItems"] ?? 1), 20) }, () => makeExample(schema["items"]));
    case "object":
      return objectOf(schema);
    default:
      return schema["properties"] === undefined ? textOf(schema) : objectOf(schema);
  }
}

function numberOf(schema: Member): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (typeof minimum === "number")
    return typeof multipleOf === "number"
      ? Math.ceil(minimum / multipleOf) * multipleOf
      : schema["type"] === "integer"
        ? Math.ceil(minimum)
        : minimum;
  if (typeof exclusiveMinimum === "number") return Math.floor(exclusiveMinimum) + Number(multipleOf ?? 1);
  if (typeof maximum === "number") return Math.min(Math.floor(maximum), 1);
  if (typeof exclusiveMaximum === "number") return Math.min(Math.ceil(exclusiveMaximum) - 1, 1);
  return typeof multipleOf === "number" ? multipleOf : 1;
}

function textOf({ format, minLength = 0, maxLength = MAX_FILL }: Member): string {
  const text = typeof format === "string" ? (BY_FORMAT[format] ?? "example") : "example";
  return text.slice(0, Number(maxLength)).padEnd(Math.min(Number(minLength), MAX_FILL), "x");
}

function objectOf(schema: Member): Member {
  const { properties, required } = schema;
  if (!isRecord(properties)) return {};
  const needed = Array.isArray(required) ? required : [];
  return Object.fromEntries(Object.entries(properties).flatMap(([name, of]) => (needed.includes(name) ? [[name, makeExample(of)]] : [])));
}
