/** The eight weaknesses of the server whose tool surface the control plane covers: each stays impossible here. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { controlPlane } from "../../src/control-plane/index.ts";
import { callTool, readAnswer, rpc, startServer, type TestServer } from "../support/remit.ts";

const environment = { name: "Staging", slug: "staging" };

async function start(t: TestContext): Promise<TestServer> {
  return startServer(t, controlPlane);
}

function legacy(server: TestServer, token: string | undefined, message: unknown): Promise<Response> {
  return fetch(server.mcpUrl, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(message),
  });
}

const create = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "create_environment", arguments: { name: "Staging" } } };

test("1. a call inside an array of one is decided like the call itself, with and without a token", async (t) => {
  const server = await start(t);
  const token = await server.token("env:read");
  assert.equal((await legacy(server, undefined, [create])).status, 401);
  assert.equal((await legacy(server, token, create)).status, 403);
  assert.equal((await legacy(server, token, [create])).status, 403);
  assert.equal((await server.records()).filter(({ kind }) => kind === "intent").length, 0);
});

test("2. parallel calls of older clients are all answered", async (t) => {
  const server = await start(t);
  const token = await server.token("wks:read");
  const whoami = (id: number) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "whoami", arguments: {} } });
  const answers = await Promise.all(Array.from({ length: 20 }, async (_, id) => readAnswer(await legacy(server, token, whoami(id)))));
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body["id"]]),
    Array.from({ length: 20 }, (_, id) => [200, id]),
  );
});

test("3. a missing scope is 403 insufficient_scope with the scope, so that clients step up instead of signing in again", async (t) => {
  const server = await start(t);
  const { status, headers } = await callTool(server, await server.token("env:read"), "create_environment", environment);
  assert.equal(status, 403);
  assert.match(headers.get("www-authenticate") ?? "", /error="insufficient_scope", scope="env:write"/);
});

test("4. lists differ by token, unknown names are refused, and no tool is without a scope", async (t) => {
  const server = await start(t);
  const namesOf = async (scope: string) => {
    const { body } = await rpc(server, await server.token(scope), { method: "tools/list" });
    return JSON.stringify((body.result?.["tools"] as { name: string }[] | undefined)?.map(({ name }) => name));
  };
  assert.notEqual(await namesOf("env:read"), await namesOf("org:write"));
  assert.equal((await callTool(server, await server.token("env:read"), "list_clients", {})).body.error?.code, -32602);
  for (const tool of controlPlane.tools) assert.ok(tool.scopes.length > 0, tool.name);
});

test("5. the caller's token is nowhere in what a tool gets, so it cannot be passed on", async (t) => {
  const seen: unknown[] = [];
  const [first] = controlPlane.tools;
  assert.ok(first);
  const spying = { ...first, name: "spy", run: (input: unknown, context: object) => (seen.push(input, flatten(context)), "x") };
  const { output: _output, ...plain } = spying;
  const server = await startServer(t, { scopes: controlPlane.scopes, tools: [plain] });
  const token = await server.token(first.scopes.join(" "));
  const args = first.examples[0].input as object;
  assert.equal((await callTool(server, token, "spy", args)).status, 200);
  assert.equal(seen.length, 2);
  assert.ok(!JSON.stringify(seen).includes(token.split(".")[2] ?? token));
});

/** Every member of a context that holds data, inherited getters included. */
function flatten(context: object): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const name in context) {
    const value = (context as Record<string, unknown>)[name];
    if (typeof value !== "function" && name !== "db") members[name] = value;
  }
  return members;
}

test("6. a failure is isError with what to do next, outputs have schemas, annotations are set, and everything is on record", async (t) => {
  const server = await start(t);
  const token = await server.token("env:read");
  const { body } = await callTool(server, token, "get_environment_details", { environment_id: "env_00000000000000000000000000000000" });
  assert.equal(body.result?.["isError"], true);
  assert.match(JSON.stringify(body.result["content"]), /list_environments/);
  assert.equal((await server.records()).at(-1)?.["outcome"], "tool_error");
  const { body: list } = await rpc(server, token, { method: "tools/list" });
  for (const tool of (list.result?.["tools"] ?? []) as Record<string, unknown>[]) {
    assert.ok(tool["outputSchema"], String(tool["name"]));
    assert.equal(Object.keys(tool["annotations"] as object).length, 4);
  }
});

test("7. a description names no parameter that the schema does not have", () => {
  for (const tool of controlPlane.tools) {
    const parameters = new Set(Object.keys((tool.input as { shape?: object }).shape ?? {}));
    const names = tool.description.match(/\b[a-z]+(?:_[a-z]+)+\b|\b[a-z]+[A-Z]\w*\b/g) ?? [];
    const outputs = new Set(
      JSON.stringify(tool.examples)
        .match(/"[a-z_]+"/g)
        ?.map((quoted) => quoted.slice(1, -1)),
    );
    const tools = new Set(controlPlane.tools.map(({ name }) => name));
    for (const name of names) assert.ok(parameters.has(name) || outputs.has(name) || tools.has(name), `${tool.name} speaks of ${name}`);
  }
});

test("8. no input schema uses a format that some clients refuse", async (t) => {
  const server = await start(t);
  const { body } = await rpc(server, await server.token("wks:write env:write org:write"), { method: "tools/list" });
  for (const tool of (body.result?.["tools"] ?? []) as { inputSchema: object }[]) {
    assert.doesNotMatch(JSON.stringify(tool.inputSchema), /"format":/);
  }
});
