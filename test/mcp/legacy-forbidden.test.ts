import assert from "node:assert/strict";
import { test } from "node:test";
import { createMcpHarness, type Sender } from "../support/mcp-harness.ts";
import { readAnswer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

const CHALLENGE =
  /^Bearer error="insufficient_scope", scope="([^"]*)", resource_metadata="http:\/\/127\.0\.0\.1:3000\/\.well-known\/oauth-protected-resource\/mcp"/;
const READER: Sender = { scope: "note:read", version: "2025-11-25" };
const BATCHER: Sender = { scope: "note:read", version: "2025-03-26" };

const ping = { jsonrpc: "2.0", id: 100, method: "ping" };
const echo = { jsonrpc: "2.0", id: 101, method: "tools/call", params: { name: "echo", arguments: { text: "x" } } };
const ref = { type: "ref/prompt", name: "summarize" };

const forbidden: readonly [name: string, method: string, params: object, needs: readonly string[]][] = [
  ["write_note", "tools/call", { name: "write_note", arguments: { text: "x" } }, ["note:write"]],
  ["wipe", "tools/call", { name: "wipe", arguments: { text: "x" } }, ["note:write", "admin:write"]],
  ["summarize", "prompts/get", { name: "summarize", arguments: { note: "a" } }, ["note:write"]],
  ["notes://all", "resources/read", { uri: "notes://all" }, ["note:write"]],
  ["notes://{id}/text", "resources/read", { uri: "notes://1/text" }, ["note:write"]],
  ["notes://all", "resources/subscribe", { uri: "notes://all" }, ["note:write"]],
  ["summarize", "completion/complete", { ref, argument: { name: "note", value: "" } }, ["note:write"]],
];

for (const [name, method, params, needs] of forbidden) {
  test(`T14: ${method} of ${name} without its scopes is a 403 that names all of them, alone and at any place of a batch, and nothing runs`, async (t) => {
    const surface = createSurface();
    const harness = await createMcpHarness(t, surface);
    const one = { jsonrpc: "2.0", id: 1, method, params };
    const forms: readonly [Sender, unknown][] = [
      [READER, one],
      [{ ...READER, accept: "application/json" }, one],
      [{ scope: "note:read" }, one],
      [BATCHER, [one]],
      [BATCHER, [ping, echo, one]],
      [BATCHER, [one, echo, ping]],
      [{ scope: "note:read" }, [{ jsonrpc: "2.0", method: "notifications/initialized" }, one]],
    ];
    for (const [i, [sender, body]] of forms.entries()) {
      // Whoever is refused too often is challenged no more, so each form comes from an agent of its own.
      const answer = await readAnswer(await harness.post({ ...sender, clientId: `agt_${i}` }, body));
      assert.equal(answer.status, 403);
      const scopes = CHALLENGE.exec(answer.headers.get("www-authenticate") ?? "")?.[1]?.split(" ") ?? [];
      // Clients of these versions replace their scopes by those of the challenge, so what is held stands there too.
      assert.deepEqual(new Set(scopes), new Set(["note:read", ...needs]));
      assert.equal(answer.body.error, "insufficient_scope");
    }
    assert.deepEqual([...surface.entered], []);
    const records = await harness.records();
    assert.equal(records.length, forms.length);
    for (const record of records) {
      assert.equal(record["allowed"], false);
      assert.equal(record["method"], method);
      assert.equal(record["reason"], "insufficient_scope");
    }
  });
}

test("T14: each forbidden request of a batch is on record, with its tool and what it lacks", async (t) => {
  const surface = createSurface();
  const harness = await createMcpHarness(t, surface);
  const of = (name: string, id: number) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: { text: "x" } } });
  const response = await harness.post(BATCHER, [of("write_note", 1), of("echo", 2), of("wipe", 3)]);
  assert.equal(response.status, 403);
  const records = await harness.records();
  assert.deepEqual(
    records.map((record) => [record["tool"], record["missing"]]),
    [
      ["write_note", ["note:write"]],
      ["wipe", ["note:write", "admin:write"]],
    ],
  );
  assert.equal(surface.entered.size, 0);
});

test("T14: a call in a batch runs once its scopes are held", async (t) => {
  const surface = createSurface();
  const harness = await createMcpHarness(t, surface);
  const write = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "write_note", arguments: { text: "x" } } };
  const response = await harness.post({ scope: "note:write", version: "2025-03-26" }, [write]);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /wrote x/);
  assert.equal(surface.entered.get("write_note"), 1);
});

test("T14: a tool that does not exist is no way around the decision: it is unknown for everybody", async (t) => {
  const harness = await createMcpHarness(t, createSurface());
  const { status, body } = await readAnswer(
    await harness.post(READER, { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "constructor" } }),
  );
  assert.equal(status, 200);
  assert.equal(body.error?.code, -32602);
});
