import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { controlPlane } from "../../src/control-plane/index.ts";
import { callTool, startServer } from "../support/remit.ts";

const BIN = fileURLToPath(new URL("../../bin/remit.js", import.meta.url));

test("a refused call is found by a search, explained by its decision, and thought of again with another scope", async (t) => {
  const server = await startServer(t, controlPlane);
  const token = await server.token("env:read");
  await callTool(server, token, "list_environments");
  assert.equal((await callTool(server, token, "create_environment", { display_name: "Blue" })).status, 403);
  // The commands open the store themselves when no server has its data folder.
  await server.close();
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH, HOME, REMIT_DATA: server.dataDir, REMIT_LOG_LEVEL: "silent" };
  const remit = (...args: string[]) =>
    new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
      execFile(process.execPath, [BIN, ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  const [found, wrong] = await Promise.all([
    remit("audit", "search", "tool:create_environment", "outcome:refused", "since:1h", "--json"),
    remit("audit", "search", "tol:create_environment"),
  ]);
  const lines = found.stdout.trimEnd().split("\n");
  assert.equal(lines.length, 1, found.stderr);
  const { decision, missing } = JSON.parse(lines[0] ?? "");
  assert.deepEqual(missing, ["env:write"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /did you mean tool\?/);
  const explained = await remit("explain", decision);
  const thought = await remit(
    "explain",
    "--tool",
    "create_environment",
    "--scopes",
    "env:write",
    "--args",
    '{"displayname":"Blue"}',
    "--json",
  );
  const simulated = await remit("simulate", "--scopes", "env:read", "--json");
  const advised = await remit("least-privilege", "--json");
  const noWay = await remit("explain", decision, "--tool", "create_environment");
  assert.match(explained.stdout, /create_environment.*denied \(scope_missing\)[\s\S]*FAIL +scopes +env:write/, explained.stderr);
  const { allowed, passes, checks } = JSON.parse(thought.stdout);
  assert.deepEqual([allowed, passes, thought.code], [true, false, 3]);
  assert.equal(checks.find(({ outcome }: { readonly outcome: string }) => outcome === "fail").check, "arguments");
  const rows: readonly { readonly tool: string; readonly decision: string }[] = JSON.parse(simulated.stdout).tools;
  assert.deepEqual(
    ["list_environments", "create_environment"].map((name) => rows.find(({ tool }) => tool === name)?.decision),
    ["allowed", "denied"],
  );
  assert.ok(JSON.parse(advised.stdout).some(({ used }: { readonly used: readonly string[] }) => used.join() === "env:read"));
  assert.equal(noWay.code, 2);
});
