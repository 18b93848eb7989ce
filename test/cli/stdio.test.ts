import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Client, type VersionNegotiationMode } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import * as z from "zod";
import { defineTool } from "../../src/index.ts";
import { callTool, startServer, until, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";
import { BIN, INITIALIZE, INITIALIZED, legacy, modern, modernCall, startStdio } from "./support/stdio-program.ts";

const mirrored = defineTool({
  name: "mirrored",
  title: "Mirrored",
  description: "Has an argument that clients repeat in a header.",
  scopes: ["note:read"],
  effect: "read",
  input: z.object({ region: z.string().meta({ "x-mcp-header": "Region" }) }),
  examples: [{ title: "North", input: { region: "north" } }],
  run: ({ region }) => `in ${region}`,
});

const announce = defineTool({
  name: "announce",
  title: "Announce",
  description: "Says that the list of tools is another one now.",
  scopes: ["note:read"],
  effect: "read",
  input: z.object({}),
  examples: [{ title: "Now", input: {} }],
  run(_input, context) {
    context.notifyChanged("tools");
    return "done";
  },
});

/** A server over HTTP, how to reach it over stdio, and its surface. */
async function startSite(t: TestContext, env: Record<string, string> = {}) {
  const surface = createSurface();
  const server = await startServer(t, { ...surface, tools: [...surface.tools, mirrored, announce] }, env);
  const token = await server.token("note:read");
  return { surface, server, token, start: (more: Record<string, string> = {}) => startAt(t, server, { REMIT_TOKEN: token, ...more }) };
}

function startAt(t: TestContext, server: TestServer, env: Record<string, string>) {
  return startStdio(t, ["--url", server.mcpUrl], { REMIT_DRAIN_SECONDS: "5", ...env });
}

const eras: readonly [string, VersionNegotiationMode | undefined][] = [
  ["2025-11-25", undefined],
  ["2026-07-28", { pin: "2026-07-28" }],
];

for (const [era, mode] of eras) {
  test(`the official SDK lists, calls, gets progress and is refused over stdio, in revision ${era}`, async (t) => {
    const { server, token } = await startSite(t);
    const { PATH = "", HOME = "" } = process.env;
    const client = new Client({ name: "test", version: "1" }, mode === undefined ? {} : { versionNegotiation: { mode } });
    const env = { PATH, HOME, REMIT_TOKEN: token };
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [BIN, "stdio", "--url", server.mcpUrl], env, stderr: "ignore" }),
    );
    t.after(() => client.close());
    assert.equal(client.getNegotiatedProtocolVersion(), era);
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === "echo"));
    assert.ok(!tools.some(({ name }) => name === "write_note"));
    const echoed = await client.callTool({ name: "echo", arguments: { text: "over stdio é\u2028" } });
    assert.deepEqual(echoed.content, [{ type: "text", text: "over stdio é\u2028" }]);
    const progress: unknown[] = [];
    await client.callTool(
      { name: "stream_echo", arguments: { text: "part", waitMs: 50 } },
      { onprogress: ({ message }) => progress.push(message) },
    );
    assert.deepEqual(progress, ["part 1", "part 2", "part 3"]);
    await assert.rejects(
      client.callTool({ name: "write_note", arguments: { text: "x" } }),
      /needs the scope note:write.*remit token issue CLIENT_ID --scope/,
    );
    const held = await client.callTool({ name: "mirrored", arguments: { region: "Süd" } });
    assert.deepEqual(held.content, [{ type: "text", text: "in Süd" }]);
  });
}

test("a part of a streamed answer is a line before the call has ended", async (t) => {
  const { start } = await startSite(t);
  const program = start();
  program.write(modernCall(1, "stream_echo", { text: "x", waitMs: 60_000 }, { progressToken: "p" }));
  const line = await program.next(({ method }) => method === "notifications/progress");
  assert.equal(line.params?.["message"], "x 1");
});

test("answers come in the order in which they arrive, each with its id, whatever form that has", async (t) => {
  const { start } = await startSite(t);
  const program = start();
  program.write(modernCall("1", "stream_echo", { text: "slow", waitMs: 300 }));
  program.write(modernCall(1, "echo", { text: "fast" }));
  program.write(modernCall("2", "echo", { text: "fast too" }));
  const { lines, code } = await program.end();
  assert.equal(code, 0);
  assert.equal(lines.at(-1)?.id, "1");
  assert.deepEqual(new Set(lines.map(({ id }) => id)), new Set(["1", 1, "2"]));
});

for (const [era, isModern] of [
  ["2025-11-25", false],
  ["2026-07-28", true],
] as const) {
  test(`a cancelled call of ${era} ends on the server, and nothing more comes for it`, async (t) => {
    const { start, surface, server } = await startSite(t);
    const program = start();
    const params = { name: "stream_echo", arguments: { text: "x", waitMs: 60_000 }, _meta: { progressToken: "p" } };
    if (!isModern) {
      program.write(INITIALIZE);
      program.write(INITIALIZED);
    }
    program.write(isModern ? modern(7, "tools/call", params, params._meta) : legacy(7, "tools/call", params));
    await program.next(({ method }) => method === "notifications/progress");
    assert.equal(surface.entered.get("stream_echo"), 1);
    program.write({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } });
    const record = await until(async () => (await server.records()).find(({ outcome }) => outcome === "cancelled"));
    assert.equal(record["tool"], "stream_echo");
    const { lines, code } = await program.end();
    assert.equal(code, 0);
    assert.ok(!lines.some(({ id }) => id === 7));
  });
}

test("subscriptions/listen keeps its stream and is ended by its cancellation, other calls going on beside it", async (t) => {
  const { start } = await startSite(t);
  const program = start();
  program.write(modern("l", "subscriptions/listen", { notifications: { toolsListChanged: true } }));
  await program.next(({ method }) => method === "notifications/subscriptions/acknowledged");
  program.write(modernCall(1, "echo", { text: "beside" }));
  await program.next(({ id }) => id === 1);
  program.write({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "l" } });
  // Its id is free again once it has ended.
  program.write(modern("l", "subscriptions/listen", { notifications: {} }));
  await program.next(({ method, error }) => method === "notifications/subscriptions/acknowledged" || error !== undefined);
  assert.equal((await program.end()).code, 0);
});

test("an older client keeps the session that initialize began, and it is ended with the input", async (t) => {
  const { start, server } = await startSite(t);
  const program = start();
  for (const message of [INITIALIZE, INITIALIZED, legacy(1, "tools/list")]) program.write(message);
  const methods = async () => (await server.records()).map(({ method }) => method);
  await until(async () => ((await methods()).includes("GET /mcp") ? true : undefined));
  const { lines, code } = await program.end();
  assert.equal(code, 0);
  assert.deepEqual(
    lines.map(({ id }) => id),
    ["init", 1],
  );
  assert.equal((await methods()).at(-1), "DELETE /mcp");
});

test("what a server asks an older client goes out as a line, and the answer finds its call", async (t) => {
  const { start } = await startSite(t);
  const program = start();
  program.write({ ...INITIALIZE, params: { ...INITIALIZE.params, capabilities: { elicitation: {} } } });
  program.write(INITIALIZED);
  program.write(legacy(1, "tools/call", { name: "ask", arguments: { text: "x" } }));
  const asked = await program.next(({ method }) => method === "elicitation/create");
  program.write({ jsonrpc: "2.0", id: asked.id, result: { action: "accept", content: { name: "Ada" } } });
  const { result } = await program.next(({ id }) => id === 1);
  assert.deepEqual(result?.["content"], [{ type: "text", text: "Hello Ada" }]);
});

test("news of a session come as lines while nothing is asked", async (t) => {
  const { start, token, server } = await startSite(t);
  const program = start();
  for (const message of [INITIALIZE, INITIALIZED]) program.write(message);
  await until(async () => (await server.records()).find(({ method }) => method === "GET /mcp"));
  await callTool(server, token, "announce", {});
  await program.next(({ method }) => method === "notifications/tools/list_changed");
});

test("the rest of a call whose stream the server ended is fetched, and the client sees one answer", async (t) => {
  const { start } = await startSite(t, { REMIT_STREAM_SECONDS: "0.2" });
  const program = start();
  for (const message of [INITIALIZE, INITIALIZED]) program.write(message);
  program.write(legacy(1, "tools/call", { name: "stream_echo", arguments: { text: "x", waitMs: 500 }, _meta: { progressToken: 9 } }));
  const { result } = await program.next(({ id }) => id === 1);
  assert.deepEqual(result?.["content"], [{ type: "text", text: "x done" }]);
  const { lines } = await program.end();
  const messages = lines.filter(({ method }) => method === "notifications/progress").map(({ params }) => params?.["message"]);
  assert.deepEqual(messages, ["x 1", "x 2", "x 3"]);
});

const unreadable: readonly [title: string, line: string, code: number][] = [
  ["no JSON", "{", -32700],
  ["JSON that is no message", '{"id":1}', -32600],
  ["a line over REMIT_MAX_BODY_BYTES", `{"jsonrpc":"2.0","id":1,"method":"${"x".repeat(1_000_000)}"}`, -32600],
];

for (const [title, line, code] of unreadable) {
  test(`${title} gets ${code} without an id, and what follows is served`, async (t) => {
    const { start } = await startSite(t);
    const program = start();
    program.write(line);
    program.write(modernCall(2, "echo", { text: "x" }));
    const { lines } = await program.end();
    assert.deepEqual(
      lines.map(({ id, error }) => [id, error?.code]),
      [
        [undefined, code],
        [2, undefined],
      ],
    );
  });
}

const tokens: readonly [title: string, token: string, expected: RegExp][] = [
  ["no token", "", /REMIT_TOKEN is not set.*remit token issue CLIENT_ID/],
  ["a token that is none", "nonsense", /REMIT_TOKEN is not valid here.*remit token issue CLIENT_ID/],
];

for (const [title, token, expected] of tokens) {
  test(`T12: with ${title} every request gets an error that says what to do, and the terminal one line`, async (t) => {
    const { start, surface } = await startSite(t);
    const program = start({ REMIT_TOKEN: token });
    for (const id of [1, 2]) program.write(modernCall(id, "echo", { text: "x" }));
    const { code, lines, stderr } = await program.end();
    assert.equal(code, 0);
    assert.deepEqual(
      new Map(lines.map(({ id, error }) => [id, error?.code])),
      new Map([
        [1, -31401],
        [2, -31401],
      ]),
    );
    for (const { error } of lines) assert.match(error?.message ?? "", expected);
    assert.match(stderr, expected);
    assert.equal(stderr.trim().split("\n").length, 1);
    assert.equal(surface.entered.size, 0);
  });
}

test("a token that is revoked while the program runs is told at the next request", async (t) => {
  const { start, server, token } = await startSite(t);
  const program = start();
  program.write(modernCall(1, "echo", { text: "x" }));
  assert.ok((await program.next(({ id }) => id === 1)).result);
  assert.equal(await server.operator.revokeToken(token), true);
  program.write(modernCall(2, "echo", { text: "x" }));
  assert.equal((await program.next(({ id }) => id === 2)).error?.code, -31401);
  assert.match((await program.end()).stderr, /remit token issue/);
});

test("at the end of the input a call gets the drain time and no more, and the program ends with 0", async (t) => {
  const { start, server, surface } = await startSite(t);
  const program = start({ REMIT_DRAIN_SECONDS: "0.5" });
  program.write(modernCall("short", "stream_echo", { text: "x", waitMs: 50 }));
  program.write(modernCall("long", "stream_echo", { text: "x", waitMs: 60_000 }));
  await until(() => (surface.entered.get("stream_echo") === 2 ? true : undefined));
  const { code, lines } = await program.end();
  assert.equal(code, 0);
  assert.deepEqual(
    lines.map(({ id }) => id),
    ["short"],
  );
  await until(async () => (await server.records()).find(({ outcome }) => outcome === "cancelled"));
});

test("a server that cannot be reached is told in an error of the request", async (t) => {
  const program = startStdio(t, ["--url", "http://127.0.0.1:9/mcp"], { REMIT_TOKEN: "x" });
  program.write(modern(1, "tools/list"));
  const { code, lines } = await program.end();
  assert.equal(code, 0);
  assert.equal(lines[0]?.error?.code, -31503);
});

test("a token is sent to no server in the clear, except on this machine", async (t) => {
  const { code, stderr, lines } = await startStdio(t, ["--url", "http://mcp.example.com/mcp"], { REMIT_TOKEN: "x" }).end();
  assert.deepEqual([code, lines], [2, []]);
  assert.match(stderr, /must be an https URL/);
});
