import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkValue, fittingVariant } from "../../src/console/ui/form/check-value.ts";
import { describeField, variantName } from "../../src/console/ui/form/describe-field.ts";
import {
  extraSchema,
  numberOf,
  propertiesOf,
  startArguments,
  startValue,
  withItem,
  withProperty,
} from "../../src/console/ui/form/field-value.ts";
import { resolve } from "../../src/console/ui/form/resolve.ts";

const root = {
  type: "object",
  properties: { order: { $ref: "#/$defs/order" }, tree: { $ref: "#/$defs/tree" } },
  required: ["order"],
  $defs: {
    id: { type: "string", pattern: "^A-[0-9]+$", description: "An order's number" },
    order: {
      allOf: [
        { $ref: "#/$defs/base" },
        { properties: { lines: { type: "array", items: { type: "integer" }, minItems: 1 } }, required: ["lines"] },
      ],
    },
    base: { type: "object", properties: { id: { $ref: "#/$defs/id" } }, required: ["id"] },
    tree: {
      type: "object",
      properties: { children: { type: "array", items: { $ref: "#/$defs/tree" } }, parent: { $ref: "#/$defs/tree" } },
    },
    loop: { $ref: "#/$defs/loop" },
    ring: { allOf: [{ $ref: "#/$defs/back" }] },
    back: { $ref: "#/$defs/ring" },
    "a/b~c": { type: "boolean" },
  },
};

const kinds: readonly (readonly [schema: unknown, kind: string, typeText: string, isNullable: boolean])[] = [
  [{ type: "string" }, "text", "string", false],
  [{ type: ["string", "null"] }, "text", "string | null", true],
  [{ type: ["null", "integer"] }, "integer", "integer | null", true],
  [{ type: "string", nullable: true }, "text", "string | null", true],
  [{ anyOf: [{ type: "number" }, { type: "null" }] }, "number", "number | null", true],
  [{ oneOf: [{ type: "null" }, { $ref: "#/$defs/id" }] }, "text", "string | null", true],
  [{ anyOf: [{ type: "string" }, { type: "integer" }] }, "choice", "string | integer", false],
  [{ anyOf: [{ type: "string" }, { type: "integer" }, { type: "null" }] }, "choice", "string | integer | null", true],
  [{ enum: ["a", "b"] }, "enum", "enum", false],
  [{ enum: ["a", null] }, "enum", "enum | null", true],
  [{ const: 7 }, "enum", "const", false],
  [{ type: "array", items: { $ref: "#/$defs/order" } }, "array", "object[]", false],
  [{ type: "array" }, "array", "any[]", false],
  [{ type: "null" }, "null", "null", false],
  [{ $ref: "#/$defs/a~1b~0c" }, "boolean", "boolean", false],
  [{ $ref: "#/$defs/loop" }, "any", "any", false],
  [{ $ref: "#/$defs/ring" }, "any", "any", false],
  [{ $ref: "#/nowhere" }, "any", "any", false],
  [{ $ref: "https://elsewhere.example/schema" }, "any", "any", false],
  [{ type: ["string", "integer"] }, "any", "string | integer", false],
  [true, "any", "any", false],
  [{}, "any", "any", false],
  [{ type: "object", properties: { a: {}, b: {} }, anyOf: [{ required: ["a"] }, { required: ["b"] }] }, "object", "object", false],
  [{ properties: { a: {} } }, "object", "any", false],
];

test("each way to write a type gives the field that edits it", () => {
  for (const [schema, kind, typeText, isNullable] of kinds) {
    const field = describeField(root, schema);
    assert.deepEqual([field.kind, field.typeText, field.isNullable], [kind, typeText, isNullable], JSON.stringify(schema));
  }
});

test("allOf and $ref with siblings become one schema in which all of them hold", () => {
  const order = resolve(root, root.properties.order);
  assert.deepEqual(Object.keys(order["properties"] as object), ["id", "lines"]);
  assert.deepEqual(order["required"], ["id", "lines"]);
  const narrowed = resolve(root, {
    $ref: "#/$defs/id",
    description: "Here it is short",
    maxLength: 9,
    allOf: [{ maxLength: 4, type: ["string", "null"] }, { enum: ["a", "b"] }, { enum: ["b", "c"] }],
  });
  assert.deepEqual(narrowed, { type: ["string"], pattern: "^A-[0-9]+$", description: "Here it is short", maxLength: 4, enum: ["b"] });
  assert.deepEqual(
    resolve(
      {},
      {
        allOf: [
          { type: "number", minimum: 1 },
          { type: "integer", minimum: 3 },
        ],
      },
    ),
    { type: ["integer"], minimum: 3 },
  );
  assert.equal(extraSchema(resolve({}, { allOf: [{ additionalProperties: false }, { additionalProperties: {} }] })), undefined);
});

test("a property that two parts of allOf describe must satisfy both", () => {
  const flat = resolve({}, { allOf: [{ properties: { n: { type: "number", minimum: 0 } } }, { properties: { n: { maximum: 9 } } }] });
  assert.deepEqual(describeField({}, (flat["properties"] as { n: unknown }).n).limits, ["≥ 0", "≤ 9"]);
});

test("a field says its limits in words", () => {
  assert.deepEqual(
    describeField({}, { type: "string", minLength: 1, maxLength: 5, pattern: "^x", format: "email", default: "x@y" }).limits,
    ["at least 1 characters", "at most 5 characters", "/^x/", "email", 'default "x@y"'],
  );
});

test("variants are told apart by title, marking constant, or what they require", () => {
  assert.equal(variantName({}, { title: "By card" }), "By card");
  assert.equal(variantName({}, { type: "object", properties: { kind: { const: "card" } } }), 'kind "card"');
  assert.equal(variantName({}, { type: "object", required: ["iban"] }), "object with iban");
  const variants = [{ type: "object", properties: { id: { $ref: "#/$defs/id" } }, required: ["id"] }, { type: "string" }];
  assert.deepEqual(
    [{ id: "A-1" }, { id: "B" }, "x", 7].map((value) => fittingVariant(root, variants, value)),
    [0, 0, 1, 0],
  );
});

test("omitted, null and empty are three different values", () => {
  const schema = { type: "object", properties: { note: { type: ["string", "null"] } } };
  const empty = withProperty({ note: "x" }, "note", "");
  const nothing = withProperty(empty, "note", null);
  const omitted = withProperty(nothing, "note", undefined);
  assert.deepEqual(
    [empty, nothing, omitted].map((value) => JSON.stringify(value)),
    ['{"note":""}', '{"note":null}', "{}"],
  );
  for (const value of [empty, nothing, omitted]) assert.deepEqual(checkValue(schema, value), []);
  assert.deepEqual([numberOf(""), numberOf("0"), numberOf("-1.5"), numberOf("12a")], [undefined, 0, -1.5, "12a"]);
});

test("a change keeps the other properties and their order, whatever their names are", () => {
  const name = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toString", "0"));
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1 }), fc.jsonValue(), (names, next) => {
      const value = Object.fromEntries(names.map((each, at) => [each, at]));
      const chosen = names[0] ?? "";
      const changed = withProperty(value, chosen, next);
      assert.deepEqual(Object.keys(changed), Object.keys(value));
      assert.deepEqual(Object.getOwnPropertyDescriptor(changed, chosen)?.value, next);
      assert.deepEqual(
        Object.keys(withProperty(changed, chosen, undefined)),
        Object.keys(value).filter((each) => each !== chosen),
      );
    }),
    { numRuns: 50 },
  );
  assert.deepEqual(withItem(["a", "b", "c"], 1, undefined), ["a", "c"]);
  assert.deepEqual(withItem(["a", "b"], 1, null), ["a", null]);
});

test("a value begins with its default, or with the least that has its shape", () => {
  assert.deepEqual(startValue(root, { $ref: "#/$defs/order" }), { id: "", lines: [0] });
  assert.deepEqual(startValue({}, { type: "integer", minimum: 3 }), 3);
  assert.deepEqual(startValue({}, { type: ["string", "null"], default: null }), null);
  assert.deepEqual(startValue({}, { anyOf: [{ const: "x" }, { type: "integer" }] }), "x");
  const endless = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };
  assert.ok(JSON.stringify(startValue(endless, endless)).length < 200);
});

test("a call begins only with what is settled: what is required and has a default or a constant", () => {
  const schema = {
    type: "object",
    properties: {
      kind: { const: "refund" },
      notify: { type: "boolean", default: true },
      dry: { type: "boolean", default: false },
      id: { type: "string" },
    },
    required: ["kind", "notify", "id"],
  };
  assert.deepEqual(startArguments(schema), { kind: "refund", notify: true });
});

test("a required property that is described nowhere still gets its field", () => {
  assert.deepEqual(
    propertiesOf({}, { properties: { a: {} }, required: ["b"] }).map(({ name, isRequired }) => [name, isRequired]),
    [
      ["a", false],
      ["b", true],
    ],
  );
});

test("a problem is told at the place that is wrong, once", () => {
  const schema = { ...root, additionalProperties: false };
  assert.deepEqual(
    checkValue(schema, { order: { id: "B-1", lines: [1, "x"] } }).map(({ at }) => at),
    ["/order/id", "/order/lines/1"],
  );
  assert.deepEqual(
    checkValue({ properties: { amount: { anyOf: [{ type: "number" }, { type: "null" }] } } }, { amount: "x" }).map(({ at }) => at),
    ["/amount"],
  );
  assert.deepEqual(checkValue(schema, {}), [{ at: "/order", text: "This is required." }]);
  assert.deepEqual(
    checkValue({ required: ["a", "b/c"] }, {}).map(({ at }) => at),
    ["/a", "/b~1c"],
  );
  assert.deepEqual(checkValue(schema, { order: { id: "A-1", lines: [1] }, more: 1 }), [
    { at: "/more", text: "The schema has no such property." },
  ]);
  assert.deepEqual(checkValue({ type: "object", properties: { a: { $ref: "#/nowhere" } } }, { a: 1 }), []);
});
