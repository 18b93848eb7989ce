import assert from "node:assert/strict";
import { test } from "node:test";
import { capabilitiesOf } from "../../../src/mcp/capabilities.ts";
import { createRegistry } from "../../../src/tool/index.ts";
import { readAnswer, startServer, type RpcAnswer, type TestServer } from "../../support/remit.ts";
import { createSurface } from "../../support/tools.ts";
import { app, scopes, showOrder, skills } from "./surface.ts";

const VERSION = "2025-11-25";

async function ask(server: TestServer, token: string, message: object): Promise<RpcAnswer> {
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    authorization: `Bearer ${token}`,
    "mcp-protocol-version": VERSION,
  };
  return readAnswer(await fetch(server.mcpUrl, { method: "POST", headers, body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...message }) }));
}

test("a client older than 2026-07-28 reads the files of skills, and the pages of apps, as resources", async (t) => {
  const server = await startServer(t, { scopes, skills, tools: [showOrder], apps: [app] });
  const token = await server.token("order:read");
  const listed = await ask(server, token, { method: "resources/list" });
  const uris = ((listed.body.result?.["resources"] ?? []) as { uri: string }[]).map(({ uri }) => uri);
  assert.deepEqual(uris, ["skill://order-status/SKILL.md", "skill://shown-refunds/SKILL.md", app.uri]);
  for (const uri of ["skill://order-status/references/guide.md", app.uri]) {
    const { body } = await ask(server, token, { method: "resources/read", params: { uri } });
    assert.equal(((body.result?.["contents"] ?? []) as { uri: string }[])[0]?.uri, uri);
  }
  const { status, headers } = await ask(server, token, { method: "resources/read", params: { uri: "skill://staff-refunds/SKILL.md" } });
  assert.equal(status, 403);
  assert.match(headers.get("www-authenticate") ?? "", /scope="order:read staff:read"/);
});

test("the trace of an older client's request is on record too", async (t) => {
  const server = await startServer(t, { scopes, tools: [showOrder], apps: [app] });
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const _meta = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  await ask(server, await server.token("order:read"), {
    method: "tools/call",
    params: { name: "show_order", arguments: { id: "o1" }, _meta },
  });
  assert.equal((await server.records()).at(-1)?.["trace"], traceId);
});

const identity = {
  url: "https://remit.example",
  serverInfo: { name: "test", version: "1.0.0" },
  instructions: undefined,
  hasLogging: false,
};
const lists = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  completions: {},
};
const ui = { "io.modelcontextprotocol/ui": { mimeTypes: ["text/html;profile=mcp-app"] } };

test("each era is told what it can use of what was declared, and nothing else", () => {
  const { scopes: more, tools, prompts, resources } = createSurface();
  const full = createRegistry({ scopes: { ...more, ...scopes }, tools: [...tools, showOrder], prompts, resources, skills, apps: [app] });
  const both = { ...ui, "io.modelcontextprotocol/skills": { directoryRead: true } };
  assert.deepEqual(capabilitiesOf(full, identity, "modern"), {
    ...lists,
    extensions: { ...both, "io.modelcontextprotocol/oauth-client-credentials": {} },
  });
  assert.deepEqual(capabilitiesOf(full, { ...identity, hasLogging: true }, "legacy"), { ...lists, logging: {}, extensions: both });
  assert.deepEqual(capabilitiesOf(createRegistry({ scopes }), identity, "legacy"), {});
});
