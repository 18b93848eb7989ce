/** A JSON Schema (2020-12, and what older drafts and OpenAPI write) as one flat schema: `$ref` followed and `allOf` merged. */
import { isRecord } from "../json/index.ts";

export type Schema = Readonly<Record<string, unknown>>;

const STRICTER: Readonly<Record<string, (a: number, b: number) => number>> = {
  minimum: Math.max,
  exclusiveMinimum: Math.max,
  minLength: Math.max,
  minItems: Math.max,
  minProperties: Math.max,
  maximum: Math.min,
  exclusiveMaximum: Math.min,
  maxLength: Math.min,
  maxItems: Math.min,
  maxProperties: Math.min,
};

/** `true` and what is no schema become the schema that allows everything. Never loops: a reference that leads to itself allows everything. */
export function resolve(root: Schema, schema: unknown, seen: readonly unknown[] = []): Schema {
  if (!isRecord(schema) || seen.includes(schema)) return {};
  const inside = [...seen, schema];
  const { $ref, $dynamicRef, allOf, ...own } = schema;
  const reference = $ref ?? $dynamicRef;
  const parts = [
    ...(typeof reference === "string" ? [lookUp(root, reference)] : []),
    ...(Array.isArray(allOf) ? (allOf as readonly unknown[]) : []),
  ].map((part) => resolve(root, part, inside));
  return [...parts, own].reduce(merge, {});
}

/** What a reference inside the document names; undefined when there is no such place. */
function lookUp(root: Schema, reference: string): unknown {
  if (!reference.startsWith("#")) return undefined;
  const place = decodeURIComponent(reference.slice(1));
  if (place !== "" && !place.startsWith("/")) return anchored(root, place);
  return place
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>(
      (at, part) => (at !== null && typeof at === "object" ? Object.entries(at).find(([name]) => name === part)?.[1] : undefined),
      root,
    );
}

function anchored(root: Schema, name: string): unknown {
  const places = [root, ...Object.values({ ...asRecord(root["definitions"]), ...asRecord(root["$defs"]) })];
  return places.find((place) => isRecord(place) && (place["$anchor"] === name || place["$dynamicAnchor"] === name));
}

/** Both must hold. Where a form cannot show both, the later text is shown; the validator holds both anyway. */
function merge(a: Schema, b: Schema): Schema {
  const merged: Record<string, unknown> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    merged[name] = name in a ? both(name, a[name], value) : value;
  }
  return merged;
}

function both(name: string, a: unknown, b: unknown): unknown {
  const stricter = STRICTER[name];
  if (stricter !== undefined && typeof a === "number" && typeof b === "number") return stricter(a, b);
  if (name === "properties") return mergedProperties(asRecord(a), asRecord(b));
  if (name === "required") return [...new Set([...asList(a), ...asList(b)])];
  if (name === "type") return sharedTypes(typesOf(a), typesOf(b));
  if (name === "enum") return asList(a).filter((value) => asList(b).some((other) => JSON.stringify(other) === JSON.stringify(value)));
  if (name === "additionalProperties" && (a === false || b === false)) return false;
  if (name === "nullable") return a === true && b === true;
  return b;
}

function mergedProperties(a: Schema, b: Schema): Schema {
  const shared = Object.keys(b).filter((name) => Object.hasOwn(a, name));
  return { ...a, ...b, ...Object.fromEntries(shared.map((name) => [name, { allOf: [a[name], b[name]] }])) };
}

/** "number" allows what "integer" does. */
function sharedTypes(a: readonly string[], b: readonly string[]): readonly string[] {
  const allows = (types: readonly string[], type: string): boolean =>
    types.includes(type) || (type === "integer" && types.includes("number"));
  return [...new Set([...a.filter((type) => allows(b, type)), ...b.filter((type) => allows(a, type))])];
}

export const typesOf = (type: unknown): readonly string[] =>
  (Array.isArray(type) ? type : [type]).filter((each): each is string => typeof each === "string");
export const asRecord = (value: unknown): Schema => (isRecord(value) ? value : {});
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
