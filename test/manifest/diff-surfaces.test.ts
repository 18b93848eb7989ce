import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { diffSurfaces, hashSurface, wideningFor } from "../../src/manifest/index.ts";
import { INPUT, SCOPES, surfaceOf, tool } from "./tools.ts";

const told = (before: Parameters<typeof diffSurfaces>[0], after: Parameters<typeof diffSurfaces>[1]): string[] =>
  diffSurfaces(before, after).map(({ kind, of, name, what, path }) => `${kind} ${of} ${name} ${what}${path}`);

const withInput = (change: object, id: object = {}) => ({
  ...INPUT,
  properties: { ...INPUT.properties, id: { ...INPUT.properties.id, ...id } },
  ...change,
});

/** [what a tool was, what it is, what is said of it] */
const TOOLS: readonly (readonly [string, object, object, readonly string[]])[] = [
  ["the same", {}, {}, []],
  ["another title", {}, { title: "Another" }, ["wording tool note title"]],
  ["another description", {}, { description: "Says something else about it altogether." }, ["wording tool note description"]],
  ["a stronger effect", { effect: "write" }, { effect: "destructive" }, ["widening tool note effect"]],
  ["a weaker effect, which less holds back", { effect: "destructive" }, { effect: "write" }, ["widening tool note effect"]],
  ["one scope more", {}, { scopes: ["note:read", "admin:write"] }, ["breaking tool note scopes"]],
  ["one scope less", { scopes: ["note:read", "admin:write"] }, {}, ["widening tool note scopes"]],
  ["another scope", {}, { scopes: ["admin:write"] }, ["breaking tool note scopes", "widening tool note scopes"]],
  ["a way outside", {}, { openWorld: true }, ["widening tool note open_world"]],
  ["no way outside any more", { openWorld: true }, {}, ["wording tool note open_world"]],
  ["not to be called twice any more", {}, { idempotent: false }, ["breaking tool note idempotent"]],
  ["seen by all", {}, { discoverable: true }, ["widening tool note discoverable"]],
  [
    "an optional input more",
    {},
    { input: withInput({ properties: { ...INPUT.properties, all: { type: "boolean" } } }) },
    ["widening tool note input/all"],
  ],
  [
    "a required input more",
    {},
    {
      input: withInput({ properties: { ...INPUT.properties, all: { type: "boolean" } }, required: ["id", "all"] }),
      examples: [{ title: "a", input: { id: "1", all: true } }],
    },
    ["breaking tool note input", "widening tool note input/all"],
  ],
  ["an input less", {}, { input: withInput({ properties: { id: INPUT.properties.id } }) }, ["breaking tool note input/state"]],
  ["an input that need not be there", {}, { input: withInput({ required: [] }) }, ["widening tool note input"]],
  ["others let in", {}, { input: withInput({ additionalProperties: true }) }, ["widening tool note input"]],
  ["longer texts", {}, { input: withInput({}, { maxLength: 50 }) }, ["widening tool note input/id"]],
  ["shorter texts", {}, { input: withInput({}, { maxLength: 30 }) }, ["breaking tool note input/id"]],
  ["no bound", {}, { input: withInput({}, { maxLength: undefined }) }, ["widening tool note input/id"]],
  ["a pattern", {}, { input: withInput({}, { pattern: "^n" }) }, ["breaking tool note input/id"]],
  [
    "another pattern",
    { input: withInput({}, { pattern: "^n1" }) },
    { input: withInput({}, { pattern: "^n" }) },
    ["widening tool note input/id"],
  ],
  ["more types", {}, { input: withInput({}, { type: ["string", "null"] }) }, ["widening tool note input/id"]],
  [
    "a value more",
    {},
    { input: withInput({ properties: { ...INPUT.properties, state: { enum: ["open", "done", "all"], type: "string" } } }) },
    ["widening tool note input/state"],
  ],
  [
    "a value less",
    {},
    { input: withInput({ properties: { ...INPUT.properties, state: { enum: ["open"], type: "string" } } }) },
    ["breaking tool note input/state"],
  ],
  ["another word for an input", {}, { input: withInput({}, { description: "Its id." }) }, ["wording tool note input/id"]],
  ["what was concealed is written down", { input: withInput({}, { writeOnly: true }) }, {}, ["widening tool note input/id"]],
  ["a keyword that nobody here knows", {}, { input: withInput({}, { "x-mode": "all" }) }, ["widening tool note input/id"]],
  [
    "an answer with a member more",
    { output: { type: "object", properties: { a: { type: "string" } } } },
    { output: { type: "object", properties: { a: { type: "string" }, b: { type: "string" } } } },
    ["widening tool note output/b"],
  ],
  [
    "an answer with a member less",
    { output: { type: "object", properties: { a: { type: "string" }, b: {} } } },
    { output: { type: "object", properties: { a: { type: "string" } } } },
    ["breaking tool note output/b"],
  ],
];

test("each change of a tool is breaking, widening or wording", () => {
  for (const [title, old, now, expected] of TOOLS) {
    assert.deepEqual(told(surfaceOf([tool("note", old)]), surfaceOf([tool("note", now)])), expected, title);
  }
});

test("a tool that is there anew is widening, one that is gone breaking", () => {
  const [one, two] = [surfaceOf([tool("a")]), surfaceOf([tool("a"), tool("b")])];
  assert.deepEqual([told(one, two), told(two, one)], [["widening tool b added"], ["breaking tool b removed"]]);
});

test("each change of a scope is breaking, widening or wording", () => {
  const change = (more: object) => surfaceOf([tool("a")], { ...SCOPES, "admin:write": { ...SCOPES["admin:write"], ...more } });
  const before = change({});
  for (const [more, expected] of [
    [{ description: "Change all the settings of this workspace." }, "wording scope admin:write description"],
    [{ includes: ["note:write"] }, "widening scope admin:write includes"],
    [{ access: "read" }, "breaking scope admin:write access"],
    [{ role: "viewer" }, "widening scope admin:write role"],
    [{ role: "owner" }, "breaking scope admin:write role"],
    [{ baseline: true }, "widening scope admin:write baseline"],
  ] as const) {
    assert.ok(told(before, change(more)).includes(expected), expected);
  }
});

test("a schema that leads back to itself is compared, and what a reference leads to counts", () => {
  const tree = (id: object) => ({
    $defs: { node: { type: "object", properties: { id, next: { $ref: "#/$defs/node" } } } },
    type: "object",
    properties: { root: { $ref: "#/$defs/node" } },
  });
  const of = (id: object) => surfaceOf([tool("a", { input: tree(id), examples: [{ title: "e", input: {} }] })]);
  assert.deepEqual(told(of({ type: "string" }), of({ type: ["string", "number"] })), ["widening tool a input/root/id"]);
});

test("no difference of two input schemas goes unsaid", () => {
  const keywords = {
    type: fc.constantFrom("string", "object", "array", "number"),
    minLength: fc.nat(9),
    pattern: fc.constantFrom("^a", "^b"),
    "x-other": fc.nat(3),
  };
  const leaf = fc.record(keywords, { requiredKeys: [] });
  const members = {
    items: leaf,
    anyOf: fc.array(leaf, { maxLength: 3 }),
    properties: fc.dictionary(fc.constantFrom("a", "$ref"), leaf, { maxKeys: 2 }),
  };
  const schema = fc.record({ ...keywords, ...members }, { requiredKeys: [] });
  const of = (inputSchema: object) =>
    ({ scopes: {}, tools: [{ ...surfaceOf([tool("a")]).tools[0], inputSchema }] }) as ReturnType<typeof surfaceOf>;
  fc.assert(
    fc.property(schema, schema, (old, now) => {
      const [before, after] = [of(old), of(now)];
      assert.equal(diffSurfaces(before, after).length > 0, hashSurface(before) !== hashSurface(after));
    }),
    { numRuns: 200 },
  );
});

/** [what changes, scopes, the tools that can do more with them] */
const REACH: readonly (readonly [string, object, object, string, readonly string[]])[] = [
  ["a stronger effect", { effect: "write" }, { effect: "destructive" }, "note:write", ["note may lose something now"]],
  ["a stronger effect out of reach", { effect: "write" }, { effect: "destructive" }, "note:read", []],
  ["reading becomes writing", { scopes: ["note:write"] }, { effect: "write" }, "note:write", ["note makes changes now"]],
  ["a weaker effect", { effect: "destructive" }, { effect: "write" }, "note:write", []],
  [
    "more to give to what writes",
    { effect: "write" },
    { effect: "write", input: withInput({ required: [] }) },
    "note:write",
    ["note takes more than before"],
  ],
  ["more to give to what reads", {}, { input: withInput({ required: [] }) }, "note:read", []],
  ["less to give to what writes", { effect: "write" }, { effect: "write", input: withInput({}, { maxLength: 9 }) }, "note:write", []],
  [
    "a scope less",
    { effect: "write", scopes: ["note:write", "admin:write"] },
    { effect: "write" },
    "note:write",
    ["note is new here and makes changes"],
  ],
  ["a way outside", {}, { openWorld: true }, "note:read", ["note reaches systems outside"]],
  ["a word", { effect: "write" }, { effect: "write", title: "Other" }, "note:write", []],
];

test("what a grant can do more than when it was given is found", () => {
  for (const [title, old, now, scopes, expected] of REACH) {
    const found = wideningFor(surfaceOf([tool("note", old)]), surfaceOf([tool("note", now)]), scopes.split(" "));
    assert.deepEqual(
      found.map(({ tool: name, why }) => `${name} ${why}`),
      expected,
      title,
    );
  }
});

test("T49: a new tool behind a scope that was granted widens the grant only when it changes things", () => {
  const before = surfaceOf([tool("a")]);
  const found = (...tools: Parameters<typeof surfaceOf>[0]) =>
    wideningFor(before, surfaceOf(tools), ["note:write"]).map(({ tool: name }) => name);
  assert.deepEqual(found(tool("a"), tool("b")), []);
  assert.deepEqual(found(tool("a"), tool("c", { effect: "write" }), tool("d", { effect: "destructive" })), ["c", "d"]);
});

test("T49: a scope that includes more than before widens the grants that hold it", () => {
  const tools = [tool("a", { effect: "write", scopes: ["admin:write"] })];
  const after = surfaceOf(tools, { ...SCOPES, "note:write": { ...SCOPES["note:write"], includes: ["note:read", "admin:write"] } });
  assert.deepEqual(
    wideningFor(surfaceOf(tools), after, ["note:write"]).map(({ tool: name }) => name),
    ["a"],
  );
});
