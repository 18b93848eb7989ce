import assert from "node:assert/strict";
import { test } from "node:test";
import { controlPlane } from "../../../src/control-plane/index.ts";
import { callTool, startServer } from "../../support/remit.ts";

interface Listed {
  readonly failures: readonly {
    readonly cause: string;
    readonly tool: string;
    readonly at: string;
    readonly calls: number;
    readonly fix: string;
  }[];
}

test("list_failures shows what agents of the workspace get wrong, to who may see the record of the whole workspace", async (t) => {
  const server = await startServer(t, controlPlane);
  const reader = await server.token("audit:read wks:read");
  const list = async (args: object) => (await callTool(server, reader, "list_failures", args)).body.result?.["structuredContent"] as Listed;
  const agent = await server.token("wks:read env:read");
  for (let i = 0; i < 2; i++) await callTool(server, agent, "list_environments", { pagesize: 5 });
  await callTool(server, agent, "who_am_i");
  await callTool(server, agent, "create_environment", { name: "x" });
  const { failures } = await list({});
  assert.deepEqual(
    failures.map(({ cause, tool, at, calls }) => [cause, tool, at, calls]).toSorted((a, b) => String(a).localeCompare(String(b))),
    [
      ["missing_scope", "create_environment", "env:write", 1],
      ["unknown_parameter", "list_environments", "pagesize", 2],
      ["unknown_tool", "who_am_i", "", 1],
    ],
  );
  assert.match(failures.find(({ tool }) => tool === "who_am_i")?.fix ?? "", /whoami/);
  assert.deepEqual(
    (await list({ tool: "who_am_i" })).failures.map(({ cause }) => cause),
    ["unknown_tool"],
  );
  assert.equal((await callTool(server, agent, "list_failures")).status, 403);
  const narrowed = { mcpUrl: `${server.mcpUrl}?environment=env_none` };
  const limited = await callTool(narrowed, reader, "list_failures");
  assert.ok(
    limited.status !== 200 || limited.body.result?.["isError"] === true || limited.body.error !== undefined,
    JSON.stringify(limited.body),
  );
});
