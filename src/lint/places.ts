import { isRecord } from "../lib/is-record.ts";
import type { JsonSchema } from "../tool/index.ts";

/** A property somewhere in a schema. */
export interface Place {
  readonly name: string;
  /** Dotted from the root, as a caller would say it: `filter.from`. */
  readonly path: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  /** 1 for a property of the root. */
  readonly depth: number;
}

const LISTS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const MAX_DEPTH = 32;

/** Every property of a schema, those of objects in it, of its items and its alternatives too. References are not followed. */
export function placesIn(schema: JsonSchema): readonly Place[] {
  const found: Place[] = [];
  collect(schema, { path: "", depth: 0 }, found);
  return found;
}

function collect(schema: unknown, at: { readonly path: string; readonly depth: number }, found: Place[]): void {
  if (!isRecord(schema) || at.depth > MAX_DEPTH) return;
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  for (const [name, property] of Object.entries(isRecord(schema["properties"]) ? schema["properties"] : {})) {
    const path = at.path === "" ? name : `${at.path}.${name}`;
    const depth = at.depth + 1;
    found.push({ name, path, schema: isRecord(property) ? property : {}, isRequired: required.includes(name), depth });
    collect(property, { path, depth }, found);
  }
  for (const inner of [schema["items"], schema["additionalProperties"]]) collect(inner, at, found);
  for (const keyword of LISTS) {
    const list = schema[keyword];
    if (Array.isArray(list)) for (const inner of list) collect(inner, at, found);
  }
}

/** Every value of a keyword, anywhere. */
export function valuesOf(value: unknown, keyword: string, found: unknown[] = []): readonly unknown[] {
  if (Array.isArray(value)) for (const each of value) valuesOf(each, keyword, found);
  else if (isRecord(value)) {
    for (const [key, member] of Object.entries(value)) {
      if (key === keyword) found.push(member);
      valuesOf(member, keyword, found);
    }
  }
  return found;
}

export function typesOf(schema: JsonSchema): readonly unknown[] {
  return Array.isArray(schema["type"]) ? schema["type"] : schema["type"] === undefined ? [] : [schema["type"]];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
