/** Tasks that need something from their client: asked in the task, answered to the task, also after a restart. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal } from "../../src/errors.ts";
import { ENGINES, SQLITE } from "../store/support/engines.ts";
import { createTaskHarness, type Detail, type TaskAgent, type TaskProcess } from "./tasks/task-harness.ts";
import { createTaskSurface } from "./tasks/task-surface.ts";

const ME: TaskAgent = {};
const DONE = { type: "complete", json: "{}" };

const keysOf = (task: Detail): string[] => Object.keys(task.inputRequests ?? {});

async function asking(it: TaskProcess): Promise<{ readonly id: string; readonly name: string; readonly color: string }> {
  const id = await it.start(ME, "ask", { text: "hello" });
  const [name = "", color = ""] = keysOf(await it.reach(ME, id, "input_required"));
  return { id, name, color };
}

/** The value that the tool told when all was answered. */
function told(task: Detail): unknown {
  const { content } = task["result"] as { readonly content: readonly [{ readonly text: string }] };
  return JSON.parse(content[0].text.slice("hello ".length));
}

for (const engine of ENGINES) {
  test(`answers come one by one or together; what is missing is asked again, and keys are never used twice (${engine.name})`, async (t) => {
    const { gate, surface } = createTaskSurface();
    const it = await (await createTaskHarness(t, engine, surface)).open();
    const { id, name, color } = await asking(it);
    assert.deepEqual(await it.update(ME, id, { [name]: "Ada", "no such key": 1, ["__proto__"]: 2 }), DONE);
    const partial = await it.get(ME, id);
    assert.deepEqual([partial.status, keysOf(partial)], ["input_required", [color]]);
    assert.equal(gate.entered.get("ask"), 1);
    // An answer that came before stays as it was.
    assert.deepEqual(await it.update(ME, id, { [name]: "Eve" }), DONE);
    assert.deepEqual(await it.update(ME, id, { [color]: "red" }), DONE);
    const second = await it.reach(ME, id, "input_required");
    const [again = ""] = keysOf(second);
    assert.ok(![name, color].includes(again), again);
    assert.deepEqual(await it.update(ME, id, { [name]: "Eve", [color]: "blue" }), DONE);
    assert.equal((await it.get(ME, id)).status, "input_required");
    assert.deepEqual(await it.update(ME, id, { [again]: "Lovelace" }), DONE);
    const done = await it.reach(ME, id, "completed");
    assert.deepEqual(told(done), { responses: { name: "Lovelace" }, state: { round: 2, first: { name: "Ada", color: "red" } } });
    assert.equal(gate.entered.get("ask"), 3);
  });

  test(`of many answers at once the tool is run by one (${engine.name})`, async (t) => {
    const { gate, surface } = createTaskSurface();
    const it = await (await createTaskHarness(t, engine, surface)).open();
    const { id, name, color } = await asking(it);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => it.update(ME, id, { [name]: `n${i}`, [color]: `c${i}` })));
    assert.deepEqual(
      answers,
      answers.map(() => DONE),
    );
    const [again = ""] = keysOf(await it.reach(ME, id, "input_required"));
    assert.equal(gate.entered.get("ask"), 2);
    await it.update(ME, id, { [again]: "x" });
    const { state } = told(await it.reach(ME, id, "completed")) as { readonly state: { readonly first: { name: string; color: string } } };
    assert.equal(state.first.name.slice(1), state.first.color.slice(1), "the answers of one update belong together");
  });
}

test("two answers to two questions at once are both kept", async (t) => {
  const { surface } = createTaskSurface();
  const it = await (await createTaskHarness(t, SQLITE, surface)).open();
  const { id, name, color } = await asking(it);
  await Promise.all([it.update(ME, id, { [name]: "Ada" }), it.update(ME, id, { [color]: "red" })]);
  const [again = ""] = keysOf(await it.reach(ME, id, "input_required"));
  assert.match(again, /#2$/);
});

test("a task that waits for its client survives a restart, with its arguments, its state and the answers so far", async (t) => {
  const { surface } = createTaskSurface();
  const harness = await createTaskHarness(t, SQLITE, surface);
  const first = await harness.open();
  const { id, name, color } = await asking(first);
  await first.update(ME, id, { [name]: "Ada" });
  await first.stop();
  const it = await harness.open();
  assert.deepEqual(keysOf(await it.get(ME, id)), [color]);
  // Another token of the same principal may bring the answer: the run is then its run.
  await it.update({ grantId: "gra_newer" }, id, { [color]: "red" });
  const [again = ""] = keysOf(await it.reach(ME, id, "input_required"));
  await it.update(ME, id, { [again]: "Lovelace" });
  assert.deepEqual(told(await it.reach(ME, id, "completed")), {
    responses: { name: "Lovelace" },
    state: { round: 2, first: { name: "Ada", color: "red" } },
  });
  const runs = (await it.records()).filter(({ kind, method }) => kind === "outcome" && method === "tools/call");
  assert.deepEqual(
    runs.map(({ outcome, grant, task }) => [outcome, grant, task]),
    [
      ["input_required", "gra_test", id],
      ["input_required", "gra_newer", id],
      ["ok", "gra_test", id],
    ],
  );
});

test("arguments that no longer fit the tool after a restart are not run", async (t) => {
  const { surface, gate } = createTaskSurface();
  const harness = await createTaskHarness(t, SQLITE, surface);
  const first = await harness.open();
  const { id, name, color } = await asking(first);
  await first.stop();
  const narrower = surface.tools.map((tool) =>
    tool.name === "ask"
      ? {
          ...tool,
          input: { type: "object", properties: { text: { type: "string", maxLength: 2 } }, required: ["text"] },
          examples: [{ title: "Short", input: { text: "x" } }] as const,
        }
      : tool,
  );
  // Declarations are read when a process starts.
  (surface.tools as unknown as unknown[]).splice(0, surface.tools.length, ...narrower);
  const it = await harness.open();
  await it.update(ME, id, { [name]: "Ada", [color]: "red" });
  const done = await it.reach(ME, id, "completed");
  assert.match(JSON.stringify(done["result"]), /do not fit/);
  assert.equal(gate.entered.get("ask"), 1);
});

test("answers to a task that asks nothing are taken and change nothing; answers that are no object are refused", async (t) => {
  const { gate, surface } = createTaskSurface();
  const it = await (await createTaskHarness(t, SQLITE, surface)).open();
  const id = await it.start(ME, "look", { text: "x" });
  assert.deepEqual(await it.update(ME, id, { "name#1": "Ada" }), DONE);
  for (const inputResponses of [undefined, null, "x", ["x"]]) {
    const refused = await it.request(ME, "tasks/update", { taskId: id, inputResponses });
    assert.ok(isRefusal(refused) && refused.refused === "invalid_params");
  }
  gate.open();
  await it.reach(ME, id, "completed");
  assert.deepEqual(await it.update(ME, id, { "name#1": "Ada" }), DONE);
});

test("a tool that asks nobody anything and only wants to be called again is called again with its state", async (t) => {
  const { gate, surface } = createTaskSurface();
  const it = await (await createTaskHarness(t, SQLITE, surface)).open();
  const done = await it.reach(ME, await it.start(ME, "again", { text: "hello" }), "completed");
  assert.match(JSON.stringify(done["result"]), /hello after 1/);
  assert.equal(gate.entered.get("again"), 2);
});

test("a client that cannot be asked makes the task fail with the capability that is needed", async (t) => {
  const { surface } = createTaskSurface();
  const [ask] = surface.tools.filter(({ name }) => name === "ask");
  assert.ok(ask !== undefined);
  const harness = await createTaskHarness(t, SQLITE, { ...surface, tools: [{ ...ask, run: ask.run }] });
  const it = await harness.open();
  const id = await it.start({ ...ME, capabilities: {} }, "ask", { text: "x" });
  const failed = await it.reach(ME, id, "failed");
  const { code, data } = failed["error"] as { readonly code: number; readonly data: unknown };
  assert.deepEqual([code, data], [-32021, { requiredCapabilities: { elicitation: {} } }]);
});
