/** The tasks extension as it stands on the wire: headers, errors, discovery and news. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { modernRequest, rpc, startServer, until, type Rpc, type RpcAnswer, type TestServer } from "../support/remit.ts";
import { createTaskSurface, type Gate } from "./tasks/task-surface.ts";

const EXTENSION = "io.modelcontextprotocol/tasks";
const META = { "io.modelcontextprotocol/clientCapabilities": { extensions: { [EXTENSION]: {} }, elicitation: {} } };

interface World {
  readonly server: TestServer;
  readonly gate: Gate;
  readonly mine: string;
  readonly theirs: string;
}

async function world(t: TestContext): Promise<World> {
  const { gate, surface } = createTaskSurface();
  const server = await startServer(t, surface);
  t.after(() => gate.open());
  return { server, gate, mine: await server.token("work:write"), theirs: await server.token("work:write") };
}

function ask({ server }: World, token: string, method: string, params: Rpc["params"] = {}, more: Partial<Rpc> = {}): Promise<RpcAnswer> {
  const { taskId } = params;
  const headers = typeof taskId === "string" ? { "mcp-name": taskId } : {};
  return rpc(server, token, { method, params, meta: META, headers, ...more });
}

async function startTask(it: World, name = "look"): Promise<string> {
  const { body } = await ask(it, it.mine, "tools/call", { name, arguments: { text: "x" } });
  assert.equal(body.result?.["resultType"], "task", JSON.stringify(body));
  return String(body.result["taskId"]);
}

test("a server with such tools says so in server/discover; one without has no such methods", async (t) => {
  const it = await world(t);
  const { body } = await ask(it, it.mine, "server/discover");
  const { extensions, tasks } = (body.result ?? {})["capabilities"] as {
    readonly extensions: Record<string, unknown>;
    readonly tasks?: unknown;
  };
  assert.deepEqual([extensions[EXTENSION], tasks], [{}, undefined]);
  const { surface } = createTaskSurface();
  const tools = surface.tools.map(({ task: _task, taskTimeoutMs: _timeout, taskAfterMs: _after, ...tool }) => tool);
  const without = { ...it, server: await startServer(t, { ...surface, tools }) };
  const token = await without.server.token("work:read");
  const discovered = await ask(without, token, "server/discover");
  assert.doesNotMatch(JSON.stringify(discovered.body), /modelcontextprotocol\/tasks/);
  const { status, body: refused } = await ask(without, token, "tasks/get", { taskId: "tsk_1" });
  assert.deepEqual([status, refused.error?.code], [404, -32601]);
});

test("methods that the extension has removed do not exist", async (t) => {
  const it = await world(t);
  for (const method of ["tasks/list", "tasks/result"]) {
    const { status, body } = await ask(it, it.mine, method, { taskId: "tsk_1" });
    assert.deepEqual([status, body.error?.code], [404, -32601], method);
  }
});

test("every answer about a task is complete, and an acknowledgement is empty", async (t) => {
  const it = await world(t);
  const taskId = await startTask(it);
  const { body: got } = await ask(it, it.mine, "tasks/get", { taskId });
  assert.equal(got.result?.["resultType"], "complete");
  for (const method of ["tasks/update", "tasks/cancel"]) {
    const { status, body } = await ask(it, it.mine, method, { taskId, inputResponses: {} });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body.result ?? {}).sort(), ["_meta", "resultType"]);
    assert.equal(body.result?.["resultType"], "complete");
  }
});

test("Mcp-Name must be the id of the task", async (t) => {
  const it = await world(t);
  const taskId = await startTask(it);
  for (const method of ["tasks/get", "tasks/update", "tasks/cancel"]) {
    for (const name of [undefined, "", "look", taskId.toUpperCase(), `${taskId}x`]) {
      const { status, body } = await ask(it, it.mine, method, { taskId, inputResponses: {} }, { headers: { "mcp-name": name } });
      assert.deepEqual([status, body.error?.code], [400, -32020], `${method} ${name}`);
    }
  }
  const { body } = await ask(it, it.mine, "tasks/get", { taskId });
  assert.equal(body.result?.["status"], "working");
});

test("a client that did not declare the extension is told which one is missing, whatever it asks about tasks", async (t) => {
  const it = await world(t);
  const taskId = await startTask(it);
  const undeclared = { meta: {} };
  const asked: [string, Rpc["params"]][] = [
    ["tasks/get", { taskId }],
    ["tasks/update", { taskId, inputResponses: {} }],
    ["tasks/cancel", { taskId }],
    ["tasks/get", { taskId: "tsk_unknown" }],
    ["subscriptions/listen", { notifications: { taskIds: [taskId] } }],
    ["tools/call", { name: "must", arguments: { text: "x" } }],
  ];
  for (const [method, params = {}] of asked) {
    const { status, body } = await ask(it, it.mine, method, params, undeclared);
    assert.deepEqual([status, body.error?.code], [400, -32021], method);
    assert.deepEqual(body.error?.data, { requiredCapabilities: { extensions: { [EXTENSION]: {} } } });
  }
});

test("T43: what another agent is told about a task is byte for byte what it is told about none", async (t) => {
  const it = await world(t);
  const taskId = await startTask(it);
  const before = await ask(it, it.mine, "tasks/get", { taskId });
  const unknownId = `tsk_${"0".repeat(26)}`;
  for (const method of ["tasks/get", "tasks/update", "tasks/cancel"]) {
    const texts = [];
    for (const id of [taskId, unknownId]) {
      const request = modernRequest(it.theirs, {
        method,
        params: { taskId: id, inputResponses: {} },
        meta: META,
        headers: { "mcp-name": id },
      });
      const response = await fetch(it.server.mcpUrl, request);
      texts.push(`${response.status} ${await response.text()}`);
    }
    assert.equal(texts[0], texts[1], method);
    assert.match(texts[0] ?? "", /"code":-32602/);
  }
  assert.deepEqual((await ask(it, it.mine, "tasks/get", { taskId })).body, before.body);
});

interface Listening {
  readonly messages: Record<string, unknown>[];
  end(): void;
}

/** The messages of a listen stream as they come. */
async function listen(t: TestContext, { server }: World, token: string, taskIds: readonly string[]): Promise<Listening> {
  const controller = new AbortController();
  t.after(() => controller.abort());
  const rpcRequest = modernRequest(token, {
    method: "subscriptions/listen",
    id: "sub",
    params: { notifications: { taskIds } },
    meta: META,
  });
  const response = await fetch(server.mcpUrl, { ...rpcRequest, signal: controller.signal });
  assert.equal(response.status, 200);
  const messages: Record<string, unknown>[] = [];
  void (async () => {
    let text = "";
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (text + part).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith("data: ")) messages.push(JSON.parse(line.slice(6)) as Record<string, unknown>);
    }
  })().catch(() => undefined);
  return { messages, end: () => controller.abort() };
}

const tasksIn = ({ messages }: Listening) =>
  messages.filter(({ method }) => method === "notifications/tasks").map(({ params }) => params as Record<string, unknown>);

test("listeners are told how a task stands and each change of it, in the words of tasks/get", async (t) => {
  const it = await world(t);
  const [taskId, other] = [await startTask(it), await startTask(it, "ask")];
  const stream = await listen(t, it, it.mine, [taskId]);
  await until(() => (tasksIn(stream).length > 0 ? true : undefined));
  const _meta = { "io.modelcontextprotocol/subscriptionId": "sub" };
  assert.deepEqual(stream.messages[0]?.["params"], { notifications: { taskIds: [taskId] }, _meta });
  it.gate.open();
  const told = await until(() => tasksIn(stream).find(({ status }) => status === "completed"));
  const { body } = await ask(it, it.mine, "tasks/get", { taskId });
  const { _meta: _serverInfo, resultType: _resultType, ...detail } = body.result ?? {};
  assert.deepEqual(told, { ...detail, _meta });
  assert.ok(tasksIn(stream).every((news) => news["taskId"] === taskId && news["taskId"] !== other));
});

test("T43: nobody can listen to the task of another; its id is passed over like one that never was", async (t) => {
  const it = await world(t);
  const taskId = await startTask(it);
  const stream = await listen(t, it, it.theirs, [taskId, "tsk_never"]);
  await until(() => (stream.messages.length > 0 ? true : undefined));
  assert.deepEqual(stream.messages[0]?.["params"], { notifications: {}, _meta: { "io.modelcontextprotocol/subscriptionId": "sub" } });
  const own = await listen(t, it, it.mine, [taskId]);
  it.gate.open();
  await until(() => tasksIn(own).find(({ status }) => status === "completed"));
  assert.equal(stream.messages.length, 1);
});
