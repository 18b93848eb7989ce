import assert from "node:assert/strict";
import { test } from "node:test";
import { callTool, modernRequest, readAnswer, rpc, startServer, until, VERSION } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";

test("server/discover names the version, the capabilities of what is declared, and who answers (P25, P14, P15)", async (t) => {
  const server = await startServer(t, { ...createSurface(), name: "notes", version: "2.0.0", instructions: "Notes." });
  const { body } = await rpc(server, await server.token("note:read"), { method: "server/discover" });
  assert.deepEqual(body.result?.["supportedVersions"], [VERSION]);
  assert.equal(body.result["resultType"], "complete");
  assert.equal(body.result["instructions"], "Notes.");
  assert.deepEqual(Object.keys(body.result["capabilities"] as object).sort(), [
    "completions",
    "extensions",
    "logging",
    "prompts",
    "resources",
    "tools",
  ]);
  assert.deepEqual(body.result["_meta"], { "io.modelcontextprotocol/serverInfo": { name: "notes", title: "notes", version: "2.0.0" } });
});

test("a version that is not served is answered with the one that is (P26)", async (t) => {
  const server = await startServer(t, createSurface());
  const { status, body } = await rpc(server, await server.token("note:read"), {
    method: "tools/list",
    meta: { "io.modelcontextprotocol/protocolVersion": "2099-01-01" },
    headers: { "mcp-protocol-version": "2099-01-01" },
  });
  assert.equal(status, 400);
  assert.equal(body.error?.code, -32022);
  assert.deepEqual(body.error.data, { supported: [VERSION], requested: "2099-01-01" });
});

for (const method of ["initialize", "ping", "logging/setLevel", "resources/subscribe", "no/such"]) {
  test(`${method} with a 2026-07-28 envelope is an unknown method, told with 404 and the id (P27)`, async (t) => {
    const server = await startServer(t, createSurface());
    const { status, body } = await rpc(server, await server.token("note:read"), { method, id: "abc" });
    assert.equal(status, 404);
    assert.equal(body.error?.code, -32601);
    assert.equal(body["id"], "abc");
  });
}

const badMeta: readonly [title: string, meta: Record<string, unknown>][] = [
  ["no client capabilities", { [CAPABILITIES]: undefined }],
  ["capabilities that are a list", { [CAPABILITIES]: [] }],
  ["an unknown log level", { "io.modelcontextprotocol/logLevel": "loud" }],
];

for (const [title, meta] of badMeta) {
  test(`a request with ${title} is refused with -32602 and 400 (P11, P13)`, async (t) => {
    const server = await startServer(t, createSurface());
    const { status, body } = await rpc(server, await server.token("note:read"), { method: "tools/list", meta });
    assert.equal(status, 400);
    assert.equal(body.error?.code, -32602);
  });
}

test("a notification is accepted with 202 and no body (P6)", async (t) => {
  const server = await startServer(t, createSurface());
  const { headers, body } = modernRequest(await server.token("note:read"), { method: "notifications/cancelled" });
  const message = JSON.parse(body) as Record<string, unknown>;
  delete message["id"];
  const response = await fetch(server.mcpUrl, { method: "POST", headers, body: JSON.stringify(message) });
  assert.equal(response.status, 202);
  assert.equal(await response.text(), "");
});

test("GET and DELETE with a token are 405 and say which method is served (P30)", async (t) => {
  const server = await startServer(t, createSurface());
  const authorization = `Bearer ${await server.token("note:read")}`;
  // GET and DELETE belong to the sessions of older clients.
  for (const [method, allow] of [
    ["GET", "POST"],
    ["DELETE", "POST"],
    ["PUT", "POST, GET, DELETE"],
  ] as const) {
    const response = await fetch(server.mcpUrl, { method, headers: { authorization } });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), allow);
  }
});

test("progress is streamed to a client that gave a token, strictly growing, and the result ends the stream (P5, P7, P39)", async (t) => {
  const server = await startServer(t, createSurface());
  const answer = await rpc(server, await server.token("note:read"), {
    method: "tools/call",
    params: { name: "stream_echo", arguments: { text: "a" } },
    meta: { progressToken: "p1" },
  });
  assert.match(answer.headers.get("content-type") ?? "", /^text\/event-stream/);
  assert.equal(answer.headers.get("x-accel-buffering"), "no");
  assert.deepEqual(
    answer.streamed.map(({ method, params }) => [
      method,
      (params as Record<string, unknown>)["progress"],
      (params as Record<string, unknown>)["progressToken"],
    ]),
    [1, 2, 3].map((progress) => ["notifications/progress", progress, "p1"]),
  );
  assert.deepEqual(answer.body.result?.["content"], [{ type: "text", text: "a done" }]);
});

test("without a progress token the same call is one JSON answer", async (t) => {
  const server = await startServer(t, createSurface());
  const answer = await callTool(server, await server.token("note:read"), "stream_echo", { text: "a" });
  assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
  assert.deepEqual(answer.streamed, []);
});

test("a streamed call is on record before its first byte leaves", async (t) => {
  const server = await startServer(t, createSurface());
  const request = modernRequest(await server.token("note:read"), {
    method: "tools/call",
    params: { name: "stream_echo", arguments: { text: "a", waitMs: 50 } },
    meta: { progressToken: 1 },
  });
  const response = await fetch(server.mcpUrl, request);
  const reader = response.body?.getReader();
  await reader?.read();
  assert.equal((await server.records()).at(-1)?.["kind"], "intent");
  while (!(await reader?.read())?.done);
  const [intent, outcome] = (await server.records()).slice(-2);
  assert.equal(outcome?.["kind"], "outcome");
  assert.equal(outcome["decision"], intent?.["decision"]);
});

test("a client that goes away cancels its call, which is on record as cancelled (P8)", async (t) => {
  const server = await startServer(t, createSurface());
  const abort = new AbortController();
  const request = modernRequest(await server.token("note:read"), {
    method: "tools/call",
    params: { name: "stream_echo", arguments: { text: "a", waitMs: 60_000 } },
    meta: { progressToken: 1 },
  });
  const response = await fetch(server.mcpUrl, { ...request, signal: abort.signal });
  await response.body?.getReader().read();
  abort.abort();
  const last = await until(async () => {
    const record = (await server.records()).at(-1);
    return record?.["kind"] === "outcome" ? record : undefined;
  });
  assert.equal(last["outcome"], "cancelled");
  assert.equal(last["reason"], "cancelled");
});

test("a tool that asks back gets the answer in a second round, and its state opens for this call only (P40, P42, T44)", async (t) => {
  const server = await startServer(t, createSurface());
  const [token, other] = [await server.token("note:read"), await server.token("note:read")];
  const meta = { [CAPABILITIES]: { elicitation: {} } };
  const ask = (by: string, params: Record<string, unknown>) =>
    rpc(server, by, { method: "tools/call", params: { name: "ask", arguments: { text: "x" }, ...params }, meta });
  const first = await ask(token, {});
  assert.equal(first.body.result?.["resultType"], "input_required");
  const requestState = String(first.body.result["requestState"]);
  const inputResponses = { name: { action: "accept", content: { name: "Ada" } } };
  const second = await ask(token, { requestState, inputResponses });
  assert.deepEqual(second.body.result?.["content"], [{ type: "text", text: "Hello Ada" }]);
  const hostile: readonly [title: string, by: string, params: Record<string, unknown>][] = [
    ["another agent", other, { requestState, inputResponses }],
    ["other arguments", token, { requestState, inputResponses, arguments: { text: "y" } }],
    ["a changed state", token, { requestState: `${requestState.slice(0, -1)}${requestState.endsWith("A") ? "B" : "A"}`, inputResponses }],
    ["a number", token, { requestState: 7, inputResponses }],
  ];
  for (const [title, by, params] of hostile) {
    const { body } = await ask(by, params);
    assert.equal(body.error?.code, -32602, title);
  }
});

test("asking back needs a capability that the client declared (P16, P41)", async (t) => {
  const server = await startServer(t, createSurface());
  const { status, body } = await callTool(server, await server.token("note:read"), "ask", { text: "x" });
  assert.equal(status, 400);
  assert.equal(body.error?.code, -32021);
  assert.deepEqual(body.error.data, { requiredCapabilities: { elicitation: {} } });
});

test("a forged list cursor is refused (T48)", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  for (const cursor of ["1", "eyJ4IjoxfQ.x", "", 7]) {
    const { body } = await rpc(server, token, { method: "tools/list", params: { cursor } });
    assert.equal(body.error?.code, -32602);
  }
});

test("a list of more than a hundred tools comes in pages that together are the whole, in a fixed order", async (t) => {
  const surface = createSurface();
  const [echo] = surface.tools;
  assert.ok(echo);
  const tools = Array.from({ length: 250 }, (_, i) => ({ ...echo, name: `tool_${i}` }));
  const server = await startServer(t, { scopes: surface.scopes, tools });
  const token = await server.token("note:read");
  const names: string[] = [];
  let cursor: unknown;
  do {
    const { body } = await rpc(server, token, { method: "tools/list", params: cursor === undefined ? {} : { cursor } });
    const page = body.result?.["tools"] as { name: string }[] | undefined;
    names.push(...(page ?? []).map(({ name }) => name));
    cursor = body.result?.["nextCursor"];
  } while (cursor !== undefined);
  assert.deepEqual(
    names,
    tools.map(({ name }) => name),
  );
});

test("prompts, resources and completion answer, and what is not there is told with its URI (P29)", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:write");
  const prompt = await rpc(server, token, { method: "prompts/get", params: { name: "summarize", arguments: { note: "first" } } });
  assert.deepEqual(prompt.body.result?.["messages"], [{ role: "user", content: { type: "text", text: "Summarize first" } }]);
  const note = await rpc(server, token, { method: "resources/read", params: { uri: "notes://7/text" } });
  assert.deepEqual(note.body.result?.["contents"], [{ uri: "notes://7/text", text: "note 7" }]);
  for (const uri of ["notes://none/text", "notes://nowhere", "notes://a/b/text"]) {
    const { body } = await rpc(server, token, { method: "resources/read", params: { uri } });
    assert.equal(body.error?.code, -32602);
    assert.deepEqual(body.error.data, { uri });
  }
  const completion = await rpc(server, token, {
    method: "completion/complete",
    params: { ref: { type: "ref/prompt", name: "summarize" }, argument: { name: "note", value: "f" } },
  });
  assert.deepEqual(completion.body.result?.["completion"], { values: ["first"], total: 1, hasMore: false });
});

test("a subscription is acknowledged first, carries only what was asked for, and ends with its result when the server stops (P36, P37)", async (t) => {
  const server = await startServer(t, createSurface());
  const response = await fetch(
    server.mcpUrl,
    modernRequest(await server.token("note:read"), {
      method: "subscriptions/listen",
      id: "sub",
      params: { notifications: { toolsListChanged: true } },
    }),
  );
  const answer = readAnswer(response);
  await server.close();
  const { streamed, body } = await answer;
  const meta = { "io.modelcontextprotocol/subscriptionId": "sub" };
  assert.deepEqual(streamed, [
    {
      jsonrpc: "2.0",
      method: "notifications/subscriptions/acknowledged",
      params: { notifications: { toolsListChanged: true }, _meta: meta },
    },
  ]);
  assert.deepEqual(body.result, { resultType: "complete", _meta: meta });
});
