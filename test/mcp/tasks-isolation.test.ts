/** A task belongs to one principal. To everybody else it does not exist. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal } from "../../src/errors.ts";
import { ENGINES } from "../store/support/engines.ts";
import { until } from "../support/remit.ts";
import { createTaskHarness, type TaskAgent } from "./tasks/task-harness.ts";
import { createTaskSurface } from "./tasks/task-surface.ts";

const OWNER: TaskAgent = { clientId: "agt_owner", subject: "acc_person" };

const OTHERS: Readonly<Record<string, TaskAgent>> = {
  "another agent": { clientId: "agt_other" },
  "another agent of the same person": { clientId: "agt_other", subject: "acc_person" },
  "the same agent for another person": { ...OWNER, subject: "acc_other" },
  "the same agent for itself": { clientId: "agt_owner" },
  "the same agent and person in another workspace": { ...OWNER, workspaceId: "wks_other" },
};

for (const engine of ENGINES) {
  test(`T43: to anybody but its principal a task answers as one that never was (${engine.name})`, async (t) => {
    const { surface } = createTaskSurface();
    const it = await (await createTaskHarness(t, engine, surface)).open();
    const tasks = [await it.start(OWNER, "look", { text: "x" }), await it.start(OWNER, "ask", { text: "x" })];
    const [working = "", asking = ""] = tasks;
    const saysSo = async () => ((await it.get(OWNER, working))["statusMessage"] === undefined ? undefined : true);
    await until(saysSo);
    const before = [await it.get(OWNER, working), await it.reach(OWNER, asking, "input_required")];
    const [key = ""] = Object.keys(before[1]?.inputRequests ?? {});
    for (const [who, agent] of Object.entries(OTHERS)) {
      for (const method of ["tasks/get", "tasks/update", "tasks/cancel"]) {
        const inputResponses = { [key]: { action: "accept", content: {} } };
        const unknown = await it.request(agent, method, { taskId: "tsk_00000000000000000000000000", inputResponses });
        assert.ok(isRefusal(unknown) && unknown.refused === "not_known");
        for (const taskId of tasks)
          assert.deepEqual(await it.request(agent, method, { taskId, inputResponses }), unknown, `${method} by ${who}`);
        for (const taskId of [undefined, 1, "", "x".repeat(10_000), null])
          assert.deepEqual(await it.request(agent, method, { taskId }), unknown);
      }
    }
    assert.deepEqual([await it.get(OWNER, working), await it.get(OWNER, asking)], before);
  });
}

test("a new token of the same principal still has its tasks; what it lost by scope is refused by the decision", async (t) => {
  const { gate, surface } = createTaskSurface();
  const it = await (await createTaskHarness(t, ENGINES[0] ?? assert.fail(), surface)).open();
  const id = await it.start(OWNER, "change", { text: "x" });
  assert.equal((await it.get({ ...OWNER, grantId: "gra_newer" }, id)).status, "working");
  for (const method of ["tasks/get", "tasks/update", "tasks/cancel"]) {
    const refused = await it.request({ ...OWNER, scope: "work:read" }, method, { taskId: id, inputResponses: {} });
    assert.ok(isRefusal(refused) && refused.refused === "insufficient_scope", method);
  }
  gate.open();
  await it.reach(OWNER, id, "completed");
});
