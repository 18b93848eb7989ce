import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { BootError } from "../../src/errors.ts";
import { createRegistry, definePrompt, defineResource, type JsonSchema } from "../../src/tool/index.ts";
import { scopes, showOrder } from "../mcp/offerings/surface.ts";

function problemsOf(change: object): string {
  try {
    const { ui: _ui, output: _output, ...tool } = showOrder;
    createRegistry({ scopes, tools: [{ ...tool, examples: [{ title: "One", input: { id: "o1" } }], ...change }] });
  } catch (error) {
    assert.ok(error instanceof BootError);
    return error.problems.join("\n");
  }
  return "";
}

const object = (properties: object, more: object = {}): JsonSchema => ({ type: "object", properties, ...more });

function nested(depth: number): JsonSchema {
  let schema: JsonSchema = { type: "string" };
  for (let i = 0; i < depth; i++) schema = { type: "array", items: schema };
  return schema;
}

test("T52: a reference to another host refuses to boot, and is never fetched", async (t) => {
  let hits = 0;
  const canary = createServer((_req, res) => {
    hits++;
    res.end("{}");
  });
  await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
  t.after(() => canary.close());
  const url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/schema.json`;
  const references: readonly JsonSchema[] = [
    { $ref: url },
    { $ref: `${url}#/definitions/a` },
    { $dynamicRef: `${url}#a` },
    { allOf: [{ $ref: url }] },
    { $ref: "file:///etc/passwd" },
    { $ref: "other.json" },
  ];
  for (const reference of references) {
    assert.match(problemsOf({ input: object({ id: reference }) }), /input schema that does not compile/, JSON.stringify(reference));
    assert.match(problemsOf({ output: reference }), /output schema that does not compile/, JSON.stringify(reference));
  }
  assert.match(problemsOf({ input: object({}, { $schema: url }) }), /does not compile/);
  assert.equal(hits, 0);
});

test("T52: a reference inside the schema is followed, also one that leads to itself", () => {
  const tree = { type: "object", properties: { children: { type: "array", items: { $ref: "#/$defs/tree" } } } };
  assert.equal(problemsOf({ input: object({ id: { type: "string" }, tree: { $ref: "#/$defs/tree" } }, { $defs: { tree } }) }), "");
});

const bounds: readonly [title: string, schema: JsonSchema, isRefused: boolean][] = [
  ["28 levels", object({ id: { type: "string" }, deep: nested(28) }), false],
  ["33 levels", object({ id: { type: "string" }, deep: nested(33) }), true],
  ["900 parts", object(Object.fromEntries(Array.from({ length: 900 }, (_, i) => [i === 0 ? "id" : `p${i}`, { type: "string" }]))), false],
  ["1,001 parts", object({ id: { type: "string" }, any: { anyOf: Array.from({ length: 1001 }, () => ({})) } }), true],
  ["a dialect that is not served", object({ id: { type: "string" } }, { $schema: "http://json-schema.org/draft-04/schema#" }), true],
];

for (const [title, schema, isRefused] of bounds) {
  test(`T52: a schema with ${title} ${isRefused ? "refuses to boot" : "boots"}`, () => {
    const expected = isRefused ? /deeper than 32 or larger than 1000 parts|does not compile/ : /^$/;
    assert.match(problemsOf({ input: schema }), expected);
    // Of its own: Ajv keeps an object that it refused, and takes it the second time.
    assert.match(problemsOf({ output: structuredClone(schema) }), expected);
  });
}

test("T52: a schema bomb is refused before anything is made of it", () => {
  const bomb = object({ id: { anyOf: Array.from({ length: 20 }, () => ({ anyOf: Array.from({ length: 500 }, () => nested(20)) })) } });
  const startedMs = performance.now();
  assert.match(problemsOf({ input: bomb }), /larger than 1000 parts/);
  assert.ok(performance.now() - startedMs < 1000);
});

const hidden = "\u200b";

const prompt = definePrompt({
  name: "ask",
  title: "Ask",
  description: "Asks for an order.",
  scopes: ["order:read"],
  arguments: { id: { description: "Id of the order." } },
  run: () => [],
});

for (const change of [
  { title: `Ask${hidden}` },
  { description: `Asks for ${hidden} it.` },
  { arguments: { id: { description: `Id${hidden}.` } } },
]) {
  test(`T49: a prompt with hidden text in its ${Object.keys(change).join()} refuses to boot`, () => {
    assert.throws(
      () => createRegistry({ scopes, prompts: [{ ...prompt, ...change }] }),
      (error) => error instanceof BootError && /prompt "ask" has a hidden character U\+200B/.test(error.problems.join()),
    );
  });
}

const resource = defineResource({
  uri: "orders://all",
  name: "all",
  title: "All",
  description: "All of the orders.",
  scopes: ["order:read"],
  mimeType: "text/plain",
  read: () => [],
});

const hiddenChanges = {
  uri: `orders://${hidden}all`,
  name: `all${hidden}`,
  title: `All${hidden}`,
  description: `All ${hidden} orders.`,
  mimeType: `text/plain${hidden}`,
};

for (const [member, value] of Object.entries(hiddenChanges)) {
  test(`T49: a resource with hidden text in its ${member} refuses to boot`, () => {
    assert.throws(
      () => createRegistry({ scopes, resources: [{ ...resource, [member]: value }] }),
      (error) => error instanceof BootError && /has a hidden character U\+200B/.test(error.problems.join()),
    );
  });
}
