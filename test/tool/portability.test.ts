import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonSchema } from "../../src/tool/index.ts";
import { createRegistry, defineScopes, type Tool } from "../../src/tool/index.ts";
import { MODEL_APIS, reportPortability, type ModelApi, type Portability } from "../../src/tool/portability.ts";

const scopes = defineScopes({ "a:read": { description: "See what there is.", access: "read" } });

/** An object of one required text, which every model API takes. */
const PLAIN = { type: "object", properties: { name: { type: "string" } }, required: ["name"], additionalProperties: false };
const withProperty = (property: JsonSchema): JsonSchema => ({ ...PLAIN, properties: { name: property } });

function report(input: JsonSchema, name = "get_thing"): Portability {
  const tool: Tool = {
    name,
    title: "Get",
    description: "Gets one thing by its name.",
    scopes: ["a:read"],
    effect: "read",
    input,
    examples: [{ title: "One", input: { name: "x" } }],
    run: () => "x",
  };
  const [first] = reportPortability(createRegistry({ scopes, tools: [tool] }));
  assert.ok(first);
  return first;
}

test("a plain object with every property required fits every model API", () => {
  assert.deepEqual(report(PLAIN), { tool: "get_thing", openai: [], gemini: [], claude: [] });
});

const text = { type: "string" };
const unfit: readonly (readonly [title: string, input: JsonSchema, expected: Partial<Record<ModelApi, string>>])[] = [
  ["an optional property", { ...PLAIN, properties: { name: text, more: text } }, { openai: "not every property is required at /more" }],
  [
    "an open object",
    { type: "object", properties: { name: text }, required: ["name"] },
    { openai: "additionalProperties is not false at /" },
  ],
  ["a default", withProperty({ type: "string", default: "x" }), { openai: "default at /name" }],
  ["a length", withProperty({ type: "string", minLength: 1 }), { openai: "minLength at /name" }],
  ["a format that only strict mode knows", withProperty({ type: "string", format: "email" }), { gemini: "format email at /name" }],
  [
    "a format that neither knows",
    withProperty({ type: "string", format: "uri" }),
    { openai: "format uri at /name", gemini: "format uri at /name" },
  ],
  ["a reference", { ...withProperty({ $ref: "#/$defs/n" }), $defs: { n: text } }, { gemini: "$ref at /name" }],
  ["a constant", withProperty({ anyOf: [{ const: "x" }, text] }), { gemini: "const at /name" }],
  ["an alternative by oneOf", withProperty({ oneOf: [text] }), { openai: "oneOf at /name", gemini: "oneOf at /name" }],
  ["several types at once", withProperty({ type: ["string", "null"] }), { gemini: "several types at once at /name" }],
  ["an enum of numbers", withProperty({ enum: ["x", 1] }), { gemini: "enum of something that is no text at /name" }],
  ["a list without items", withProperty({ anyOf: [text, { type: "array" }] }), { gemini: "an array without items at /name" }],
  [
    "a keyword deep inside",
    withProperty({ anyOf: [text, { type: "array", items: { type: "string", maxLength: 3 } }] }),
    { openai: "maxLength at /name/*" },
  ],
  [
    "alternatives at the root",
    { ...PLAIN, anyOf: [{}] },
    { openai: "the root must be an object without anyOf", claude: "anyOf at the root" },
  ],
  [
    "a property name with a space",
    { ...PLAIN, properties: { name: text, "a b": text }, required: ["name"] },
    { openai: "not every property is required at /a b", claude: "a property name of other characters or too long at /a b" },
  ],
];

for (const [title, input, expected] of unfit) {
  test(`${title} is reported where it does not fit, and only there`, () => {
    const found = report(input);
    for (const api of MODEL_APIS) {
      const reason = expected[api];
      if (reason === undefined) assert.deepEqual(found[api], [], api);
      else assert.ok(found[api].includes(reason), `${api}: ${found[api].join("; ")}`);
    }
  });
}

test("a name that starts with a digit does not fit Gemini", () => {
  const { openai, gemini, claude } = report(PLAIN, "2fa_status");
  assert.deepEqual([openai, claude], [[], []]);
  assert.match(gemini.join(), /the name 2fa_status/);
});

test("a schema nested deeper than strict mode takes is reported for it alone", () => {
  let inner: JsonSchema = text;
  for (let i = 0; i < 12; i++) inner = { type: "object", properties: { name: inner }, required: ["name"], additionalProperties: false };
  const { openai, gemini, claude } = report(withProperty({ anyOf: [text, inner] }));
  assert.match(openai.join(), /deeper than 10 levels/);
  assert.deepEqual([gemini, claude], [[], []]);
});
