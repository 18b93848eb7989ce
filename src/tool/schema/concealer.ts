import { isRecord } from "../../lib/is-record.ts";
import type { JsonSchema } from "../define-tool.ts";

/** What stands in the place of a value that is not written down. */
export const REDACTED = "[redacted]";

/** Knows which places of a value its schema marks as sensitive: `sensitive: true`, or `writeOnly: true` (JSON Schema 2020-12 §9.4). */
export interface Concealer {
  /** A copy of the value without what is sensitive, for all that is written down. */
  conceal(value: unknown): unknown;
  /** Whether the place (JSON Pointer, RFC 6901) is marked, or is within a place that is. */
  conceals(path: string): boolean;
  /** Whether a text holds one of the sensitive values; those of less than four characters are not looked for. */
  isIn(text: string, value: unknown): boolean;
}

const MIN_SECRET_CHARS = 4;

/** Parts of a schema that say something about the same value. */
const SAME_PLACE = ["allOf", "anyOf", "oneOf", "if", "then", "else", "not"];

/** Undefined for a schema without marks. */
export function createConcealer(schema: JsonSchema): Concealer | undefined {
  if (!holdsMark(schema)) return undefined;
  const at = (schemas: readonly JsonSchema[]) => spread(schema, schemas);
  return {
    conceal: (value) => conceal(value, at([schema]), { at, found: [] }),
    isIn(text, value) {
      const found: unknown[] = [];
      conceal(value, at([schema]), { at, found });
      return found.flatMap(textsOf).some((secret) => secret.length >= MIN_SECRET_CHARS && text.includes(secret));
    },
    conceals(path) {
      let here = at([schema]);
      for (const part of path.split("/").slice(1)) {
        if (here.some(isMarked)) return true;
        here = at(membersOf(here, part.replaceAll("~1", "/").replaceAll("~0", "~")));
      }
      return here.some(isMarked);
    },
  };
}

interface Walk {
  at(schemas: readonly JsonSchema[]): JsonSchema[];
  /** Takes what was concealed. */
  readonly found: unknown[];
}

function conceal(value: unknown, schemas: readonly JsonSchema[], walk: Walk): unknown {
  const { at, found } = walk;
  if (isSecret(value, schemas)) {
    found.push(value);
    return REDACTED;
  }
  if (!isContainer(value)) return value;
  if (Array.isArray(value)) return value.map((item, i) => conceal(item, at(membersOf(schemas, String(i))), walk));
  const isGuarded = schemas.some(hasMarkedMember);
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const within = membersOf(schemas, name);
    // Beside a secret, a name that is not known may be that of the secret, misspelt.
    const kept = conceal(member, within.length === 0 && isGuarded ? [ANY_SECRET] : at(within), walk);
    Object.defineProperty(copy, name, { value: kept, enumerable: true });
  }
  return copy;
}

const ANY_SECRET: JsonSchema = { writeOnly: true };

/** What is marked; and what came in the place of something with a secret in it, since it may be that secret. */
function isSecret(value: unknown, schemas: readonly JsonSchema[]): boolean {
  if (schemas.some(isMarked)) return true;
  if (value === null || typeof value === "boolean") return false;
  if (isRecord(value) || (Array.isArray(value) && schemas.some(describesList))) return false;
  return schemas.some(holdsMark);
}

/** The texts in which a value would show. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value, JSON.stringify(value).slice(1, -1)];
  if (typeof value === "number") return [String(value)];
  return isContainer(value) ? Object.values(value).flatMap(textsOf) : [];
}

/** The schemas and all that hold for the same value with them; references within the schema are followed. */
function spread(root: JsonSchema, schemas: readonly JsonSchema[]): JsonSchema[] {
  const found = new Set<JsonSchema>(schemas);
  for (const schema of found) {
    for (const keyword of SAME_PLACE) {
      for (const part of [schema[keyword]].flat()) if (isRecord(part)) found.add(part);
    }
    const target = typeof schema["$ref"] === "string" ? follow(root, schema["$ref"]) : undefined;
    if (target !== undefined) found.add(target);
  }
  return [...found];
}

function follow(root: JsonSchema, reference: string): JsonSchema | undefined {
  if (!reference.startsWith("#")) return undefined;
  let at: unknown = root;
  for (const part of decodeURIComponent(reference.slice(1)).split("/").slice(1)) {
    at = isContainer(at) ? (at as JsonSchema)[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  return isRecord(at) ? at : undefined;
}

function membersOf(schemas: readonly JsonSchema[], name: string): JsonSchema[] {
  return schemas.flatMap((schema) => {
    const { properties, patternProperties, additionalProperties, prefixItems, items } = schema;
    const named = isRecord(properties) && Object.hasOwn(properties, name) ? [properties[name]] : [];
    const matching = Object.entries(isRecord(patternProperties) ? patternProperties : {}).map(([, member]) => member);
    const placed = Array.isArray(prefixItems) ? [prefixItems[Number(name)]] : [];
    const rest = named.length > 0 ? [] : [additionalProperties];
    return [...named, ...matching, ...placed, ...rest, items].filter(isRecord);
  });
}

function isMarked(schema: JsonSchema): boolean {
  return schema["sensitive"] === true || schema["writeOnly"] === true;
}

function hasMarkedMember({ properties }: JsonSchema): boolean {
  return isRecord(properties) && Object.values(properties).some(holdsMark);
}

function describesList({ items, prefixItems }: JsonSchema): boolean {
  return items !== undefined || prefixItems !== undefined;
}

function holdsMark(schema: unknown): boolean {
  if (!isContainer(schema)) return false;
  return isMarked(schema as JsonSchema) || Object.values(schema).some(holdsMark);
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
