import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { fetchToken, rpc, until } from "../support/remit.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BIN = fileURLToPath(new URL("../../bin/remit.js", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Listening {
  readonly event: string;
  readonly mcp: string;
  readonly issuer: string;
  readonly agent: { readonly client_id: string; readonly client_secret: string } | null;
}

async function makeFolder(t: TestContext): Promise<{ readonly dataDir: string; readonly env: Record<string, string> }> {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-cli-"));
  t.after(() => rm(dataDir, { recursive: true }));
  const { PATH = "", HOME = "" } = process.env;
  return { dataDir, env: { PATH, HOME, REMIT_DATA: dataDir, PORT: "0", REMIT_LOG_LEVEL: "warn" } };
}

function launch(args: readonly string[], env: Record<string, string>): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [BIN, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  return { child, ended: new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr }))) };
}

const remit = (args: readonly string[], env: Record<string, string>) => launch(args, env).ended;

async function start(t: TestContext, env: Record<string, string>) {
  const { child, ended } = launch(["start", "--json"], env);
  t.after(() => child.kill("SIGKILL"));
  const stdout = child.stdout;
  assert.ok(stdout);
  const first = await Promise.race([
    new Promise<string>((resolve) => createInterface({ input: stdout }).once("line", resolve)),
    ended.then(({ stderr }) => stderr),
  ]);
  const listening = JSON.parse(first) as Listening;
  return {
    listening,
    async stop(): Promise<Ended> {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

test("the first start prints a working agent once, keeps its secret nowhere, and a second start keeps everything", async (t) => {
  const { dataDir, env } = await makeFolder(t);
  const first = await start(t, env);
  const { agent, issuer, mcp } = first.listening;
  assert.ok(agent);
  assert.equal(mcp, `${issuer}/mcp`);
  const token = await fetchToken(issuer, { clientId: agent.client_id, clientSecret: agent.client_secret });
  assert.equal((await rpc({ mcpUrl: mcp }, token, { method: "tools/list" })).status, 200);
  assert.equal((await first.stop()).code, 0);
  for (const file of await readdir(dataDir)) {
    assert.equal((await stat(join(dataDir, file))).mode & 0o077, 0, `${file} can be read by others`);
    assert.ok(!(await readFile(join(dataDir, file))).includes(agent.client_secret), `${file} holds the secret`);
  }
  const port = new URL(issuer).port;
  const second = await start(t, { ...env, PORT: port });
  assert.equal(second.listening.agent, null);
  assert.equal((await rpc({ mcpUrl: mcp }, token, { method: "tools/list" })).status, 200);
  assert.equal((await second.stop()).code, 0);
});

test("a second server on the same folder is refused and says what to do", async (t) => {
  const { env } = await makeFolder(t);
  const running = await start(t, env);
  const { code, stderr, stdout } = await remit(["start", "--json"], env);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /Another Remit server is using the data folder .* Stop it, or set REMIT_DATA/);
  await running.stop();
});

test("SIGTERM to npm start stops the server, which answers no more", async (t) => {
  const { env } = await makeFolder(t);
  const child = spawn("npm", ["start", "--silent", "--", "--json"], {
    env: { ...env, PATH: process.env["PATH"] ?? "" },
    stdio: ["ignore", "pipe", "ignore"],
    cwd: ROOT,
  });
  t.after(() => child.kill("SIGKILL"));
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  const { issuer } = JSON.parse(line) as Listening;
  assert.equal((await fetch(`${issuer}/jwks`)).status, 200);
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("close", resolve));
  await until(() =>
    fetch(`${issuer}/jwks`).then(
      () => undefined,
      () => true,
    ),
  );
});

test("a start on a port in use is told in a sentence, and makes no agent whose secret nobody saw", async (t) => {
  const { env } = await makeFolder(t);
  const other = await makeFolder(t);
  const running = await start(t, env);
  const { port } = new URL(running.listening.issuer);
  const refused = await remit(["start", "--json"], { ...other.env, PORT: port });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, new RegExp(`port ${port} on 127\\.0\\.0\\.1 is in use; stop what uses it, or set PORT`));
  await running.stop();
  const later = await start(t, { ...other.env, PORT: port });
  assert.ok(later.listening.agent);
  await later.stop();
});

test("an agent is made through the running server, and without one just as well", async (t) => {
  const { env } = await makeFolder(t);
  const running = await start(t, env);
  const create = ["agent", "create", "Robot", "--scope", "org:read env:read", "--json"];
  for (const isRunning of [true, false]) {
    if (!isRunning) await running.stop();
    const { code, stdout } = await remit(create, env);
    assert.equal(code, 0);
    const created = JSON.parse(stdout) as { client_id: string; client_secret: string; scope: string };
    assert.equal(created.scope, "env:read org:read");
    if (isRunning) await fetchToken(running.listening.issuer, { clientId: created.client_id, clientSecret: created.client_secret });
  }
  const { stdout } = await remit(["audit", "tail", "--all", "--json"], env);
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { event?: string }).event);
  assert.equal(events.filter((event) => event === "agent.created").length, 3);
});

test("who was disabled is enabled again, and the tail names the person or the agent that each event is about", async (t) => {
  const { env } = await makeFolder(t);
  const running = await start(t, env);
  const { issuer, agent } = running.listening;
  assert.ok(agent);
  const credentials = { clientId: agent.client_id, clientSecret: agent.client_secret };
  const created = await remit(["account", "create", "ada@example.com", "--name", "Ada", "--json"], env);
  const { account_id: accountId } = JSON.parse(created.stdout) as { account_id: string };
  for (const whom of [
    ["agent", agent.client_id],
    ["account", "ada@example.com"],
  ] as const) {
    const [group, id] = whom;
    assert.equal((await remit([group, "enable", id], env)).code, 1, "it is not disabled");
    assert.equal((await remit([group, "disable", id], env)).code, 0);
    if (group === "agent") await assert.rejects(fetchToken(issuer, credentials));
    const enabled = await remit([group, "enable", id, "--json"], env);
    assert.deepEqual([enabled.code, enabled.stdout], [0, '{"enabled":true}\n']);
  }
  assert.ok(await fetchToken(issuer, credentials));
  assert.equal((await remit(["account", "link", "ada@example.com"], env)).code, 0);
  const { stdout } = await remit(["audit", "tail", "--all"], env);
  for (const [event, who] of [
    ["account.enabled", accountId],
    ["account.disabled", accountId],
    ["agent.enabled", agent.client_id],
    ["workspace.seeded", "-"],
  ])
    assert.match(stdout, new RegExp(`  ${event}  ${who}$`, "m"));
});

const misuse: readonly [title: string, args: readonly string[], code: number, expected: RegExp][] = [
  ["an unknown scope", ["agent", "create", "x", "--scope", "org:raed"], 1, /org:raed.*org:read/],
  ["no scope", ["agent", "create", "x"], 2, /--scope/],
  ["an unknown command", ["strat"], 2, /start/],
  [
    "a key file that is not there",
    ["agent", "create", "x", "--scope", "org:read", "--jwks", "/nowhere.json"],
    6,
    /no file \/nowhere\.json/,
  ],
  ["a ledger that is not there", ["audit", "verify"], 1, /no ledger/],
];

for (const [title, args, code, expected] of misuse) {
  test(`${title} is told on stderr with exit code ${code}`, async (t) => {
    const { env } = await makeFolder(t);
    if (args[0] === "agent" && code === 1) await (await start(t, env)).stop();
    const ended = await remit(args, env);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, expected);
    assert.equal(ended.stdout, "");
  });
}

test("T73: verify ends with 1 and names the first record that was changed", async (t) => {
  const { dataDir, env } = await makeFolder(t);
  await (await start(t, env)).stop();
  const whole = await remit(["audit", "verify", "--json"], env);
  assert.equal(whole.code, 0);
  assert.deepEqual(JSON.parse(whole.stdout).first_bad, null);
  const proved = JSON.parse((await remit(["audit", "prove", "1"], env)).stdout) as { seq: number; root: string };
  assert.deepEqual([proved.seq, proved.root], [1, JSON.parse(whole.stdout).root]);
  const file = new DatabaseSync(join(dataDir, "ledger.db"));
  file.exec(`update ledger_record set body = replace(body, 'agent', 'eagnt') where seq = 2`);
  file.close();
  const broken = await remit(["audit", "verify", "--json"], env);
  assert.equal(broken.code, 1);
  const { ok, first_bad } = JSON.parse(broken.stdout) as { ok: boolean; first_bad: number };
  assert.deepEqual([ok, first_bad], [false, 2]);
});

test("policy is set, listed and removed through the running server, and acts there at once", async (t) => {
  const { env } = await makeFolder(t);
  const running = await start(t, env);
  const { agent, issuer, mcp } = running.listening;
  assert.ok(agent);
  const token = await fetchToken(issuer, { clientId: agent.client_id, clientSecret: agent.client_secret });
  const listed = async () => {
    const { body } = await rpc({ mcpUrl: mcp }, token, { method: "tools/list" });
    return ((body.result?.["tools"] ?? []) as { name: string }[]).map(({ name }) => name);
  };
  const set = async (...args: readonly string[]) => remit(["policy", "set", ...args, "--json"], env);
  assert.ok((await listed()).includes("whoami"));
  const denied = await set("deny", "--tool", "whoami", "--agent", agent.client_id);
  assert.equal(denied.code, 0, denied.stderr);
  assert.ok(!(await listed()).includes("whoami"));
  assert.equal((await set("limit", "--per-second", "2.5", "--per-day", "100", "--effect", "write")).code, 0);
  const { stdout } = await remit(["policy", "list"], env);
  assert.match(stdout, /RULE +WORKSPACE +AGENT +ACTION +OF +HOW/);
  assert.match(stdout, /\(every agent\) +limit +effect write +2\.5 a second, 100 a day/);
  const { id } = JSON.parse(denied.stdout) as { id: string };
  assert.equal((await remit(["policy", "remove", id, "--json"], env)).stdout, '{"removed":true}\n');
  assert.ok((await listed()).includes("whoami"));
  assert.equal((await remit(["policy", "remove", id], env)).code, 1);
  assert.match((await set("deny", "--tool", "whoam")).stderr, /did you mean whoami\?/);
  assert.equal((await set("maybe")).code, 2);
  await running.stop();
});
