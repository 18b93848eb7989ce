/** Calls that go on after they were answered: from the declaration to the result. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isRefusal, WIRE } from "../../src/errors.ts";
import { SQLITE } from "../store/support/engines.ts";
import { createTaskHarness, type TaskAgent, type TaskHarness, type TaskProcess } from "./tasks/task-harness.ts";
import { createTaskSurface, type Gate } from "./tasks/task-surface.ts";
import { until } from "../support/remit.ts";

const ME: TaskAgent = {};
const PLAIN: TaskAgent = { declares: false };

interface World extends TaskProcess {
  readonly gate: Gate;
  readonly clock: TaskHarness["clock"];
}

async function world(t: TestContext): Promise<World> {
  const { gate, surface } = createTaskSurface();
  const harness = await createTaskHarness(t, SQLITE, surface);
  return { ...(await harness.open()), gate, clock: harness.clock };
}

const call = (process: TaskProcess, agent: TaskAgent, name: string, args: object = { text: "hello" }) =>
  process.request(agent, "tools/call", { name, arguments: args });

test("a call of a client that takes tasks is answered with a stored task, and its result is in the task later", async (t) => {
  const it = await world(t);
  const answer = await call(it, ME, "look");
  assert.ok(!isRefusal(answer));
  assert.equal(answer.type, "task");
  const created = JSON.parse(answer.json) as Record<string, unknown>;
  const at = new Date(it.clock.now).toISOString();
  const { taskId, ...rest } = created;
  assert.match(String(taskId), /^tsk_[0-9a-z]{26}$/);
  assert.deepEqual(rest, { status: "working", createdAt: at, lastUpdatedAt: at, ttlMs: 2 * 3_600_000, pollIntervalMs: 1000 });
  assert.deepEqual(await it.get(ME, String(taskId)), created);
  it.clock.now += 5000;
  it.gate.open();
  const done = await it.reach(ME, String(taskId), "completed");
  const { lastUpdatedAt } = done;
  assert.equal(lastUpdatedAt, new Date(it.clock.now).toISOString());
  const result = { content: [{ type: "text", text: "done hello" }], resultType: "complete" };
  assert.deepEqual(done, { ...created, status: "completed", lastUpdatedAt, result });
});

test("a client that did not declare tasks for this very request gets a plain answer, or -32021 from a tool that is only a task", async (t) => {
  const it = await world(t);
  it.gate.open();
  await it.start(ME, "look", { text: "first" });
  const plain = await call(it, PLAIN, "look");
  assert.ok(!isRefusal(plain) && plain.type === "complete" && plain.json.includes("done hello"));
  const refused = await call(it, PLAIN, "must");
  assert.ok(isRefusal(refused));
  assert.equal(WIRE[refused.refused].rpc, -32021);
  assert.deepEqual(refused.data, { requiredCapabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } });
  assert.equal(it.gate.entered.get("must"), undefined);
});

test("a client of an older revision gets a plain answer, whatever it declares", async (t) => {
  const it = await world(t);
  it.gate.open();
  const answer = await call(it, { protocol: "2025-11-25" }, "look");
  assert.ok(!isRefusal(answer) && answer.type === "complete");
  const refused = await call(it, { protocol: "2025-11-25" }, "must");
  assert.ok(isRefusal(refused) && refused.refused === "missing_capability");
});

test("a tool that does not declare it never becomes a task", async (t) => {
  const { surface } = createTaskSurface();
  const [look] = surface.tools;
  assert.ok(look !== undefined);
  const { task: _task, ...never } = look;
  const harness = await createTaskHarness(t, SQLITE, { ...surface, tools: [{ ...never, run: () => "at once" }] });
  const answer = await call(await harness.open(), ME, "look");
  assert.ok(!isRefusal(answer) && answer.type === "complete");
});

test("a call that ends, or asks, within taskAfterMs is answered without a task, and leaves none", async (t) => {
  const it = await world(t);
  const quick = await call(it, ME, "quick");
  assert.ok(!isRefusal(quick) && quick.type === "complete" && quick.json.includes("quick hello"));
  assert.deepEqual(await it.store.db.selectFrom("mcp_task").selectAll().execute(), []);
  const id = await it.start(ME, "patient", { text: "later" });
  it.gate.open();
  await it.reach(ME, id, "completed");
});

test("what a call without a task is refused for is refused before there is a task", async (t) => {
  const it = await world(t);
  const invalid = await call(it, ME, "look", { txt: 1 });
  assert.ok(!isRefusal(invalid) && invalid.type === "complete" && invalid.json.includes('"isError":true'));
  const refused = await call(it, { scope: "work:read" }, "change");
  assert.ok(isRefusal(refused) && refused.refused === "insufficient_scope");
  assert.deepEqual(await it.store.db.selectFrom("mcp_task").selectAll().execute(), []);
  assert.equal(it.gate.entered.size, 0);
});

test("an error of the tool completes the task, a fault fails it without a word of what went wrong", async (t) => {
  const it = await world(t);
  const failed = await it.reach(ME, await it.start(ME, "fail", { text: "x" }), "completed");
  assert.deepEqual(failed["result"], {
    content: [{ type: "text", text: "Nothing to do. Write first." }],
    isError: true,
    resultType: "complete",
  });
  const crashed = await it.reach(ME, await it.start(ME, "crash", { text: "x" }), "failed");
  const error = crashed["error"] as { readonly code: number; readonly message: string };
  assert.equal(error.code, -32603);
  assert.equal(crashed["statusMessage"], error.message);
  assert.doesNotMatch(JSON.stringify(crashed), /secret detail/);
  assert.equal("result" in crashed, false);
});

test("a task has its own, longer deadline, and passing it is a result", async (t) => {
  const it = await world(t);
  const ended = await it.reach(ME, await it.start(ME, "brief", { text: "x" }), "completed");
  assert.match(JSON.stringify(ended["result"]), /did not finish within 0.3 s/);
  await until(() => (it.gate.aborted.includes("brief") ? true : undefined));
});

test("progress of a run is the status message of its task", async (t) => {
  const it = await world(t);
  const id = await it.start(ME, "look", { text: "rows" });
  const news = it.follow(id);
  const task = await until(async () => {
    const now = await it.get(ME, id);
    return now["statusMessage"] === undefined ? undefined : now;
  });
  assert.equal(task["statusMessage"], "working on rows");
  assert.deepEqual(news.at(-1)?.detail, task);
});

test("the intent is on record before the answer, the end when it comes, and every request about the task in between", async (t) => {
  const it = await world(t);
  const id = await it.start(ME, "look", { text: "hello" });
  const before = await it.records();
  assert.deepEqual(
    before.map(({ kind, method, task, tool }) => [kind, method, task, tool]),
    [["intent", "tools/call", id, "look"]],
  );
  await it.get(ME, id);
  await it.request(ME, "tasks/get", { taskId: "tsk_nobody" });
  await it.request(PLAIN, "tasks/cancel", { taskId: id });
  it.gate.open();
  await until(async () => ((await it.records()).some(({ kind }) => kind === "outcome") ? true : undefined));
  const after = await it.records();
  const shown = after.map(({ kind, method, task, outcome, reason, allowed }) => [kind, method, task, outcome, reason, allowed]);
  assert.deepEqual(shown, [
    ["intent", "tools/call", id, undefined, undefined, true],
    ["call", "tasks/get", id, "ok", undefined, true],
    ["call", "tasks/get", "tsk_nobody", "refused", "not_known", false],
    ["call", "tasks/cancel", id, "refused", "missing_capability", false],
    ["outcome", "tools/call", id, "ok", undefined, true],
  ]);
  assert.equal(after[0]?.["decision"], after.at(-1)?.["decision"]);
});

test("nothing runs as a task that cannot be put on record", async (t) => {
  const { gate, surface } = createTaskSurface();
  const harness = await createTaskHarness(t, SQLITE, surface);
  const broken = () => Promise.reject(new Error("the disk is full"));
  const it = await harness.open({ around: (ledger) => ({ ...ledger, append: broken }) });
  for (const name of ["look", "change"]) {
    const answer = await call(it, ME, name);
    assert.ok(isRefusal(answer) && answer.refused === "unavailable", JSON.stringify(answer));
  }
  assert.equal(gate.entered.size, 0);
  assert.deepEqual(await it.store.db.selectFrom("mcp_task").selectAll().execute(), []);
});

test("arguments and results are not readable in the store", async (t) => {
  const it = await world(t);
  it.gate.open();
  await it.reach(ME, await it.start(ME, "look", { text: "a-very-private-word" }), "completed");
  const rows = await it.store.db.selectFrom("mcp_task").selectAll().execute();
  assert.equal(rows.length, 1);
  const bytes = rows.map(({ sealed_input, sealed_state }) => `${sealed_input} ${sealed_state}`).join();
  for (const form of [bytes, Buffer.from(bytes, "base64url").toString("latin1")]) assert.doesNotMatch(form, /a-very-private-word/);
});

test("an agent has at most 32 unfinished tasks, however many it starts at once; another agent's do not count", async (t) => {
  const it = await world(t);
  const answers = await Promise.all(Array.from({ length: 40 }, () => call(it, ME, "look")));
  const refused = answers.filter((answer) => isRefusal(answer));
  assert.equal(answers.length - refused.length, 32);
  assert.deepEqual([...new Set(refused.map((answer) => (isRefusal(answer) ? answer.refused : "")))], ["rate_limited"]);
  assert.match((refused[0] as { readonly message: string }).message, /32 unfinished tasks/);
  assert.equal(it.gate.entered.get("look"), 32);
  await it.start({ clientId: "agt_other" }, "look", { text: "mine" });
  it.gate.open();
  await until(async () => {
    const answer = await call(it, ME, "look");
    return isRefusal(answer) ? undefined : answer;
  });
});
