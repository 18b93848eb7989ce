import { isRecord } from "../../lib/is-record.ts";
import type { JsonSchema } from "../../tool/index.ts";

/** The parts of a JSON Pointer (RFC 6901). */
function partsOf(path: string): string[] {
  return path
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function pointerOf(path: string, part: string): string {
  return `${path}/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** What a schema says about a place in a value, as far as `properties` and `items` lead there. */
export function schemaAt(schema: JsonSchema, path: string): JsonSchema | undefined {
  let at: unknown = schema;
  for (const part of partsOf(path)) {
    if (!isRecord(at)) return undefined;
    const properties = at["properties"];
    at = isRecord(properties) && Object.hasOwn(properties, part) ? properties[part] : at["items"];
  }
  return isRecord(at) ? at : undefined;
}

export function propertiesAt(schema: JsonSchema, path: string): string[] {
  const properties = schemaAt(schema, path)?.["properties"];
  return isRecord(properties) ? Object.keys(properties) : [];
}

/** Undefined also for what is not there. */
export function valueAt(value: unknown, path: string): unknown {
  let at = value;
  for (const part of partsOf(path)) {
    if (Array.isArray(at)) at = at[Number(part)];
    else if (isRecord(at) && Object.hasOwn(at, part)) at = at[part];
    else return undefined;
  }
  return at;
}
