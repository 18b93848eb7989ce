import { isSecretName } from "../../lib/secret-name.ts";
import { textOf, typesOf, type Place } from "../places.ts";
import { eachParameter, eachPlace, type Rule, type ToolView, type View } from "../rule.ts";
import { meaningOf, mentions, wordsOf } from "../words.ts";
import { speaksForItself } from "./speaks-for-itself.ts";

const COMBINED = ["$ref", "$dynamicRef", "enum", "const", "anyOf", "oneOf", "allOf", "not", "if"];
const AMBIGUOUS = new Set(
  "data value values input obj object arg args param params payload info item items thing stuff x y foo bar options config body".split(" "),
);
const CHOICE =
  /\b(?:one of|either|must be|can be|allowed|valid|possible|options?|values?)\b[^.]{0,60}?(?:[`'"][\w-]+[`'"]\s*(?:,|\/|\||\bor\b)\s*)+(?:or\s+)?[`'"]?[\w-]+|[`'"]?\b[\w-]+\b[`'"]?(?:\s*\|\s*[`'"]?[\w-]+[`'"]?){1,}|\b(?:one of|either)\b:?\s+[\w-]+(?:\s*,\s*[\w-]+)*,?\s+or\s+[\w-]+/i;
const DATE_NAME = /(?:^|_)(?:date|day|timestamp|datetime|time|since|until|at)$/;
const DATE_FORM = /iso|rfc|yyyy|epoch|unix|format|\d{4}-\d{2}|seconds|milliseconds|utc/i;
const SIZES = /(?:^|_)(?:limit|count|size|max|top|per_page|page_size|first|last|n)$/;

const snake = (name: string): string => wordsOf(name).join("_");
const described = ({ schema }: Place): string => textOf(schema["description"]).trim();

function isTyped({ schema }: Place): boolean {
  return typesOf(schema).length > 0 || COMBINED.some((keyword) => schema[keyword] !== undefined);
}

function* undocumented(view: View) {
  for (const tool of view.tools) {
    for (const place of tool.places) {
      if (place.depth > 1 || described(place) !== "" || mentions(tool.description, place.name)) continue;
      if (speaksForItself(place, tool, view)) continue;
      const severity = place.isRequired ? ("error" as const) : ("warning" as const);
      const what = place.isRequired ? "is required and has" : "has";
      yield {
        tool: tool.name,
        parameter: place.path,
        severity,
        message: `"${place.name}" ${what} no description, and the tool's does not speak of it.`,
      };
    }
  }
}

function proseChoice(place: Place): string | undefined {
  const { schema } = place;
  if (!typesOf(schema).includes("string") || COMBINED.some((keyword) => schema[keyword] !== undefined)) return undefined;
  if (schema["pattern"] !== undefined || schema["format"] !== undefined) return undefined;
  const text = described(place);
  const found = /\b(?:e\.g\.|such as|for example|like)\b/i.test(text) ? undefined : CHOICE.exec(text)?.[0];
  return found === undefined ? undefined : `The values of "${place.path}" are told in words: "${found.slice(0, 80)}".`;
}

function vagueDate(place: Place): string | undefined {
  const { schema, path } = place;
  if (!typesOf(schema).includes("string") || !DATE_NAME.test(snake(place.name))) return undefined;
  const isSaid =
    ["format", "pattern", "enum", "examples"].some((keyword) => schema[keyword] !== undefined) || DATE_FORM.test(described(place));
  return isSaid ? undefined : `How "${path}" is written is not said.`;
}

function isOpenObject({ schema }: Place): boolean {
  if (!typesOf(schema).includes("object") || COMBINED.some((keyword) => schema[keyword] !== undefined)) return false;
  const more = schema["additionalProperties"] ?? schema["patternProperties"];
  const saysMore = typeof more === "object" && more !== null && Object.keys(more).length > 0;
  return schema["properties"] === undefined && !saysMore && more !== false;
}

function isOpenSecret({ name, schema }: Place): boolean {
  if (schema["writeOnly"] === true || schema["format"] === "password") return false;
  if (
    !typesOf(schema).includes("string") ||
    /(?:page|next|continuation|cursor|sync)_?token|_(?:id|name|type|hint|uri|url)$/i.test(snake(name))
  )
    return false;
  return isSecretName(name);
}

function restates(place: Place): boolean {
  const known = new Set(meaningOf(`${place.name} parameter value string`));
  const said = meaningOf(described(place));
  return said.length > 0 && said.every((word) => known.has(word));
}

function unbounded({ name, path, schema }: Place, _tool: ToolView): string | undefined {
  const types = typesOf(schema);
  if (types.includes("array") && schema["maxItems"] === undefined) return `"${path}" takes a list of any length.`;
  const isNumber = types.includes("integer") || types.includes("number");
  const isBound = schema["maximum"] !== undefined || schema["exclusiveMaximum"] !== undefined || schema["enum"] !== undefined;
  return isNumber && !isBound && SIZES.test(snake(name)) ? `"${path}" has no maximum.` : undefined;
}

export const parameterRules: readonly Rule[] = [
  {
    id: "param-undocumented",
    group: "parameters",
    severity: "error",
    about:
      "A parameter that nothing explains: no description, no word of it in the description of the tool, no listed values, and its name is neither a plain one (name, email, cursor …) nor the id of a thing that another tool lists. An error for required ones, otherwise a warning.",
    fix: "Describe what it is and where it comes from.",
    check: undocumented,
  },
  {
    id: "param-untyped",
    group: "parameters",
    severity: "error",
    about: "A parameter without a type takes anything, and several model APIs refuse the whole tool.",
    fix: "Give it a type.",
    check: eachPlace((place) => (isTyped(place) ? undefined : `"${place.path}" has no type.`)),
  },
  {
    id: "param-array-items",
    group: "parameters",
    severity: "error",
    about: "A list that does not say of what: several model APIs refuse the whole tool.",
    fix: "Say with items what the list holds.",
    check: eachPlace(({ path, schema }) =>
      typesOf(schema).includes("array") && schema["items"] === undefined && schema["prefixItems"] === undefined
        ? `"${path}" is a list that does not say of what.`
        : undefined,
    ),
  },
  {
    id: "param-enum-in-prose",
    group: "parameters",
    severity: "warning",
    about: "The values that fit are told in the description only, where nothing checks them.",
    fix: "List them in enum.",
    check: eachPlace(proseChoice),
  },
  {
    id: "param-date-format",
    group: "parameters",
    severity: "warning",
    about: "A date or time whose form is not said: models send whatever their user wrote.",
    fix: "Say the form, with an example: ISO 8601, such as 2026-01-31.",
    check: eachPlace(vagueDate),
  },
  {
    id: "param-open-object",
    group: "parameters",
    severity: "warning",
    about: "An object without properties: a model has to invent its members.",
    fix: "Declare its properties, or what its values are with additionalProperties.",
    check: eachPlace((place) => (isOpenObject(place) ? `"${place.path}" is an object of which nothing is said.` : undefined)),
  },
  {
    id: "param-secret",
    group: "parameters",
    severity: "warning",
    about: "A secret as an argument passes through the model, its history and every log on the way.",
    fix: "Let the server hold it, or ask the person for it out of band; at least mark it writeOnly.",
    check: eachPlace((place) => (isOpenSecret(place) ? `"${place.path}" looks like a secret.` : undefined)),
  },
  {
    id: "param-restates-name",
    group: "parameters",
    severity: "info",
    about: "The description of a parameter has no word that its name does not have.",
    fix: "Say what the name leaves open, or leave it out.",
    check: eachParameter((place) => (restates(place) ? `"${described(place)}" says nothing that "${place.name}" does not.` : undefined)),
  },
  {
    id: "param-ambiguous-name",
    group: "parameters",
    severity: "info",
    about: "A name such as data or value fits everything.",
    fix: "Name what it holds.",
    check: eachParameter(({ name }) => (AMBIGUOUS.has(name.toLowerCase()) ? `"${name}" could be anything.` : undefined)),
  },
  {
    id: "param-unbounded",
    group: "parameters",
    severity: "info",
    about: "A list or a count without an upper end: one call can ask for everything.",
    fix: "Set maxItems or maximum.",
    check: eachPlace(unbounded),
  },
];
