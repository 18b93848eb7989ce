import { Validator, type OutputUnit } from "@cfworker/json-schema";
import type { Schema } from "./resolve.ts";

export interface Problem {
  /** JSON Pointer; "" is the whole. */
  readonly at: string;
  readonly text: string;
}

/** They only say that something below them is wrong, which is said where it is. */
const PASSED_ON = new Set([
  "properties",
  "items",
  "prefixItems",
  "$ref",
  "$dynamicRef",
  "allOf",
  "anyOf",
  "oneOf",
  "if",
  "then",
  "else",
  "dependentSchemas",
  "additionalProperties",
  "patternProperties",
]);

/** What is wrong with the arguments, one problem a place. A schema that cannot be read is a problem of the tool and finds nothing here. */
export function checkValue(schema: Schema, value: unknown): readonly Problem[] {
  const told = new Map<string, string>();
  for (const unit of leaves(validated(schema, value))) {
    const { at, text } = problemOf(unit);
    if (!told.has(at)) told.set(at, text);
  }
  return [...told].map(([at, text]) => ({ at, text }));
}

/** What is missing is told where it belongs; the validator's own words stand for the rest. */
function problemOf({ instanceLocation, keyword, error }: OutputUnit): Problem {
  const at = decodeURIComponent(instanceLocation.replace(/^#/, ""));
  const missing = keyword === "required" ? /required property "(.*)"/s.exec(error)?.[1] : undefined;
  if (missing !== undefined) return { at: `${at}/${missing.replaceAll("~", "~0").replaceAll("/", "~1")}`, text: "This is required." };
  return { at, text: keyword === "false" ? "The schema has no such property." : error };
}

function validated(schema: Schema, value: unknown): readonly OutputUnit[] {
  try {
    return new Validator(schema, "2020-12", false).validate(value).errors;
  } catch {
    return [];
  }
}

function leaves(errors: readonly OutputUnit[]): readonly OutputUnit[] {
  const found = errors.filter(({ keyword }) => !PASSED_ON.has(keyword));
  return found.length > 0 ? found : errors.slice(-1);
}

/** The place of the variant that the value has the shape of; the first when none fits. */
export function fittingVariant(root: Schema, variants: readonly Schema[], value: unknown): number {
  const { $defs, definitions } = root;
  const fits = (variant: Schema): boolean => {
    try {
      return new Validator({ ...variant, $defs, definitions }, "2020-12").validate(value).valid;
    } catch {
      return false;
    }
  };
  const exact = variants.findIndex(fits);
  return exact >= 0
    ? exact
    : Math.max(
        0,
        variants.findIndex((variant) => isOfType(variant, value)),
      );
}

function isOfType(variant: Schema, value: unknown): boolean {
  const type = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
  return variant["type"] === type || (type === "number" && variant["type"] === "integer");
}
