import assert from "node:assert/strict";
import { connect } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { callTool, closingWithFile, startServer, until } from "../../support/remit.ts";
import { createSurface } from "../../support/tools.ts";

const closing = closingWithFile();
const server = await startServer(closing, createSurface());

const status = async (path: string, init: RequestInit = {}) => (await fetch(server.url + path, init)).status;
const readyz = async () => {
  const response = await fetch(`${server.url}/readyz`);
  return { status: response.status, text: await response.text() };
};
/** The answer of /readyz is kept for a second. */
const turnsTo = (expected: number) => until(async () => ((await readyz()).status === expected ? true : undefined));

/** The bytes of one answer to a request with another name in Host, as a supervisor sends that knows an address only. */
function readAs(host: string, path: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (data) => (text += data.toString()));
    socket.on("end", () => resolve(text)).on("error", reject);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}

test("a server that is well passes every check, in the order in which what is wrong should be mended, and nothing of it is on record", async () => {
  const before = (await server.records()).length;
  const checks = await server.operator.checkHealth();
  assert.deepEqual(
    checks.map(({ name, status: found }) => `${name} ${found}`),
    ["config ok", "clock ok", "store ok", "keys ok", "documents ok", "challenge ok", "ledger ok"],
  );
  assert.ok(checks.every(({ next, detail }) => next === undefined && /^[A-Z].*\.$/.test(detail)));
  const since = (await server.records()).slice(before);
  assert.deepEqual(
    since.filter(({ event }) => event !== "ledger.checkpoint"),
    [],
  );
  assert.deepEqual(await server.operator.listConnections(5), []);
});

test("/healthz says that the process lives and /readyz that it can work, whatever the Host header, and neither says more", async () => {
  assert.deepEqual(await readyz(), { status: 200, text: '{"status":"ready"}' });
  assert.match(await readAs("192.0.2.3:3000", "/readyz"), /^HTTP\/1\.1 200 [\s\S]*\{"status":"ready"\}/);
  assert.match(await readAs("192.0.2.3:3000", "/healthz"), /^HTTP\/1\.1 200 [\s\S]*\{"status":"alive"\}/);
  assert.match(await readAs("192.0.2.3:3000", "/.well-known/oauth-protected-resource"), /^HTTP\/1\.1 403 /);
  assert.equal(await status("/healthz", { method: "HEAD" }), 200);
  assert.equal(await status("/readyz", { method: "POST" }), 405);
});

const BROKEN = [
  { what: "the store", file: "remit.db", on: "update on signing_key", failed: "store" },
  { what: "the ledger", file: "ledger.db", on: "insert on ledger_record", failed: "ledger" },
] as const;

for (const { what, file, on, failed } of BROKEN) {
  test(`T67: while ${what} cannot be written, /readyz says 503 to strangers without a reason and the check says why; it recovers without a call`, async (t) => {
    const token = await server.token("note:read");
    const database = new DatabaseSync(join(server.dataDir, file));
    t.after(() => database.close());
    database.exec(`create trigger full before ${on} begin select raise(abort, 'disk full'); end`);
    await callTool(server, token, "echo", { text: "x" });
    await turnsTo(503);
    assert.equal((await readyz()).text, '{"status":"unavailable"}');
    assert.equal(await status("/healthz"), 200);
    const checks = await server.operator.checkHealth();
    assert.deepEqual(
      checks.filter(({ status: found }) => found !== "ok").map(({ name, status: found }) => `${name} ${found}`),
      [`${failed} failed`],
    );
    assert.match(checks.find(({ name }) => name === failed)?.next ?? "", /full disk/);

    database.exec("drop trigger full");
    await turnsTo(200);
    assert.equal((await callTool(server, token, "echo", { text: "y" })).status, 200);
  });
}

test("a key that is too old, a clock that was set back and an address that nobody can reach are told, each with what to do", async (t) => {
  const open = await startServer(t, createSurface(), { HOST: "0.0.0.0", REMIT_URL: "http://127.0.0.1:9999" });
  const database = new DatabaseSync(join(open.dataDir, "remit.db"));
  t.after(() => database.close());
  const day = 86_400_000;
  database.exec(`update signing_key set state_at = state_at - ${400 * day} where state = 'active'`);
  database.exec(`update signing_key set state_at = state_at + ${day} where state = 'pending'`);
  const found = (await open.operator.checkHealth()).filter((check) => check.status !== "ok");
  assert.deepEqual(
    found.map(({ name, status: is }) => `${name} ${is}`),
    ["config warning", "clock failed", "keys warning"],
  );
  assert.match(found[0]?.next ?? "", /REMIT_URL/);
  assert.match(found[1]?.next ?? "", /clock/);
  assert.match(found[2]?.next ?? "", /remit key rotate/);
});

test("T73: a record that was changed shows in the check of the ledger", async (t) => {
  const changed = await startServer(t, createSurface());
  await changed.agent("note:read");
  const database = new DatabaseSync(join(changed.dataDir, "ledger.db"));
  t.after(() => database.close());
  database.exec("update ledger_record set body = replace(body, '\"event\"', '\"Event\"') where seq = 1");
  const ledger = (await changed.operator.checkHealth()).at(-1);
  assert.deepEqual([ledger?.name, ledger?.status, ledger?.detail], ["ledger", "failed", "The chain is broken: record 1 was changed."]);
});

test("T34: behind a trusted proxy a caller is where the proxy says; what others say in X-Forwarded-For is nothing", async (t) => {
  const behind = await startServer(t, createSurface(), { REMIT_TRUSTED_PROXIES: "127.0.0.1" });
  const networkSeenBy = async ({ mcpUrl, operator }: typeof server) => {
    await fetch(mcpUrl, { method: "POST", headers: { "x-forwarded-for": "203.0.113.7, 198.51.100.7", "user-agent": "agent" } });
    return (await operator.listConnections(1))[0]?.network;
  };
  assert.equal(await networkSeenBy(behind), "198.51.100.0/24");
  assert.equal(await networkSeenBy(server), "127.0.0.0/24");
});

test("a server that is told to stop says so at /readyz first, takes calls until the load balancer has seen it, then ends", async (t) => {
  const leaving = await startServer(t, createSurface(), { REMIT_LEAVE_SECONDS: "0.3" });
  const token = await leaving.token("note:read");
  const closed = leaving.close();
  const ready = await fetch(`${leaving.url}/readyz`);
  assert.deepEqual([ready.status, await ready.text()], [503, '{"status":"leaving"}']);
  assert.equal((await callTool(leaving, token, "echo", { text: "late" })).status, 200);
  await closed;
  await assert.rejects(fetch(`${leaving.url}/healthz`));
});
