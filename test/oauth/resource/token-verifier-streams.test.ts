import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openLedger } from "../../../src/audit/index.ts";
import { createCallPath } from "../../../src/call/index.ts";
import { principalOf } from "../../../src/call/principal.ts";
import { createLog } from "../../../src/lib/log.ts";
import { createMcp } from "../../../src/mcp/index.ts";
import { createChallenges, type VerifiedToken } from "../../../src/oauth/index.ts";
import type { GrantRow } from "../../../src/store/index.ts";
import { createRegistry } from "../../../src/tool/index.ts";
import { createExchange, UNHELD } from "../../support/exchange.ts";
import { createRows, outcome, RESOURCE, type Rows } from "../support/resource-rows.ts";

/** The MCP side over the rows, with a way to open a subscription stream as the holder of a token. */
async function createStreams(t: TestContext, rows: Rows): Promise<(token: VerifiedToken) => Promise<ReadableStream<Uint8Array>>> {
  const registry = createRegistry({ scopes: { "org:read": { description: "See the organizations.", access: "read" } }, tools: [] });
  const ledger = await openLedger(await rows.store.openLedger());
  const key = Buffer.alloc(32, 1);
  const { now, store, verifier } = rows;
  const challenges = createChallenges({ resource: RESOURCE, baseline: [] });
  const keys = { cursorKey: key, stateKey: key, taskKey: key, nodeId: "main", ratePerSecond: 1000, rateBurst: 1000 };
  const path = createCallPath({
    ...UNHELD,
    outside: { url: "http://127.0.0.1", fetch: () => Promise.reject(new Error("nothing outside")), mail: async () => false },
    evidence: () => assert.fail("no evidence here"),
    upstreams: { issue: () => Promise.reject(new Error("none")) },
    registry,
    ledger,
    store,
    challenges,
    log: createLog("silent"),
    now,
    ...keys,
  });
  const identity = {
    url: "https://remit.example",
    serverInfo: { name: "test", title: "Test", version: "1.0.0" },
    instructions: undefined,
    hasLogging: true,
  };
  const bound = { resource: RESOURCE, sessions: store.sessions, streamMs: 60_000, sessionKey: key };
  const mcp = createMcp({ path, registry, now, identity, verifier, cursorKey: key, ...bound });
  t.after(async () => {
    mcp.close();
    await path.close(1000);
    await ledger.close();
  });
  return async (token) => {
    const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} };
    const message = { jsonrpc: "2.0", id: 1, method: "subscriptions/listen", params: { notifications: { toolsListChanged: true }, _meta } };
    const headers = {
      accept: "text/event-stream, application/json",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "subscriptions/listen",
    };
    const { exchange, response } = createExchange(principalOf(token), JSON.stringify(message), headers);
    await mcp.handle(exchange);
    const { status, body } = await response;
    assert.equal(status, 200);
    assert.ok(body);
    return body;
  };
}

/** How long the stream goes on. */
async function lastsMs(stream: ReadableStream<Uint8Array>): Promise<number> {
  const startedAt = performance.now();
  for await (const _part of stream);
  return performance.now() - startedAt;
}

async function verified(rows: Rows, grant: GrantRow): Promise<VerifiedToken> {
  const token = await outcome(rows.verifier.verify(await rows.token(grant, { fid: "fam_1" })));
  assert.ok(typeof token === "object");
  return token;
}

const ends: [string, (rows: Rows, grant: GrantRow) => Promise<unknown> | void][] = [
  ["was revoked here", ({ verifier }, { id }) => verifier.revoke("grant", id)],
  ["had its family revoked", ({ verifier }) => verifier.revoke("family", "fam_1")],
  ["was revoked by another process", async (rows, { client_id }) => (await rows.elsewhere()).revoke("client", client_id)],
  ["has lost its person's place in the workspace", ({ store: { db } }) => db.deleteFrom("member").execute()],
  [
    "has expired",
    async (rows) => {
      rows.advance(900_000);
      await rows.verifier.refresh();
    },
  ],
];
for (const [title, end] of ends) {
  test(`T12: a listening stream whose token ${title} ends within a second, and no other does`, async (t) => {
    const rows = await createRows(t);
    const open = await createStreams(t, rows);
    const client = await rows.client();
    const grant = await rows.grant({ client_id: client.id, subject: await rows.person("owner") });
    const stands = await rows.client();
    const standing = await rows.grant({ kind: "standing", client_id: stands.id, subject: stands.id });
    const stream = await open(await verified(rows, grant));
    const bystander =
      title === "has expired" || title === "had its family revoked" ? undefined : await open(await verified(rows, standing));
    await end(rows, grant);
    assert.ok((await lastsMs(stream)) < 1000);
    const reading = bystander === undefined ? undefined : lastsMs(bystander).then(() => "ended");
    if (reading !== undefined) assert.equal(await Promise.race([reading, new Promise((resolve) => setImmediate(resolve, "open"))]), "open");
  });
}
