import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { BIN, INITIALIZE, legacy, modern, startStdio } from "./support/stdio-program.ts";

type Env = Record<string, string>;

async function run(
  args: readonly string[],
  env: Env,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [BIN, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, stdout, stderr };
}

async function startHttp(t: TestContext, env: Env): Promise<{ readonly clientId: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [BIN, "start", "--json"], { env, stdio: ["ignore", "pipe", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  const { agent } = JSON.parse(line) as { readonly agent: { readonly client_id: string } | null };
  return {
    clientId: agent?.client_id ?? "",
    stop: () =>
      new Promise((resolve) => {
        child.once("close", () => resolve());
        child.kill("SIGTERM");
      }),
  };
}

/** A data folder in which a server has run and does so no more, and a token for it. Each folder has a port of its own. */
async function makeSite(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-stdio-"));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const { PATH = "", HOME = "" } = process.env;
  const listener = await import("node:net").then(({ createServer }) => createServer().listen(0, "127.0.0.1"));
  await new Promise((resolve) => listener.once("listening", resolve));
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? String(address.port) : "";
  await new Promise((resolve) => listener.close(resolve));
  const env: Env = { PATH, HOME, REMIT_DATA: dataDir, PORT: port, REMIT_LOG_LEVEL: "warn" };
  const http = await startHttp(t, env);
  const issued = await run(["token", "issue", http.clientId], env);
  return { env: { ...env, REMIT_TOKEN: issued.stdout.trim() }, port, http };
}

const list = (id: number) => modern(id, "tools/list");

test("without a server this process is it, and nothing listens; other programs and commands on the folder go through it", async (t) => {
  const { env, port, http } = await makeSite(t);
  await http.stop();
  const first = startStdio(t, [], env);
  first.write(list(1));
  assert.ok((await first.next(({ id }) => id === 1)).result);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/mcp`));
  assert.match(first.stderr(), /this process is it.*remit start/);
  const second = startStdio(t, [], env);
  second.write(INITIALIZE);
  second.write(legacy(2, "tools/list"));
  assert.ok((await second.next(({ id }) => id === 2)).result);
  assert.equal((await run(["agent", "list"], env)).code, 0);
  assert.equal((await first.end()).code, 0);
  // The one that was served by it takes over.
  second.write(list(3));
  assert.ok((await second.next(({ id }) => id === 3)).result);
  assert.equal((await second.end()).code, 0);
});

test("while a server runs on the folder, its tools answer and its ledger has the calls", async (t) => {
  const { env, http } = await makeSite(t);
  const program = startStdio(t, [], env);
  program.write(list(1));
  assert.ok((await program.next(({ id }) => id === 1)).result);
  assert.equal(program.stderr(), "");
  await http.stop();
  program.write(list(2));
  assert.ok((await program.next(({ id }) => id === 2)).result);
  assert.equal((await program.end()).code, 0);
  const { stdout } = await run(["audit", "tail", "--json", "--all"], env);
  const calls = stdout.split("\n").filter((line) => line.includes('"method":"tools/list"'));
  assert.equal(calls.length, 2);
});

test("a folder in which no server ever ran is told, and so is a port that tokens cannot be for", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-stdio-"));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const nothing = await startStdio(t, [], { REMIT_DATA: dataDir, REMIT_TOKEN: "x" }).end();
  assert.equal(nothing.code, 6);
  assert.match(nothing.stderr, /No server has run in/);
  const anyPort = await startStdio(t, [], { REMIT_DATA: dataDir, REMIT_TOKEN: "x", PORT: "0" }).end();
  assert.equal(anyPort.code, 2);
  assert.match(anyPort.stderr, /Set REMIT_URL, or PORT/);
});

test("every line of stdout is one message of the protocol, whatever the tools print", async (t) => {
  const { env, http } = await makeSite(t);
  await http.stop();
  const program = startStdio(t, [], { ...env, REMIT_LOG_LEVEL: "debug" });
  program.write(list(1));
  const { lines } = await program.end();
  assert.deepEqual(
    lines.map(({ jsonrpc, id }) => [jsonrpc, id]),
    [["2.0", 1]],
  );
});
