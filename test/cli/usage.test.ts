import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { csv } from "../../src/cli/usage/csv.ts";
import { controlPlane } from "../../src/control-plane/index.ts";
import { callTool, startServer } from "../support/remit.ts";

const BIN = fileURLToPath(new URL("../../bin/remit.js", import.meta.url));

test("remit usage shows what was called as a table, as CSV and as JSON, and what goes unused", async (t) => {
  const server = await startServer(t, controlPlane);
  const token = await server.token("env:read wks:read");
  for (let i = 0; i < 3; i++) await callTool(server, token, "whoami");
  await callTool(server, token, "list_environments", { page_size: 0 });
  const { PATH = "", HOME = "" } = process.env;
  // The server of this test has no channel: the command opens the store itself.
  await server.close();
  const env = { PATH, HOME, REMIT_DATA: server.dataDir, REMIT_LOG_LEVEL: "silent" };
  const remit = (...args: string[]) =>
    new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
      execFile(process.execPath, [BIN, "usage", ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  const shown = await remit();
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /^TOOL +CALLS +FAILED.*\nwhoami +3 +0 +0 .*\nlist_environments +1 +1 +0 .*\nall +4 +1 +0 /);
  const [heads, first] = (await remit("--csv", "--sort", "failed", "--since", "2h")).stdout.split("\r\n");
  assert.equal(heads, "tool,calls,failed,refused,p50_ms,p95_ms,p99_ms,p95_bytes,last_at");
  assert.match(first ?? "", /^list_environments,1,1,0,/);
  const found = JSON.parse((await remit("--json", "--by", "outcome", "--tool", "whoami", "--every", "hour")).stdout);
  assert.deepEqual([found.groups[0].key, found.groups[0].calls, found.groups[0].series.calls.at(-1)], ["ok", 3, 3]);
  assert.match(found.groups[0].search, /^tool:whoami outcome:ok workspace:wks_test since:/);
  const unused = (await remit("unused")).stdout;
  assert.ok(/^tool +create_organization$/m.test(unused) && /^scope +org:write$/m.test(unused) && !/^tool +whoami$/m.test(unused));
  assert.equal((await remit("--by", "colour")).code, 2);
});

test("CSV quotes what needs quotes, and gives no formula to a spreadsheet", () => {
  const rows = [
    ["a,b", 'say "x"', "two\nlines", "plain"],
    ["=1+1", "+x", "@x", "-x", "-5", "5"],
  ];
  assert.equal(csv(rows), `"a,b","say ""x""","two\nlines",plain\r\n'=1+1,'+x,'@x,'-x,-5,5\r\n`);
});
