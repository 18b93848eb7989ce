import assert from "node:assert/strict";
import { test } from "node:test";
import { readAnswer, rpc, startServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

const CLIENTS = 200;
const CALLS = 50;

test(`T42: ${CLIENTS} clients with equal request ids, ${CALLS} calls each, streamed and not, never see a byte of each other (CVE-2026-25536)`, async (t) => {
  const server = await startServer(t, createSurface());
  const tokens = await Promise.all(Array.from({ length: 20 }, () => server.token("note:read")));
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      const token = tokens[client % tokens.length] ?? "";
      for (let id = 0; id < CALLS; id++) {
        const nonce = `nonce-${client}-${id}-${"x".repeat((client + id) % 5)}`;
        const isStreamed = id % 10 === 0;
        const answer = await rpc(server, token, {
          method: "tools/call",
          id,
          params: { name: isStreamed ? "stream_echo" : "slow_echo", arguments: { text: nonce } },
          meta: { progressToken: id },
        });
        const all = JSON.stringify([answer.body, answer.streamed]);
        assert.equal(answer.body["id"], id);
        assert.ok(all.includes(nonce));
        assert.deepEqual([...new Set(all.match(/nonce-\d+-\d+/g))], [`nonce-${client}-${id}`]);
        if (isStreamed) assert.equal(answer.streamed.length, 3);
      }
    }),
  );
});

test("T42: the same holds for clients of 2025-11-25", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  await Promise.all(
    Array.from({ length: 50 }, async (_, client) => {
      for (let id = 0; id < 10; id++) {
        const nonce = `nonce-${client}-${id}-`;
        const response = await fetch(server.mcpUrl, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            authorization: `Bearer ${token}`,
            "mcp-protocol-version": "2025-11-25",
          },
          body: JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "slow_echo", arguments: { text: nonce } } }),
        });
        const { body } = await readAnswer(response);
        assert.equal(body["id"], id);
        assert.deepEqual([...new Set(JSON.stringify(body).match(/nonce-\d+-\d+-/g))], [nonce]);
      }
    }),
  );
});
