import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import * as z from "zod";
import { press } from "./approvals/world.ts";
import { signInByLink } from "./support/person.ts";
import { callTool, fetchToken, rpc } from "./support/remit.ts";

/** Starts a program that prints one line of JSON once it serves; it is stopped when the test ends. */
async function start(t: TestContext, args: readonly string[]) {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-example-"));
  const env = { ...process.env, PORT: "0", REMIT_DATA: dataDir, REMIT_LOG_LEVEL: "warn" };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  t.after(async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(dataDir, { recursive: true });
  });
  for await (const line of createInterface({ input: child.stdout })) return { env, child, ended, line: JSON.parse(line) as unknown };
  throw new Error(`${args.join(" ")} ended with ${await ended} before it served`);
}

const firstLine = z.object({ mcp: z.url(), issuer: z.url(), agent: z.object({ clientId: z.string(), clientSecret: z.string() }) });

test("the server of the README runs, answers its agent, and stops when asked", async (t) => {
  const { line, child, ended } = await start(t, ["examples/first-server/server.ts"]);
  const { mcp, issuer, agent } = firstLine.parse(line);
  const server = { mcpUrl: mcp };
  const token = await fetchToken(issuer, agent);
  const listed = await rpc(server, token, { method: "tools/list" });
  const tools = z.array(z.looseObject({ name: z.string() })).parse(listed.body.result?.["tools"]);
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["count_words"],
  );
  const { status, body } = await callTool(server, token, "count_words", { text: "Hello, world" });
  assert.equal(status, 200);
  assert.deepEqual(body.result?.["structuredContent"], { words: 2 });
  assert.equal((await rpc(server, undefined, { method: "tools/list" })).status, 401);
  child.kill("SIGTERM");
  assert.equal(await ended, 0);
});

const listening = z.object({
  mcp: z.url(),
  issuer: z.url(),
  sign_in: z.url(),
  agent: z.object({ client_id: z.string(), client_secret: z.string() }),
});

test("the demo drives a running server from the first 401 over an approval and an undo to the ledger", async (t) => {
  const { line, env } = await start(t, ["bin/remit.js", "start", "--json"]);
  const { issuer, agent, sign_in } = listening.parse(line);
  const owner = await signInByLink(issuer, sign_in);
  const demo = spawn(process.execPath, ["examples/demo/agent.ts"], {
    env: { ...env, REMIT_CLIENT_ID: agent.client_id, REMIT_CLIENT_SECRET: agent.client_secret, REMIT_URL: issuer, DEMO_WAIT_SECONDS: "60" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => demo.once("exit", resolve));
  let stdout = "";
  for await (const said of createInterface({ input: demo.stdout })) {
    stdout += `${said}\n`;
    const [, link] = /Open (\S+) in a browser/.exec(said) ?? [];
    if (link !== undefined) assert.match((await press(owner, link, "Approve")).html, /was approved/);
  }
  assert.equal(await ended, 0, stdout);
  const parts = ["HTTP 401", "list_organizations", "Did you mean", "HTTP 403", "env:write", "tools/call", "is whole"];
  const approved = ["is deleted", "is back with its users", "approval.requested delete_organization", "delete_organization: held"];
  const recorded = ["approval.given delete_organization: done, by acc_", "delete_organization: ok", "undo_change: ok"];
  for (const part of [...parts, ...approved, ...recorded]) assert.ok(stdout.includes(part), `${part} in\n${stdout}`);
});
