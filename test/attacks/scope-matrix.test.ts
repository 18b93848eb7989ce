import assert from "node:assert/strict";
import { test } from "node:test";
import { callTool, readAnswer, rpc, startServer, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

const grants = ["note:read", "note:write", "admin:write", "note:write admin:write"] as const;

/** Everything that can be named, how to name it, and what it needs. */
const targets: readonly {
  readonly name: string;
  readonly needs: readonly string[];
  readonly method: string;
  readonly params: Record<string, unknown>;
}[] = [
  { name: "echo", needs: ["note:read"], method: "tools/call", params: { name: "echo", arguments: { text: "x" } } },
  { name: "write_note", needs: ["note:write"], method: "tools/call", params: { name: "write_note", arguments: { text: "x" } } },
  { name: "wipe", needs: ["note:write", "admin:write"], method: "tools/call", params: { name: "wipe", arguments: { text: "x" } } },
  { name: "shown_wipe", needs: ["admin:write"], method: "tools/call", params: { name: "shown_wipe", arguments: { text: "x" } } },
  {
    name: "ask",
    needs: ["note:read"],
    method: "tools/call",
    params: { name: "ask", arguments: { text: "x" }, inputResponses: { name: {} } },
  },
  { name: "summarize", needs: ["note:write"], method: "prompts/get", params: { name: "summarize", arguments: { note: "first" } } },
  { name: "notes://all", needs: ["note:write"], method: "resources/read", params: { uri: "notes://all" } },
  { name: "notes://{id}/text", needs: ["note:write"], method: "resources/read", params: { uri: "notes://1/text" } },
  {
    name: "summarize",
    needs: ["note:write"],
    method: "completion/complete",
    params: { ref: { type: "ref/prompt", name: "summarize" }, argument: { name: "note", value: "f" } },
  },
  {
    name: "notes://{id}/text",
    needs: ["note:write"],
    method: "completion/complete",
    params: { ref: { type: "ref/resource", uri: "notes://{id}/text" }, argument: { name: "id", value: "f" } },
  },
];

const includes: Record<string, readonly string[]> = { "note:write": ["note:read"] };

function missing(grant: string, needs: readonly string[]): readonly string[] {
  const held = new Set(grant.split(" ").flatMap((scope) => [scope, ...(includes[scope] ?? [])]));
  return needs.filter((scope) => !held.has(scope));
}

/** Sends a message as clients before 2026-07-28 do, alone or in an array. */
async function legacy(server: TestServer, token: string, message: object | readonly object[], version = "2025-11-25") {
  const response = await fetch(server.mcpUrl, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${token}`,
      "mcp-protocol-version": version,
    },
    body: JSON.stringify(message),
  });
  return readAnswer(response);
}

test("T14: for every target, grant and protocol version, a call runs exactly when every needed scope is held; otherwise 403 names all of them and no code runs", async (t) => {
  const surface = createSurface();
  const server = await startServer(t, surface);
  for (const grant of grants) {
    const token = await server.token(grant);
    for (const target of targets) {
      const lacking = missing(grant, target.needs);
      const { method, params } = target;
      const message = { jsonrpc: "2.0", id: 1, method, params };
      const forms = [
        [
          "2026-07-28",
          () => rpc(server, token, { method, params, meta: { "io.modelcontextprotocol/clientCapabilities": { elicitation: {} } } }),
        ],
        ["2025-11-25", () => legacy(server, token, message)],
        ["2025-03-26 batch of one", () => legacy(server, token, [message], "2025-03-26")],
        ["2025-03-26 batch behind a ping", () => legacy(server, token, [{ jsonrpc: "2.0", id: 0, method: "ping" }, message], "2025-03-26")],
      ] as const;
      for (const [form, send] of forms) {
        const label = `${grant} → ${method} ${target.name} as ${form}`;
        const before = surface.entered.get(target.name) ?? 0;
        const answer = await send();
        if (lacking.length === 0) {
          assert.equal(answer.status, 200, label);
          continue;
        }
        const challenge = answer.headers.get("www-authenticate") ?? "";
        const scopes = /scope="([^"]*)"/.exec(challenge)?.[1]?.split(" ") ?? [];
        assert.equal(answer.status, 403, label);
        assert.match(challenge, /^Bearer .*error="insufficient_scope"/, label);
        assert.ok(challenge.includes(`resource_metadata="${server.url}/.well-known/oauth-protected-resource/mcp"`), label);
        assert.ok(
          target.needs.every((scope) => scopes.includes(scope)),
          `${label}: ${challenge}`,
        );
        assert.equal(answer.body["error"], "insufficient_scope", label);
        assert.equal(answer.headers.get("cache-control"), "no-store", label);
        assert.equal(surface.entered.get(target.name) ?? 0, before, `${label}: code was entered`);
      }
    }
  }
});

test("the list shows what may be called, and what is discoverable with what it needs", async (t) => {
  const server = await startServer(t, createSurface());
  const namesFor = async (grant: string) => {
    const { body } = await rpc(server, await server.token(grant), { method: "tools/list" });
    const tools = body.result?.["tools"] as { name: string; _meta?: Record<string, unknown> }[] | undefined;
    return tools?.map((tool) => (tool._meta === undefined ? tool.name : `${tool.name}*`));
  };
  const reading = ["echo", "shown_wipe*", "fail", "crash", "huge", "slow_echo", "stream_echo", "measure", "ask"];
  assert.deepEqual(await namesFor("note:read"), reading);
  assert.deepEqual(await namesFor("admin:write"), ["shown_wipe"]);
  assert.deepEqual(await namesFor("note:write admin:write"), ["echo", "write_note", "wipe", "shown_wipe", ...reading.slice(2)]);
});

test("a hidden tool that is called answers with the full challenge, an unknown one with -32602", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  assert.equal((await callTool(server, token, "wipe", { text: "x" })).status, 403);
  const unknown = await callTool(server, token, "no_such_tool", {});
  assert.equal(unknown.status, 200);
  assert.equal(unknown.body.error?.code, -32602);
});

test("the first 401 asks for the baseline scopes only, while the metadata lists the catalogue", async (t) => {
  const server = await startServer(t, createSurface());
  for (const method of ["POST", "GET", "DELETE", "PUT"]) {
    const response = await fetch(server.mcpUrl, { method, headers: { "mcp-protocol-version": "2024-11-05" } });
    assert.equal(response.status, 401, method);
    assert.equal(
      response.headers.get("www-authenticate"),
      `Bearer resource_metadata="${server.url}/.well-known/oauth-protected-resource/mcp", scope="note:read"`,
    );
  }
  for (const path of ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"]) {
    const document = (await (await fetch(server.url + path)).json()) as Record<string, unknown>;
    assert.equal(document["resource"], server.mcpUrl);
    assert.deepEqual(document["authorization_servers"], [server.url]);
    assert.deepEqual(document["scopes_supported"], ["note:read", "note:write", "admin:write"]);
  }
});
