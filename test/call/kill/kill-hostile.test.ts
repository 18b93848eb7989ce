/** What a kill must hold against: what was there before, what races it, and what an attacker tries after it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { before, describe, test, type TestContext } from "node:test";
import type { KillOrder } from "../../../src/call/kill/kill-acts.ts";
import { createServer, parseConfig } from "../../../src/index.ts";
import { connectLegacy, readEvents } from "../../support/legacy-client.ts";
import { callTool, fetchToken, rpc, startServer, until, type TestServer } from "../../support/remit.ts";
import { createSurface } from "../../support/tools.ts";

async function kill({ operator }: TestServer, kind: KillOrder["kind"], value: string) {
  const made = await operator.kill({ kind, value, reason: "a test" });
  assert.ok("id" in made, JSON.stringify(made));
  return made;
}

function select(server: TestServer, sql: string): readonly Record<string, unknown>[] {
  const db = new DatabaseSync(join(server.dataDir, "remit.db"));
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

const look = (server: TestServer, token: string) => callTool(server, token, "echo", { text: "a" });

const closing: (() => unknown)[] = [];
const suite: Pick<TestContext, "after"> = { after: (close: unknown) => void closing.push(close as () => unknown) };

describe("T12: nothing goes around a kill", () => {
  let server: TestServer;
  before(async () => {
    server = await startServer(suite, createSurface(), { REMIT_SSE: "on" });
  });

  test("T12: a killed agent sees what any dead token sees, whatever it asks for", async () => {
    const agent = await server.agent("note:read");
    const token = await fetchToken(server.url, agent);
    await look(server, token);
    const dead = await rpc(server, `${token.slice(0, -6)}AAAAAA`, { method: "tools/list" });
    await kill(server, "agent", agent.clientId);
    for (const method of ["tools/list", "server/discover", "no/such/method"]) {
      const { status, body, headers } = await rpc(server, token, { method });
      assert.deepEqual([status, body], [dead.status, dead.body]);
      assert.equal(headers.get("www-authenticate"), dead.headers.get("www-authenticate"));
    }
  });

  test("T12: enabling a killed agent or person is refused and names the kill", async () => {
    const agent = await server.agent("note:read");
    const { id } = await kill(server, "agent", agent.clientId);
    const enabled = await server.operator.enableAgent(agent.clientId);
    assert.ok(enabled !== true && enabled.problems[0]?.includes(id));
    await server.operator.createPerson({ email: "mallory@example.com", name: "Mallory", role: "member" });
    const person = await kill(server, "user", "mallory@example.com");
    const back = await server.operator.enablePerson("mallory@example.com");
    assert.ok(back !== true && back.problems[0]?.includes(person.id));
  });

  test("T12: who was disabled before a kill stays disabled when it is lifted", async () => {
    const agent = await server.agent("note:read");
    await server.operator.disableAgent(agent.clientId);
    const { id } = await kill(server, "agent", agent.clientId);
    assert.equal(await server.operator.liftKill(id), true);
    await assert.rejects(fetchToken(server.url, agent));
    await server.operator.createPerson({ email: "trent@example.com", name: "Trent", role: "member" });
    await server.operator.disablePerson("trent@example.com");
    const person = await kill(server, "user", "trent@example.com");
    assert.equal(await server.operator.liftKill(person.id), true);
    assert.ok("problems" in (await server.operator.createSignInLink("trent@example.com")));
  });

  test("T12: of two kills of the same agent both must be lifted, and a kill is lifted once", async () => {
    const agent = await server.agent("note:read");
    const [first, second] = await Promise.all([kill(server, "agent", agent.clientId), kill(server, "agent", agent.clientId)]);
    assert.equal(await server.operator.liftKill(first.id), true);
    assert.notEqual(await server.operator.liftKill(first.id), true);
    await assert.rejects(fetchToken(server.url, agent));
    assert.equal(await server.operator.liftKill(second.id), true);
    assert.ok(await fetchToken(server.url, agent));
  });

  test("T12: two kills may be lifted in any order, and what was disabled between two kills stays so", async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ] as const) {
      const agent = await server.agent("note:read");
      const kills = [await kill(server, "agent", agent.clientId), await kill(server, "agent", agent.clientId)];
      for (const i of order) assert.equal(await server.operator.liftKill(kills[i]?.id ?? ""), true);
      assert.ok(await fetchToken(server.url, agent));
      await server.operator.disableAgent(agent.clientId);
      const last = await kill(server, "agent", agent.clientId);
      assert.equal(await server.operator.liftKill(last.id), true);
      await assert.rejects(fetchToken(server.url, agent));
    }
  });

  test("T12: sessions end and requests for approval are void, also after it is lifted", async () => {
    const agent = await server.agent("note:write admin:write");
    const token = await fetchToken(server.url, agent);
    const client = await connectLegacy(server.mcpUrl, token);
    const stream = readEvents(await client.get());
    await callTool(server, token, "wipe", { text: "a" });
    const { id } = await kill(server, "agent", agent.clientId);
    await stream.rest();
    assert.equal((await client.post({ jsonrpc: "2.0", id: 2, method: "tools/list" })).status, 401);
    assert.deepEqual(
      select(server, `select state from approval where client_id = '${agent.clientId}'`).map(({ state }) => state),
      ["void"],
    );
    assert.deepEqual(select(server, `select id_hash from mcp_session where client_id = '${agent.clientId}'`), []);
    const applied = (await server.records()).find((record) => record["event"] === "kill.applied" && record["kill"] === id);
    assert.deepEqual(applied?.["ended"], { refresh_tokens: 0, sessions: 1, tasks: 0, approvals: 1 });
  });

  test("T12: an HTTP+SSE stream of a killed agent ends, and what is posted to it is refused", async () => {
    const agent = await server.agent("note:read");
    const authorization = `Bearer ${await fetchToken(server.url, agent)}`;
    const events = readEvents(await fetch(`${server.url}/sse`, { headers: { authorization, accept: "text/event-stream" } }));
    const place = (await events.next())?.data ?? "";
    await kill(server, "agent", agent.clientId);
    await events.rest();
    const headers = { authorization, "content-type": "application/json" };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    assert.equal((await fetch(`${server.url}${place}`, { method: "POST", headers, body })).status, 401);
  });

  test("T12: under a stream of calls the receipt names the very last that was accepted", async () => {
    const agent = await server.agent("note:read");
    const token = await fetchToken(server.url, agent);
    const isMine = (record: Readonly<Record<string, unknown>>) => record["agent"] === agent.clientId && "decision" in record;
    const statuses: number[] = [];
    const isOver = { value: false };
    const sending = Array.from({ length: 6 }, async () => {
      while (!isOver.value) statuses.push((await callTool(server, token, "slow_echo", { text: "abc" })).status);
    });
    await until(() => (statuses.length > 100 ? true : undefined));
    const { accepted } = await kill(server, "agent", agent.clientId);
    const answered = statuses.length;
    await until(() => (statuses.length > answered + 50 ? true : undefined));
    isOver.value = true;
    await Promise.all(sending);
    const last = (await server.records()).filter((record) => isMine(record) && record["allowed"] === true).at(-1);
    assert.deepEqual([accepted?.seq, accepted?.decision], [last?.seq, last?.["decision"]]);
    // Each sender may have had one answer on its way.
    assert.ok(statuses.slice(answered + 6).every((status) => status === 401));
  });
});

test("T12: tokens from before the kill of a workspace stay dead when it is lifted", async (t) => {
  const server = await startServer(t, createSurface());
  const agent = await server.agent("note:read");
  const token = await fetchToken(server.url, agent);
  assert.equal((await look(server, token)).status, 200);
  const { id } = await kill(server, "workspace", "wks_test");
  assert.equal(await server.operator.liftKill(id), true);
  assert.equal((await look(server, token)).status, 401);
  await until(async () => ((await look(server, await fetchToken(server.url, agent))).status === 200 ? true : undefined));
  assert.equal((await look(server, token)).status, 401);
});

test("T12: a kill that a crash cut off is carried out when the server starts again, with its receipt", async (t) => {
  const surface = createSurface();
  const server = await startServer(t, surface);
  const agent = await server.agent("note:read");
  const token = await fetchToken(server.url, agent);
  await server.close();
  const db = new DatabaseSync(join(server.dataDir, "remit.db"));
  db.prepare("insert into kill (id, kind, value, reason, ordered_at) values ('kill_cut', 'agent', ?, 'a test', ?)").run(
    agent.clientId,
    Date.now(),
  );
  db.close();
  const next = await createServer({
    ...surface,
    config: parseConfig({ PORT: "0", REMIT_DATA: server.dataDir, REMIT_LOG_LEVEL: "silent" }),
  });
  t.after(() => next.close());
  await next.listen();
  const [receipt] = await next.operator.listKills();
  assert.ok(receipt?.id === "kill_cut" && receipt.applied_at !== null);
  assert.equal((await callTool(next, token, "echo", { text: "a" })).status, 401);
  await assert.rejects(fetchToken(next.url, agent));
});

test.after(async () => {
  for (const close of closing) await close();
});
