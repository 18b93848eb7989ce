import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { defineTool } from "../../src/tool/index.ts";
import { createMcpHarness, INSTRUCTIONS, SERVER_INFO, type McpHarness, type Sender } from "../support/mcp-harness.ts";
import { readAnswer, type RpcAnswer } from "../support/remit.ts";
import { createSurface, scopes } from "../support/tools.ts";

const VERSION = "2025-11-25";
const READER: Sender = { scope: "note:read", version: VERSION };
const WRITER: Sender = { scope: "note:write", version: VERSION };

function message(method: string, params: object = {}, id: string | number = 1) {
  return { jsonrpc: "2.0", id, method, params };
}

function call(name: string, text = "hello", id: string | number = 1) {
  return message("tools/call", { name, arguments: { text } }, id);
}

async function send(harness: McpHarness, sender: Sender, body: unknown): Promise<RpcAnswer> {
  return readAnswer(await harness.post(sender, body));
}

/** A list in a result. */
function memberOf<T>(body: RpcAnswer["body"], member: string): readonly T[] {
  const list = body.result?.[member];
  assert.ok(Array.isArray(list), member);
  return list as T[];
}

function initialize(protocolVersion: string) {
  return message("initialize", { protocolVersion, capabilities: {}, clientInfo: { name: "old", version: "1.0.0" } });
}

const versions: readonly [asked: string, answered: string][] = [
  ["2024-11-05", "2024-11-05"],
  ["2025-03-26", "2025-03-26"],
  ["2025-06-18", "2025-06-18"],
  ["2025-11-25", "2025-11-25"],
  ["1999-01-01", "2025-11-25"],
  ["2026-07-28", "2025-11-25"],
];

for (const [asked, answered] of versions) {
  test(`initialize with ${asked} is answered with ${answered} (L2)`, async (t) => {
    const harness = await createMcpHarness(t, createSurface());
    const { status, body } = await send(harness, { scope: "note:read" }, initialize(asked));
    assert.equal(status, 200);
    assert.deepEqual(body.result, {
      protocolVersion: answered,
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        completions: {},
        logging: {},
      },
      serverInfo: SERVER_INFO,
      instructions: INSTRUCTIONS,
    });
    const [record] = await harness.records();
    assert.equal(record?.["method"], "initialize");
    assert.equal(record["protocol"], asked);
  });
}

test("initialize promises only what is declared", async (t) => {
  const { scopes, tools } = createSurface();
  const harness = await createMcpHarness(t, { scopes, tools });
  const { body } = await send(harness, READER, initialize(VERSION));
  assert.deepEqual(body.result?.["capabilities"], { tools: { listChanged: true }, logging: {} });
});

test("notifications/initialized is accepted with 202 and no body (L2)", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const response = await harness.post(READER, { jsonrpc: "2.0", method: "notifications/initialized" });
  assert.equal(response.status, 202);
  assert.equal(await response.text(), "");
});

test("a version header that is not served is refused with 400, on record (L3)", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const { status, body } = await send(harness, { scope: "note:read", version: "2025-01-01" }, message("tools/list"));
  assert.equal(status, 400);
  assert.equal(body.error?.code, -32022);
  assert.equal((await harness.records())[0]?.["reason"], "unsupported_version");
});

test("T14: tools/list shows what the caller may call, and nothing else but what is declared discoverable", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const namesFor = async (sender: Sender) => {
    const { body } = await send(harness, sender, message("tools/list"));
    return memberOf<{ name: string }>(body, "tools").map(({ name }) => name);
  };
  const readable = ["echo", "shown_wipe", "fail", "crash", "huge", "slow_echo", "stream_echo", "measure", "ask"];
  assert.deepEqual((await namesFor(READER)).sort(), [...readable].sort());
  assert.deepEqual((await namesFor(WRITER)).sort(), [...readable, "write_note"].sort());
});

test("prompts and resources are listed for those who may use them", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const lists = [
    ["prompts/list", "prompts"],
    ["resources/list", "resources"],
    ["resources/templates/list", "resourceTemplates"],
  ] as const;
  for (const [method, member] of lists) {
    const reader = await send(harness, READER, message(method));
    const writer = await send(harness, WRITER, message(method));
    assert.deepEqual(reader.body.result?.[member], [], method);
    assert.equal(memberOf(writer.body, member).length, 1, method);
  }
});

test("a cursor that was not made here is refused with -32602", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const { status, body } = await send(harness, READER, message("tools/list", { cursor: "abc" }));
  assert.equal(status, 200);
  assert.equal(body.error?.code, -32602);
});

test("a tool call is answered, without members that older clients do not know (L10)", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const { status, body } = await send(harness, READER, call("echo"));
  assert.equal(status, 200);
  assert.deepEqual(body, { jsonrpc: "2.0", id: 1, result: { content: [{ type: "text", text: "hello" }] } });
  const measured = await send(harness, READER, call("measure"));
  assert.deepEqual(measured.body.result?.["structuredContent"], { characters: 5 });
});

test("a structured answer that is a list is wrapped into an object, as is the schema that is shown for it: older clients take only objects", async (t) => {
  const counting = defineTool({
    name: "count_up",
    title: "Count up",
    description: "The first three numbers.",
    scopes: ["note:read"],
    effect: "read",
    input: z.object({}),
    output: z.array(z.number()),
    examples: [{ title: "Once", input: {}, output: [1, 2, 3] }],
    run: () => [1, 2, 3],
  });
  const harness = await createMcpHarness(t, { scopes, tools: [counting] });
  const listed = await send(harness, READER, message("tools/list"));
  const [shown] = memberOf<{ outputSchema: object }>(listed.body, "tools");
  assert.deepEqual(shown?.outputSchema, {
    type: "object",
    properties: { result: { type: "array", items: { type: "number" } } },
    required: ["result"],
  });
  const { body } = await send(harness, READER, message("tools/call", { name: "count_up" }));
  assert.deepEqual(body.result?.["structuredContent"], { result: [1, 2, 3] });
  assert.deepEqual(body.result["content"], [{ type: "text", text: "[1,2,3]" }]);
});

const wrong: readonly [title: string, body: object, code: number][] = [
  ["an unknown tool", call("nothing"), -32602],
  ["a method that never existed", message("no/such"), -32601],
  ["a method of 2026-07-28", message("server/discover"), -32601],
  ["an unknown resource", message("resources/read", { uri: "notes://x/y/z" }), -32602],
];

for (const [title, body, code] of wrong) {
  test(`${title} is answered with ${code} in a 200, which no client takes for the end of its session, and is on record`, async (t) => {
    const harness = await createMcpHarness(t, createSurface());
    const answer = await send(harness, WRITER, body);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.error?.code, code);
    assert.equal(answer.body["id"], 1);
    assert.deepEqual(
      (await harness.records()).map((record) => record["outcome"]),
      ["refused"],
    );
  });
}

test("arguments that do not fit, and what a tool says went wrong, come as isError; what it throws does not come at all", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const misfit = await send(harness, READER, message("tools/call", { name: "echo", arguments: { txt: "a" } }));
  assert.equal(misfit.body.result?.["isError"], true);
  const failed = await send(harness, READER, call("fail"));
  assert.equal(failed.body.result?.["isError"], true);
  const crashed = await send(harness, READER, call("crash"));
  assert.equal(crashed.body.error?.code, -32603);
  assert.doesNotMatch(JSON.stringify(crashed.body), /secret detail/);
});

test("a tool that has to ask back says so, and which version can", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const { status, body } = await send(harness, READER, call("ask"));
  assert.equal(status, 200);
  assert.equal(body.result?.["isError"], true);
  assert.match(JSON.stringify(body.result["content"]), /ask.*2026-07-28/);
});

test("prompts, resources, templates and completion are served", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const prompt = await send(harness, WRITER, message("prompts/get", { name: "summarize", arguments: { note: "first" } }));
  assert.match(JSON.stringify(prompt.body.result), /Summarize first/);
  const fixed = await send(harness, WRITER, message("resources/read", { uri: "notes://all" }));
  assert.deepEqual(fixed.body.result?.["contents"], [{ uri: "notes://all", text: "notes" }]);
  const templated = await send(harness, WRITER, message("resources/read", { uri: "notes://7/text" }));
  assert.deepEqual(templated.body.result?.["contents"], [{ uri: "notes://7/text", text: "note 7" }]);
  const argument = { name: "note", value: "sec" };
  const completed = await send(
    harness,
    WRITER,
    message("completion/complete", { ref: { type: "ref/prompt", name: "summarize" }, argument }),
  );
  assert.deepEqual(completed.body.result?.["completion"], { values: ["second"], total: 1, hasMore: false });
});

test("ping, logging/setLevel, resources/subscribe and resources/unsubscribe are answered empty (L14)", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const uri = "notes://all";
  for (const [method, params] of [
    ["ping", {}],
    ["logging/setLevel", { level: "debug" }],
    ["resources/subscribe", { uri }],
    ["resources/unsubscribe", { uri }],
  ] as const) {
    const { body } = await send(harness, WRITER, message(method, params));
    assert.deepEqual(body.result, {}, method);
  }
  const refused = await send(harness, WRITER, message("logging/setLevel", { level: "loud" }));
  assert.equal(refused.body.error?.code, -32602);
});

test("every request is on record, in the order in which it was answered", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const bodies = [
    initialize(VERSION),
    message("ping"),
    message("tools/list"),
    message("prompts/list"),
    message("resources/list"),
    message("resources/templates/list"),
    message("logging/setLevel", { level: "info" }),
    message("resources/subscribe", { uri: "notes://all" }),
    message("prompts/get", { name: "summarize", arguments: { note: "a" } }),
    message("resources/read", { uri: "notes://all" }),
    message("completion/complete", { ref: { type: "ref/prompt", name: "summarize" }, argument: { name: "note", value: "" } }),
    call("echo"),
  ];
  for (const body of bodies) await send(harness, WRITER, body);
  const records = await harness.records();
  assert.deepEqual(
    records.map((record) => record["method"]),
    bodies.map(({ method }) => method),
  );
  for (const record of records) {
    assert.equal(record["allowed"], true);
    assert.equal(record["agent"], "agt_test");
    assert.equal(record["protocol"], VERSION);
  }
});
