import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { controlPlane } from "../../src/control-plane/index.ts";
import { callTool, startServer } from "../support/remit.ts";

const BIN = fileURLToPath(new URL("../../bin/remit.js", import.meta.url));

test("remit failures lists what goes wrong, writes a case of it, and replays the case with an exit code", async (t) => {
  const server = await startServer(t, controlPlane);
  const token = await server.token("env:read");
  await callTool(server, token, "list_environments", { pagesize: 5 });
  await callTool(server, token, "list_enviroments");
  // The command opens the store itself when no server has its data folder.
  await server.close();
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH, HOME, REMIT_DATA: server.dataDir, REMIT_LOG_LEVEL: "silent" };
  const remit = (...args: string[]) =>
    new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
      execFile(process.execPath, [BIN, "failures", ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  const shown = await remit();
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /^CLUSTER +CALLS +CAUSE/);
  assert.match(shown.stdout, /Fix \(alias\): Offer list_environments under the name list_enviroments too/);
  const listed = JSON.parse((await remit("--json", "--cause", "unknown_parameter", "--since", "1d")).stdout);
  assert.deepEqual([listed.length, listed[0].target, listed[0].detail], [1, "list_environments", "pagesize"]);
  const written = (await remit("case", listed[0].id)).stdout;
  const [broken, fixed] = [join(server.dataDir, "broken.json"), join(server.dataDir, "fixed.json")];
  await writeFile(broken, written);
  await writeFile(fixed, JSON.stringify({ ...JSON.parse(written), arguments: {} }));
  const replayed = await remit("replay", broken, fixed);
  assert.deepEqual([replayed.code, replayed.stdout.split("\n").map((line) => line.slice(0, 5))], [1, ["fails", "fixed", ""]]);
  assert.equal((await remit("replay", fixed)).code, 0);
  assert.equal((await remit("case", "fail_none")).code, 1);
  assert.equal((await remit("--since", "yesterday")).code, 2);
});
