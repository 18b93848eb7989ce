import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { BootError } from "../../src/errors.ts";
import { createRegistry, definePrompt, defineResource, defineScopes, defineTool, type Tool } from "../../src/tool/index.ts";

const scopes = defineScopes({
  "org:read": { description: "See the organizations.", access: "read", baseline: true },
  "org:write": { description: "Change the organizations.", access: "write", includes: ["org:read"] },
});

const sound = defineTool({
  name: "get_organization",
  title: "Get an organization",
  description: "Reads one organization by its id.",
  scopes: ["org:read"],
  effect: "read",
  input: z.object({ organization_id: z.string().describe("Id of the organization.") }),
  output: z.object({ name: z.string() }),
  examples: [{ title: "One", input: { organization_id: "org_1" }, output: { name: "Acme" } }],
  run: () => ({ name: "Acme" }),
});

function problemsOf(tools: readonly Tool[]): readonly string[] {
  try {
    createRegistry({ scopes, tools });
  } catch (error) {
    assert.ok(error instanceof BootError);
    return error.problems;
  }
  return [];
}

const bad = (change: object): Tool => ({ ...sound, ...change });

test("a sound tool boots", () => {
  assert.deepEqual(problemsOf([sound]), []);
});

const PLAN = { summary: "One organization goes.", changes: [], rows: 1, losesAccess: [], versions: {} };

const refused: readonly [title: string, change: object, expected: RegExp][] = [
  ["no scopes", { scopes: [] }, /get_organization.*no scopes; add scopes/],
  ["an unknown scope", { scopes: ["org:raed"] }, /"org:raed", which is not declared/],
  ["no description", { description: " " }, /no description; say what it does/],
  ["no title", { title: "" }, /no title/],
  ["no examples", { examples: [] }, /no examples/],
  [
    "an example that its input schema refuses",
    { examples: [{ title: "Bad", input: { id: "x" } }] },
    /example "Bad" that its input schema refuses/,
  ],
  [
    "an example whose output its output schema refuses",
    { examples: [{ title: "Bad", input: { organization_id: "x" }, output: { name: 1 } }] },
    /output schema refuses at \/name/,
  ],
  ["a task timeout that is no time", { task: "allowed", taskTimeoutMs: 0 }, /taskTimeoutMs that is not a whole number/],
  [
    "a task that would be told of too late",
    { task: "allowed", taskAfterMs: 600_000 },
    /taskAfterMs that is not a whole number from 0 to 60000/,
  ],
  ["a task timeout of what is never a task", { taskTimeoutMs: 5000 }, /never runs as a task; add task: "allowed"/],
  ["an effect that there is not", { effect: "wrote" as "write" }, /has the effect "wrote"; use one of read, write, destructive/],
  ["a write effect behind read scopes alone", { effect: "write" }, /reached with read scopes alone/],
  ["a destructive effect behind read scopes alone", { effect: "destructive", plan: () => PLAN }, /reached with read scopes alone/],
  ["a destructive effect without a plan", { effect: "destructive" }, /is destructive but has no plan; add plan\(input, context\)/],
  ["an undo of a tool that only reads", { undo: { windowSeconds: 60, run: () => "done" } }, /has undo but the effect "read"/],
  ["an undo without a window", { effect: "write", undo: { windowSeconds: 0, run: () => "done" } }, /set windowSeconds/],
  ["a zero-width space in its description", { description: "Reads one\u200b organization." }, /hidden character U\+200B/],
  ["a bidirectional override in its title", { title: "Get\u202e" }, /hidden character U\+202E/],
  [
    "a tag character in a parameter description",
    { input: z.object({ organization_id: z.string().describe("Id\u{e0041}") }) },
    /hidden character U\+E0041/,
  ],
  ["a terminal escape in its description", { description: "Reads \u001b[31mone." }, /hidden character U\+001B/],
  ["a name that clients refuse", { name: "get organization" }, /name that clients refuse/],
  ["an input that is not an object", { input: { type: "string" } }, /root is not type "object"/],
  [
    "a remote $ref",
    { input: { type: "object", properties: { organization_id: { $ref: "https://example.com/s.json" } } } },
    /does not compile/,
  ],
];

for (const [title, change, expected] of refused) {
  test(`a tool with ${title} refuses to boot and names the fix`, () => {
    assert.match(problemsOf([bad(change)]).join("\n"), expected);
  });
}

for (const name of ["Token", "X-Secret", "password", "Api-Key"]) {
  test(`T54: an argument mirrored into the header ${name} refuses to boot`, () => {
    const input = z.object({ organization_id: z.string().meta({ "x-mcp-header": name }) });
    assert.match(problemsOf([bad({ input })]).join("\n"), /do not mirror a secret/);
  });
}

test("T54: a header parameter on a secret argument refuses to boot whatever the header is called", () => {
  const input = {
    type: "object",
    properties: { organization_id: { type: "string" }, access_token: { type: "string", "x-mcp-header": "Region" } },
  };
  assert.match(problemsOf([bad({ input })]).join("\n"), /do not mirror a secret/);
});

const badHeaders: readonly [title: string, properties: object, expected: RegExp][] = [
  ["is no token", { organization_id: { type: "string", "x-mcp-header": "a b" } }, /must be a header token/],
  [
    "is on a number",
    { organization_id: { type: "string" }, n: { type: "number", "x-mcp-header": "N" } },
    /only for a string, integer or boolean/,
  ],
  [
    "is used twice in different case",
    { organization_id: { type: "string", "x-mcp-header": "Region" }, b: { type: "string", "x-mcp-header": "region" } },
    /is used twice/,
  ],
  [
    "is below an array",
    { organization_id: { type: "string" }, l: { type: "array", items: { type: "string", "x-mcp-header": "L" } } },
    /reached through "properties" alone/,
  ],
];

for (const [title, properties, expected] of badHeaders) {
  test(`a header parameter that ${title} refuses to boot`, () => {
    assert.match(problemsOf([bad({ input: { type: "object", properties } })]).join("\n"), expected);
  });
}

test("every problem of every tool is told at once", () => {
  const problems = problemsOf([bad({ scopes: [] }), bad({ name: "other", description: "" })]);
  assert.equal(problems.length, 2);
});

test("a tool declared twice refuses to boot", () => {
  assert.match(problemsOf([sound, sound]).join("\n"), /declared twice/);
});

test("a read scope that includes a write scope refuses to boot", () => {
  const wrong = defineScopes({ ...scopes, all: { description: "See everything there is.", access: "read", includes: ["org:write"] } });
  assert.throws(() => createRegistry({ scopes: wrong, tools: [sound] }), /includes "org:write", which writes/);
});

test("offline_access cannot be declared as a scope", () => {
  const wrong = defineScopes({ ...scopes, offline_access: { description: "Stay signed in.", access: "read" } });
  assert.throws(() => createRegistry({ scopes: wrong, tools: [sound] }), /reserved/);
});

test("a prompt or resource without scopes refuses to boot", () => {
  const prompt = definePrompt({ name: "p", title: "P", description: "A prompt for tests.", scopes: [] as never, run: () => [] });
  const resource = defineResource({
    uri: "docs://a",
    name: "a",
    title: "A",
    description: "A resource for tests.",
    scopes: [] as never,
    read: () => [],
  });
  assert.throws(() => createRegistry({ scopes, prompts: [prompt] }), /no scopes/);
  assert.throws(() => createRegistry({ scopes, resources: [resource] }), /no scopes/);
});

test("a URI template that needs backtracking to match refuses to boot", () => {
  const resource = defineResource({
    uri: "docs://{a}{b}/x",
    name: "a",
    title: "A",
    description: "A resource for tests.",
    scopes: ["org:read"],
    read: () => [],
  });
  assert.throws(() => createRegistry({ scopes, resources: [resource] }), /whole path segment/);
});

test("annotations are all set, from the effect", () => {
  const plan = () => PLAN;
  const scope = { scopes: ["org:write"] };
  const table = [
    [{}, [true, false, true, false]],
    [{ openWorld: true }, [true, false, true, true]],
    [{ ...scope, effect: "write" }, [false, false, false, false]],
    [{ ...scope, effect: "write", idempotent: true }, [false, false, true, false]],
    [{ ...scope, effect: "destructive", plan }, [false, true, false, false]],
  ] as const;
  for (const [change, [readOnlyHint, destructiveHint, idempotentHint, openWorldHint]] of table) {
    const registry = createRegistry({ scopes, tools: [{ ...sound, ...change } as Tool] });
    const expected = { readOnlyHint, destructiveHint, idempotentHint, openWorldHint };
    assert.deepEqual(registry.tools.get("get_organization")?.definition["annotations"], expected);
  }
});

test("an input schema says that unknown parameters are refused", () => {
  const registry = createRegistry({ scopes, tools: [sound] });
  const schema = registry.tools.get("get_organization")?.input.schema;
  assert.equal(schema?.["additionalProperties"], false);
  assert.equal(schema?.["type"], "object");
});

test("a scope includes what its includes include, and unknown scopes of a token open nothing", () => {
  const { scopes: catalogue } = createRegistry({ scopes, tools: [sound] });
  const set = catalogue.parse("org:write unknown org:write");
  assert.deepEqual(set.granted, ["org:write"]);
  assert.deepEqual([...set.held].sort(), ["org:read", "org:write"]);
  assert.equal(catalogue.parse("org:write"), set);
  assert.equal(catalogue.parse("toString constructor __proto__").held.size, 0);
});
