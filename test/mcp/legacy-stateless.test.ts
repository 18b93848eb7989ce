import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import type { Ledger } from "../../src/audit/index.ts";
import { isRecord } from "../../src/lib/is-record.ts";
import { defineTool, type Tool } from "../../src/tool/index.ts";
import { createMcpHarness, type Sender } from "../support/mcp-harness.ts";
import { readAnswer } from "../support/remit.ts";
import { createSurface, scopes } from "../support/tools.ts";

const READER: Sender = { scope: "note:read", version: "2025-11-25" };
const BATCHER: Sender = { scope: "note:read", version: "2025-03-26" };

interface CallOptions {
  readonly id?: string | number;
  readonly progressToken?: unknown;
}

function call(name: string, text: string, { id = 1, progressToken }: CallOptions = {}) {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: { text }, _meta: { progressToken } } };
}

/** Everything that a response carries, whatever its form. */
async function messagesOf(response: Response): Promise<Record<string, unknown>[]> {
  const text = await response.text();
  if (response.headers.get("content-type") === "application/json") return [JSON.parse(text)].flat() as Record<string, unknown>[];
  return text.split("\n").flatMap((line) => (line.startsWith("data: ") ? [JSON.parse(line.slice(6)) as Record<string, unknown>] : []));
}

function paramsOf(notification: Record<string, unknown>): Record<string, unknown> {
  assert.ok(isRecord(notification["params"]));
  return notification["params"];
}

test("T42: 50 parallel calls with the same id, of many callers, each get their own answer and no other byte", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const texts = Array.from({ length: 50 }, (_, i) => `caller ${i}`);
  const answers = await Promise.all(
    texts.map(async (text, i) => {
      const tool = i % 2 === 0 ? "slow_echo" : "stream_echo";
      const response = await harness.post({ ...READER, clientId: `agt_${i}` }, call(tool, text, { progressToken: text }));
      return { status: response.status, tool, text, messages: await messagesOf(response) };
    }),
  );
  for (const { status, tool, text, messages } of answers) {
    assert.equal(status, 200);
    const progress =
      tool === "stream_echo"
        ? [1, 2, 3].map((part) => ({ progressToken: text, progress: part, total: 3, message: `${text} ${part}` }))
        : [];
    assert.deepEqual(
      messages.slice(0, -1).map(({ params }) => params),
      progress,
    );
    const answer = tool === "stream_echo" ? `${text} done` : text;
    assert.deepEqual(messages.at(-1), { jsonrpc: "2.0", id: 1, result: { content: [{ type: "text", text: answer }] } });
  }
  const records = await harness.records();
  const done = records.filter((record) => record["outcome"] === "ok");
  assert.equal(new Set(done.map((record) => record["agent"])).size, 50);
});

test("progress is streamed to a client that gave a token, and not to one that did not", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const asked = await harness.post(READER, call("stream_echo", "a", { id: "x", progressToken: 7 }));
  assert.equal(asked.headers.get("content-type"), "text/event-stream");
  assert.match(asked.headers.get("cache-control") ?? "", /no-store/);
  const { streamed, body } = await readAnswer(asked);
  assert.deepEqual(
    streamed.map((note) => [note["method"], paramsOf(note)["progressToken"]]),
    [1, 2, 3].map(() => ["notifications/progress", 7]),
  );
  assert.equal(body["id"], "x");
  const silent = await readAnswer(await harness.post(READER, call("stream_echo", "a")));
  assert.deepEqual(silent.streamed, []);
});

test("a client that takes no stream gets JSON, and its tools none of their notifications", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const response = await harness.post({ ...READER, accept: "application/json" }, call("stream_echo", "a", { progressToken: 7 }));
  assert.equal(response.headers.get("content-type"), "application/json");
  const { body } = await readAnswer(response);
  assert.deepEqual(body.result?.["content"], [{ type: "text", text: "a done" }]);
});

const logging: Tool = defineTool({
  name: "chatty",
  title: "Chatty",
  description: "Logs at two levels, then ends.",
  scopes: ["note:read"],
  effect: "read",
  input: z.object({}),
  examples: [{ title: "Once", input: {} }],
  async run(_input, context) {
    await context.log("debug", "fine");
    await context.log("error", "bad");
    return "said";
  },
});

test("the level of logging/setLevel holds for the calls of the same token and of no other", async (t) => {
  const harness = await createMcpHarness(t, { scopes, tools: [logging] });
  const chat = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "chatty", arguments: {} } };
  const logged = async (sender: Sender) =>
    (await readAnswer(await harness.post(sender, chat))).streamed.map((note) => paramsOf(note)["data"]);
  const set = await readAnswer(
    await harness.post(READER, { jsonrpc: "2.0", id: 1, method: "logging/setLevel", params: { level: "debug" } }),
  );
  assert.deepEqual(set.body.result, {});
  assert.deepEqual(await logged(READER), ["fine", "bad"]);
  assert.deepEqual(await logged({ ...READER, clientId: "agt_other" }), ["bad"]);
});

const ping = (id: number) => ({ jsonrpc: "2.0", id, method: "ping" });
const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };

test("a batch of 2025-03-26 is answered request by request, and a cancellation in it leaves none without an answer (L9)", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const response = await harness.post(BATCHER, [call("slow_echo", "a"), cancel, ping(2), { jsonrpc: "2.0", id: 3, method: "no/such" }]);
  assert.equal(response.status, 200);
  const messages = await messagesOf(response);
  assert.deepEqual(new Set(messages.map(({ id }) => id)), new Set([1, 2, 3]));
  assert.equal(messages.length, 3);
  assert.equal((await harness.records()).length, 3);
});

const badPosts: readonly [title: string, sender: Sender, body: unknown][] = [
  ["an empty batch", BATCHER, []],
  ["a batch of more than 50 messages", BATCHER, Array.from({ length: 51 }, (_, i) => ping(i))],
  ["a batch in which two requests have the same id", BATCHER, [ping(1), ping(1)]],
  [
    "a batch with initialize beside something else",
    BATCHER,
    [
      ping(1),
      {
        jsonrpc: "2.0",
        id: 2,
        method: "initialize",
        params: { protocolVersion: "2025-03-26", capabilities: {}, clientInfo: { name: "a", version: "1" } },
      },
    ],
  ],
  ["a batch under a version that has none", READER, [ping(1)]],
  ["a message without jsonrpc", READER, { id: 1, method: "ping" }],
  ["a request without an id", READER, { jsonrpc: "2.0", method: "tools/call", params: { name: "echo" } }],
  ["an id that is null", READER, { jsonrpc: "2.0", id: null, method: "ping" }],
  ["params that are a list", READER, { jsonrpc: "2.0", id: 1, method: "ping", params: [] }],
  ["a progress token that is an object", READER, call("echo", "a", { progressToken: {} })],
];

for (const [title, sender, body] of badPosts) {
  test(`${title} is refused with 400 before any code runs, on record`, async (t) => {
    const surface = createSurface();
    const harness = await createMcpHarness(t, surface);
    const answer = await readAnswer(await harness.post(sender, body));
    assert.equal(answer.status, 400);
    assert.equal(answer.body.error?.code, -32600);
    assert.equal(surface.entered.size, 0);
    const records = await harness.records();
    assert.deepEqual(
      records.map((record) => record["reason"]),
      ["invalid_request"],
    );
  });
}

const broken = (ledger: Ledger): Ledger => ({ ...ledger, append: () => Promise.reject(new Error("disk full")), isWritable: () => false });

for (const [title, sender, body] of [
  ["a call", READER, call("echo", "a")],
  ["a list", READER, { jsonrpc: "2.0", id: 1, method: "tools/list" }],
  [
    "initialize",
    READER,
    {
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "a", version: "1" } },
    },
  ],
  ["a batch", BATCHER, [call("echo", "a"), ping(2)]],
  ["a forbidden call", READER, call("write_note", "a")],
] as const) {
  test(`${title} that cannot be put on record is answered 503 and not run`, async (t) => {
    const surface = createSurface();
    const harness = await createMcpHarness(t, surface, broken);
    const answer = await readAnswer(await harness.post(sender, body));
    assert.equal(answer.status, 503);
    assert.equal(surface.entered.size, 0);
  });
}

test("a client that goes away does not cancel its call, which runs to its end and is on record (L14)", async (t) => {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const telling = (ledger: Ledger): Ledger => ({
    ...ledger,
    async append(entry) {
      await ledger.append(entry);
      if (entry.kind === "outcome") resolve();
    },
  });
  const harness = await createMcpHarness(t, createSurface(), telling);
  const response = await harness.post(READER, call("stream_echo", "a", { progressToken: 7 }));
  await response.body?.cancel();
  await ended;
  const records = await harness.records();
  assert.deepEqual(
    records.map((record) => [record["kind"], record["outcome"]]),
    [
      ["intent", undefined],
      ["outcome", "ok"],
    ],
  );
});
