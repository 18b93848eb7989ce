import type { JsonSchema } from "./define-tool.ts";
import type { Registry } from "./registry.ts";

/** Model APIs that take a tool's input schema. */
export const MODEL_APIS = ["openai", "gemini", "claude"] as const;
export type ModelApi = (typeof MODEL_APIS)[number];

/** Why a tool does not fit each model API as it is, in words; empty when it fits. Hosts may rewrite a schema before they send it. */
export type Portability = { readonly tool: string } & { readonly [api in ModelApi]: readonly string[] };

interface Place {
  /** JSON Pointer to the described value, as a caller would see it. */
  readonly at: string;
  readonly schema: JsonSchema;
  readonly depth: number;
}

/**
 * What each tool's name and input schema would meet at OpenAI (strict function calling), Gemini (`parameters` of a function
 * declaration) and Claude (`input_schema`). A report: nothing is refused because of it. Output schemas are not sent to a model.
 */
export function reportPortability(registry: Pick<Registry, "tools">): readonly Portability[] {
  return [...registry.tools.values()].map(({ name, input: { schema } }) => {
    const places = [...placesIn({ at: "", schema, depth: 0 })];
    return {
      tool: name,
      openai: [...checkName(name, /^[A-Za-z0-9_-]{1,64}$/), ...checkOpenAi(schema, places)],
      gemini: [...checkName(name, /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/), ...checkGemini(places)],
      claude: [...checkName(name, /^[A-Za-z0-9_-]{1,64}$/), ...checkClaude(schema, places)],
    };
  });
}

const ONE = [
  "items",
  "additionalProperties",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "propertyNames",
  "unevaluatedProperties",
  "unevaluatedItems",
];
const LISTS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const MAPS = ["properties", "$defs", "patternProperties", "dependentSchemas"];

/** A schema and all schemas inside it. References are not followed: what they point to is inside too. */
function* placesIn(place: Place): Generator<Place> {
  yield place;
  const { at, schema } = place;
  const depth = place.depth + 1;
  for (const keyword of ONE) {
    const inner = schema[keyword];
    if (isSchema(inner)) yield* placesIn({ at: keyword === "items" ? `${at}/*` : at, schema: inner, depth });
  }
  for (const keyword of LISTS) {
    const inner = schema[keyword];
    if (Array.isArray(inner)) for (const each of inner.filter(isSchema)) yield* placesIn({ at, schema: each, depth: place.depth });
  }
  for (const keyword of MAPS) {
    const inner = schema[keyword];
    if (!isSchema(inner)) continue;
    for (const [name, each] of Object.entries(inner)) {
      if (isSchema(each)) yield* placesIn({ at: keyword === "properties" ? `${at}/${name}` : at, schema: each, depth });
    }
  }
}

function checkName(name: string, allowed: RegExp): string[] {
  return allowed.test(name) ? [] : [`the name ${name} is not of the allowed characters or too long`];
}

/** Keywords that strict mode answers with 400. */
const NOT_STRICT = words(
  "allOf oneOf not if then else dependentRequired dependentSchemas default minLength maxLength",
  "patternProperties propertyNames minProperties maxProperties unevaluatedProperties",
  "prefixItems contains minContains maxContains uniqueItems unevaluatedItems",
);
const STRICT_FORMATS = new Set(["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]);
const STRICT_LEVELS = 10;

function checkOpenAi(root: JsonSchema, places: readonly Place[]): string[] {
  const objects = places.filter(({ schema }) => schema["type"] === "object");
  return [
    ...(root["type"] === "object" && root["anyOf"] === undefined ? [] : ["the root must be an object without anyOf"]),
    ...listed(
      "not every property is required",
      objects.flatMap(({ at, schema }) => optionalIn(schema).map((name) => `${at}/${name}`)),
    ),
    ...found("additionalProperties is not false", objects, ({ schema }) => schema["additionalProperties"] !== false),
    ...keywords(places, (keyword) => NOT_STRICT.has(keyword)),
    ...formats(places, ({ schema }) => STRICT_FORMATS.has(String(schema["format"]))),
    ...found(`deeper than ${STRICT_LEVELS} levels`, places, ({ depth }) => depth > STRICT_LEVELS),
  ];
}

function optionalIn(schema: JsonSchema): string[] {
  const { properties, required } = schema;
  const names = isSchema(properties) ? Object.keys(properties) : [];
  return names.filter((name) => !Array.isArray(required) || !required.includes(name));
}

/** The members of Gemini's `Schema`, and what its clients leave out before they send. */
const GEMINI = words(
  "type format title description nullable enum default example anyOf minimum maximum",
  "minLength maxLength pattern items minItems maxItems",
  "properties required minProperties maxProperties propertyOrdering",
  "$schema $id $comment additionalProperties",
);
const GEMINI_FORMATS: { readonly [type: string]: readonly string[] } = {
  string: ["enum", "date-time"],
  number: ["float", "double"],
  integer: ["int32", "int64"],
};

function checkGemini(places: readonly Place[]): string[] {
  return [
    ...keywords(places, (keyword) => !GEMINI.has(keyword) && !keyword.startsWith("x-")),
    ...formats(places, ({ schema }) => GEMINI_FORMATS[String(schema["type"])]?.includes(String(schema["format"])) ?? false),
    ...found("several types at once", places, ({ schema }) => Array.isArray(schema["type"])),
    ...found("enum of something that is no text", places, ({ schema }) => isEnumOfOthers(schema["enum"])),
    ...found("an array without items", places, ({ schema }) => schema["type"] === "array" && !isSchema(schema["items"])),
  ];
}

function isEnumOfOthers(values: unknown): boolean {
  return Array.isArray(values) && values.some((value) => typeof value !== "string");
}

const CLAUDE_PROPERTY = /^[A-Za-z0-9_.-]{1,64}$/;

/** Claude takes JSON Schema 2020-12, but a plain object at the root and plain property names. */
function checkClaude(root: JsonSchema, places: readonly Place[]): string[] {
  const names = places.flatMap(({ at, schema }) =>
    isSchema(schema["properties"]) ? Object.keys(schema["properties"]).map((name) => ({ at, name })) : [],
  );
  return [
    ...(root["type"] === "object" ? [] : ["the root must be an object"]),
    ...["anyOf", "oneOf", "allOf"].filter((keyword) => root[keyword] !== undefined).map((keyword) => `${keyword} at the root`),
    ...listed(
      "a property name of other characters or too long",
      names.filter(({ name }) => !CLAUDE_PROPERTY.test(name)).map(({ at, name }) => `${at}/${name}`),
    ),
  ];
}

function keywords(places: readonly Place[], isUnfit: (keyword: string) => boolean): string[] {
  const unfit = new Set(places.flatMap(({ schema }) => Object.keys(schema).filter(isUnfit)));
  return [...unfit].sort().flatMap((keyword) => found(keyword, places, ({ schema }) => schema[keyword] !== undefined));
}

function formats(places: readonly Place[], isFit: (place: Place) => boolean): string[] {
  const unfit = places.filter((place) => typeof place.schema["format"] === "string" && !isFit(place));
  return unfit.map(({ at, schema }) => `format ${String(schema["format"])} at ${at || "/"}`);
}

function found(what: string, places: readonly Place[], isUnfit: (place: Place) => boolean): string[] {
  return listed(
    what,
    places.filter(isUnfit).map(({ at }) => at || "/"),
  );
}

function listed(what: string, places: readonly string[]): string[] {
  return places.length === 0 ? [] : [`${what} at ${[...new Set(places)].join(", ")}`];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function words(...lists: readonly string[]): ReadonlySet<string> {
  return new Set(lists.join(" ").split(" "));
}
