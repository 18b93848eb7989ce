import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import * as z from "zod";
import { createConcealer, createValidator } from "../../src/tool/schema/index.ts";

const secret = z.string().meta({ sensitive: true });
const R = "[redacted]";

const inputs: readonly (readonly [title: string, schema: z.ZodObject, value: unknown, expected: unknown])[] = [
  ["a marked member", z.object({ a: z.string(), s: secret }), { a: "x", s: "y" }, { a: "x", s: R }],
  ["a marked member that may be left out or null", z.object({ s: secret.nullable().optional() }), { s: "y" }, { s: R }],
  ["a marked number", z.object({ s: z.number().meta({ sensitive: true }) }), { s: 4711 }, { s: R }],
  [
    "each item of a list",
    z.object({ l: z.array(z.object({ s: secret, t: z.string() })) }),
    { l: [{ s: "y", t: "z" }] },
    { l: [{ s: R, t: "z" }] },
  ],
  ["each value of a map", z.object({ m: z.record(z.string(), secret) }), { m: { a: "y" } }, { m: { a: R } }],
  ["a whole object", z.object({ o: z.object({ a: z.string() }).meta({ sensitive: true }) }), { o: { a: "y" } }, { o: R }],
  [
    "one alternative of several",
    z.object({ u: z.union([z.object({ kind: z.literal("key"), s: secret }), z.object({ kind: z.literal("none") })]) }),
    { u: { kind: "key", s: "y" } },
    { u: { kind: "key", s: R } },
  ],
  ["a text where an object with a secret belongs", z.object({ o: z.object({ s: secret }) }), { o: "y" }, { o: R }],
  ["a list where an object with a secret belongs", z.object({ o: z.object({ s: secret }) }), { o: ["y"] }, { o: R }],
  ["a misspelt name beside a secret", z.object({ a: z.string(), s: secret }), { a: "x", sss: "y" }, { a: "x", sss: R }],
];

for (const [title, schema, value, expected] of inputs) {
  test(`T71: concealed is ${title}`, () => {
    const concealer = createConcealer(createValidator(schema, "input").schema);
    assert.deepEqual(concealer?.conceal(value), expected);
  });
}

test("T71: both marks of a plain JSON Schema count, through references, also where the schema refers to itself", () => {
  const node = { type: "object", properties: { key: { $ref: "#/$defs/key" }, next: { $ref: "#/$defs/node" } } };
  for (const mark of ["sensitive", "writeOnly"]) {
    const schema = { $ref: "#/$defs/node", $defs: { key: { type: "string", [mark]: true }, node } };
    const concealer = createConcealer(schema);
    assert.deepEqual(concealer?.conceal({ key: "a", next: { key: "b", next: { key: "c" } } }), {
      key: R,
      next: { key: R, next: { key: R } },
    });
    assert.deepEqual(
      ["/next", "/next/key", "/next/key/x", "/key"].map((path) => concealer?.conceals(path)),
      [false, true, true, true],
    );
  }
});

test("a list shows a mark in the word of JSON Schema, and a schema without marks conceals nothing", () => {
  const { schema } = createValidator(z.object({ s: secret }), "input");
  assert.deepEqual(schema["properties"], { s: { type: "string", writeOnly: true } });
  assert.equal(createConcealer(createValidator(z.object({ s: z.string() }), "input").schema), undefined);
});

test("T71: of any value, no secret is left in what is kept, and whether a text holds one is known", () => {
  const tree = z.object({ a: z.string().optional(), s: secret.optional(), l: z.array(z.object({ s: secret })).optional() });
  const concealer = createConcealer(createValidator(tree, "input").schema);
  const mark = fc.uuid().map((id) => `secret-${id}`);
  const key = fc.constantFrom("s", "ss", "S");
  fc.assert(
    fc.property(mark, key, fc.array(mark, { maxLength: 4 }), (one, name, more) => {
      const value = { a: "open", [name]: one, l: more.map((each) => ({ s: each })) };
      const kept = JSON.stringify(concealer?.conceal(value));
      assert.ok([one, ...more].every((each) => !kept.includes(each)) && kept.includes("open"));
      assert.ok([one, ...more].every((each) => concealer?.isIn(`it was ${each}.`, value)));
      assert.equal(concealer?.isIn("it was open.", value), false);
    }),
  );
});
