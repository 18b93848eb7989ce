import { isRecord } from "../../lib/is-record.ts";
import { collectHeaderParams } from "../../tool/index.ts";
import { typesOf, valuesOf } from "../places.ts";
import { eachTool, type Rule, type ToolView } from "../rule.ts";
import { badExamples } from "./examples.ts";

const MAX_DEPTH = 3;
const MAX_PARAMETERS = 10;
const COMPLEX_PARAMETERS = 5;
const MIN_PARAMETERS_WITHOUT_REQUIRED = 3;

const parametersOf = ({ places }: ToolView) => places.filter(({ depth }) => depth === 1);

function unknownRequired(schema: unknown, at = ""): string | undefined {
  if (!isRecord(schema)) return undefined;
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  // Without properties of its own it may speak of those of the schema around it.
  const missing =
    schema["properties"] === undefined && at !== "" ? undefined : required.find((name) => !Object.hasOwn(properties, String(name)));
  if (missing !== undefined) return `"${at}${String(missing)}" is required but no property.`;
  for (const [name, property] of Object.entries(properties)) {
    const found =
      unknownRequired(property, `${at}${name}.`) ?? (isRecord(property) ? unknownRequired(property["items"], `${at}${name}.`) : undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isComplex(tool: ToolView): boolean {
  return parametersOf(tool).length >= COMPLEX_PARAMETERS || tool.places.some(({ depth }) => depth > 1);
}

function hasExamples({ declared, inputSchema }: ToolView): boolean {
  return (
    (declared?.examples.length ?? 0) > 0 || valuesOf(inputSchema, "examples").length > 0 || valuesOf(inputSchema, "example").length > 0
  );
}

export const schemaRules: readonly Rule[] = [
  {
    id: "schema-root",
    group: "schema",
    severity: "error",
    about: "The input schema is not one of an object (MCP Tool.inputSchema), or it does not compile.",
    fix: 'Make type: "object" its root.',
    check: eachTool(({ inputSchema, declared }) => {
      if (declared?.problem !== undefined) return `A schema of it does not compile: ${declared.problem}.`;
      return inputSchema["type"] === "object" ? undefined : 'The root of its input schema is not type: "object".';
    }),
  },
  {
    id: "schema-required-unknown",
    group: "schema",
    severity: "error",
    about: "A name in required that is no property: no call can fit, or the check was meant for another name.",
    fix: "Correct the name in required, or declare the property.",
    check: eachTool(({ inputSchema }) => unknownRequired(inputSchema)),
  },
  {
    id: "schema-remote-ref",
    group: "schema",
    severity: "error",
    about: "A reference to another document: clients must not fetch it, so the schema cannot be used.",
    fix: "Put what it refers to under $defs.",
    check: eachTool(({ inputSchema, outputSchema }) => {
      const refs = [inputSchema, outputSchema].flatMap((schema) => [...valuesOf(schema, "$ref"), ...valuesOf(schema, "$dynamicRef")]);
      const remote = refs.filter((ref) => typeof ref === "string").find((ref) => !ref.startsWith("#"));
      return remote === undefined ? undefined : `It refers to ${remote}.`;
    }),
  },
  {
    id: "header-invalid",
    group: "schema",
    severity: "error",
    about: "An x-mcp-header that breaks its rules (MCP 2026-07-28): clients must drop the whole tool.",
    fix: "Put it on a string, integer or boolean property that is reached through properties alone, each header once, and on no secret.",
    check: eachTool(({ inputSchema }) => {
      const [problem] = collectHeaderParams(inputSchema).problems;
      return problem === undefined ? undefined : `${problem}.`;
    }),
  },
  {
    id: "example-invalid",
    group: "schema",
    severity: "error",
    about: "An example or a default that the schema itself refuses: models copy examples.",
    fix: "Correct the example or the schema.",
    *check({ tools }) {
      for (const tool of tools)
        for (const { parameter, message } of badExamples(tool))
          yield { tool: tool.name, ...(parameter === undefined ? {} : { parameter }), message };
    },
  },
  {
    id: "schema-root-union",
    group: "schema",
    severity: "warning",
    about: "Alternatives at the root of the input schema: several model APIs refuse them.",
    fix: "Make it one object, or several tools.",
    check: eachTool(({ inputSchema }) => {
      const found = ["anyOf", "oneOf", "allOf", "not", "if"].filter((keyword) => inputSchema[keyword] !== undefined);
      return found.length === 0 ? undefined : `The root of its input schema has ${found.join(", ")}.`;
    }),
  },
  {
    id: "schema-deep",
    group: "schema",
    severity: "warning",
    about: `Arguments nested more than ${MAX_DEPTH} levels deep: models fill them in wrongly, and some APIs refuse them.`,
    fix: "Flatten it, or divide the tool.",
    check: eachTool(({ places }) => {
      const deepest = places.toSorted((a, b) => b.depth - a.depth)[0];
      return deepest !== undefined && deepest.depth > MAX_DEPTH ? `"${deepest.path}" lies ${deepest.depth} levels deep.` : undefined;
    }),
  },
  {
    id: "schema-many-params",
    group: "schema",
    severity: "warning",
    about: `More than ${MAX_PARAMETERS} parameters: models leave out or mix up some.`,
    fix: "Divide the tool by what people want to do with it.",
    check: eachTool((tool) => {
      const { length } = parametersOf(tool);
      return length > MAX_PARAMETERS ? `It has ${length} parameters.` : undefined;
    }),
  },
  {
    id: "schema-open",
    group: "schema",
    severity: "info",
    about: "Unknown arguments are let through: a misspelt one is dropped and nobody notices. Strict modes need the root to be closed.",
    fix: "Set additionalProperties: false.",
    check: eachTool(({ inputSchema }) =>
      inputSchema["additionalProperties"] === false || inputSchema["unevaluatedProperties"] === false
        ? undefined
        : "Its input schema lets unknown arguments through.",
    ),
  },
  {
    id: "schema-no-required",
    group: "schema",
    severity: "info",
    about: `${MIN_PARAMETERS_WITHOUT_REQUIRED} parameters or more and none required: a model cannot tell what a sensible call needs.`,
    fix: "Mark what every call needs, or say what a call without arguments does.",
    check: eachTool((tool) => {
      const parameters = parametersOf(tool);
      if (parameters.length < MIN_PARAMETERS_WITHOUT_REQUIRED || parameters.some(({ isRequired }) => isRequired)) return undefined;
      return `None of its ${parameters.length} parameters is required.`;
    }),
  },
  {
    id: "no-examples",
    group: "schema",
    severity: "info",
    about: `Nested arguments, or ${COMPLEX_PARAMETERS} and more, without an example: one tells a model more than the schema.`,
    fix: "Add one that a model can follow.",
    check: eachTool((tool) => (isComplex(tool) && !hasExamples(tool) ? "Its arguments are complex and it has no example." : undefined)),
  },
  {
    id: "output-schema-missing",
    group: "schema",
    severity: "info",
    about: "Without an output schema a client cannot check or pass on what comes back.",
    fix: "Declare what the tool answers.",
    check: eachTool(({ outputSchema }) =>
      outputSchema === undefined || typesOf(outputSchema).length + Object.keys(outputSchema).length === 0
        ? "It declares no output schema."
        : undefined,
    ),
  },
];
