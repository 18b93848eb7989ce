/** Whose access is revoked, its tasks end with it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { SQLITE } from "../store/support/engines.ts";
import { fetchToken, rpc, startServer, until } from "../support/remit.ts";
import { createTaskHarness, type TaskAgent } from "./tasks/task-harness.ts";
import { createTaskSurface } from "./tasks/task-surface.ts";

const ME: TaskAgent = { clientId: "agt_me", subject: "acc_me", grantId: "gra_me" };
const BYSTANDER: TaskAgent = { clientId: "agt_other", subject: "acc_other", grantId: "gra_other" };
const META = { "io.modelcontextprotocol/clientCapabilities": { extensions: { "io.modelcontextprotocol/tasks": {} } } };

const revocations = [
  ["grant", "gra_me"],
  ["client", "agt_me"],
  ["subject", "acc_me"],
] as const;
for (const [kind, value] of revocations) {
  test(`T12: a revoked ${kind} ends the tasks it started within a second, and no other`, async (t) => {
    const { gate, surface } = createTaskSurface();
    const { clock, open } = await createTaskHarness(t, SQLITE, surface);
    const it = await open();
    const id = await it.start(ME, "change", { text: "x" });
    const other = await it.start(BYSTANDER, "look", { text: "x" });
    const startedAt = performance.now();
    await it.store.revocations.add({ id: "rev_1", kind, value, at: clock.now });
    await until(() => (gate.aborted.length > 0 ? true : undefined));
    const lastedMs = performance.now() - startedAt;
    assert.ok(lastedMs < 1000, `${lastedMs} ms`);
    const task = await it.reach(ME, id, "cancelled");
    assert.equal(task["statusMessage"], "The access that started it was revoked.");
    assert.deepEqual(gate.aborted, ["change"]);
    gate.open();
    await it.reach(BYSTANDER, other, "completed");
  });
}

test("T12: the expiry of the token that started a task does not end it, and a later revocation still does", async (t) => {
  const { gate, surface } = createTaskSurface();
  const { clock, open } = await createTaskHarness(t, SQLITE, surface);
  const it = await open();
  const id = await it.start(ME, "look", { text: "x" });
  clock.now += 3_600_000;
  // Longer than it takes to see a revocation.
  await sleep(1000);
  assert.deepEqual(gate.aborted, []);
  assert.equal((await it.get(ME, id)).status, "working");
  await it.store.revocations.add({ id: "rev_1", kind: "grant", value: "gra_me", at: clock.now });
  await it.reach(ME, id, "cancelled");
});

test("T12: disabling an agent ends its running tasks within a second", async (t) => {
  const { gate, surface } = createTaskSurface();
  const server = await startServer(t, surface);
  const agent = await server.agent("work:write");
  const token = await fetchToken(server.url, agent);
  const { body } = await rpc(server, token, { method: "tools/call", params: { name: "change", arguments: { text: "x" } }, meta: META });
  assert.equal(body.result?.["resultType"], "task", JSON.stringify(body));
  const startedAt = performance.now();
  assert.equal(await server.operator.disableAgent(agent.clientId), true);
  await until(() => (gate.aborted.length > 0 ? true : undefined));
  assert.ok(performance.now() - startedAt < 1000);
  await until(async () =>
    (await server.records()).some((record) => JSON.stringify(record).includes('"outcome":"cancelled"')) ? true : undefined,
  );
});
