/** What becomes of tasks when their server is killed in the middle, and of those that were done. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { openAudit, parseConfig } from "../../src/index.ts";
import { fetchToken, rpc, until } from "../support/remit.ts";

const SERVER = fileURLToPath(new URL("./tasks/task-server.ts", import.meta.url));
const TASKS = { extensions: { "io.modelcontextprotocol/tasks": {} }, elicitation: {} };

type Task = Readonly<Record<string, unknown>>;

interface Running {
  readonly agent: { readonly clientId: string; readonly clientSecret: string };
  readonly child: ChildProcess;
}

/** Starts it as a process of its own; the test ends it at the latest. */
async function start(t: TestContext, args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [SERVER, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  assert.ok(child.stdout !== null);
  const gone = once(child, "exit").then(([code]) => Promise.reject(new Error(`the server ended with ${code}`)));
  gone.catch(() => undefined);
  const [line] = (await Promise.race([once(createInterface(child.stdout), "line"), gone])) as [string];
  return { agent: JSON.parse(line) as Running["agent"], child };
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

interface Client {
  start(tool: string): Promise<string>;
  ask(method: string, params: Readonly<Record<string, unknown>>): Promise<Task>;
  reach(taskId: string, status: string): Promise<Task>;
}

async function connect(origin: string, agent: Running["agent"]): Promise<Client> {
  const token = await fetchToken(origin, agent);
  async function ask(method: string, params: Readonly<Record<string, unknown>>): Promise<Task> {
    const meta = { "io.modelcontextprotocol/clientCapabilities": TASKS };
    const { taskId } = params;
    const headers = typeof taskId === "string" ? { "mcp-name": taskId } : {};
    const { body } = await rpc({ mcpUrl: `${origin}/mcp` }, token, { method, params, meta, headers });
    assert.ok(body.result !== undefined, JSON.stringify(body));
    return body.result;
  }
  return {
    ask,
    start: async (name) => String((await ask("tools/call", { name, arguments: { text: name } }))["taskId"]),
    reach: (taskId, status) =>
      until(async () => {
        const task = await ask("tasks/get", { taskId });
        return task["status"] === status ? task : undefined;
      }),
  };
}

test("after kill -9 the results are still there, what can be repeated is run again, and what cannot has failed and says so", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-tasks-"));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const port = String(await freePort());
  const origin = `http://127.0.0.1:${port}`;
  const first = await start(t, [dataDir, port]);
  const before = await connect(origin, first.agent);
  const done = await before.start("fail");
  const result = await before.reach(done, "completed");
  const [look, change, set, ask, cancelled] = [
    await before.start("look"),
    await before.start("change"),
    await before.start("set"),
    await before.start("ask"),
    await before.start("look"),
  ];
  const { inputRequests } = await before.reach(ask, "input_required");
  await before.ask("tasks/cancel", { taskId: cancelled });
  first.child.kill("SIGKILL");
  await once(first.child, "exit");

  const second = await start(t, [dataDir, port, "open"]);
  const after = await connect(origin, first.agent);
  assert.deepEqual(await after.ask("tasks/get", { taskId: done }), result);
  assert.equal((await after.ask("tasks/get", { taskId: cancelled }))["status"], "cancelled");
  for (const [taskId, name] of [
    [look, "look"],
    [set, "set"],
  ] as const) {
    const again = await after.reach(taskId, "completed");
    assert.match(JSON.stringify(again["result"]), new RegExp(`done ${name}`));
  }
  const failed = await after.ask("tasks/get", { taskId: change });
  const { code, message } = failed["error"] as { readonly code: number; readonly message: string };
  assert.deepEqual([failed["status"], code, failed["statusMessage"]], ["failed", -32603, message]);
  assert.match(message, /server stopped while the task ran.*in full, in part, or not at all.*Check before/);
  assert.deepEqual((await after.ask("tasks/get", { taskId: ask }))["inputRequests"], inputRequests);
  const answers = Object.fromEntries(Object.keys(inputRequests as object).map((key) => [key, { action: "accept", content: {} }]));
  await after.ask("tasks/update", { taskId: ask, inputResponses: answers });
  const next = await after.reach(ask, "input_required");
  assert.notDeepEqual(next["inputRequests"], inputRequests);
  second.child.kill("SIGKILL");
  await once(second.child, "exit");

  const audit = await openAudit(parseConfig({ REMIT_DATA: dataDir }));
  const records = (await audit.read(0, 10_000)) as unknown as readonly Task[];
  await audit.close();
  const runs = (id: string) =>
    records.filter(({ kind, method, task }) => kind === "intent" && method === "tools/call" && task === id).length;
  assert.deepEqual([look, change, set, ask, done].map(runs), [2, 1, 2, 2, 1]);
  // Whether the end of the cancelled run was on record before the kill is a matter of luck.
  const unknown = records.filter(({ outcome, task }) => outcome === "unknown" && task !== cancelled).map(({ task }) => task);
  assert.deepEqual(new Set(unknown), new Set([look, change, set]), "what was cut off is on record as unknown");
});
