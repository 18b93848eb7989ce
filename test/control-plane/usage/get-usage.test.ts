import assert from "node:assert/strict";
import type { Agent } from "../../support/tool-harness.ts";
import { onEachEngine } from "../support/on-each-engine.ts";
import { addWorkspace, rowsOf } from "../support/workspaces.ts";

const SCOPE = "wks:read env:read org:read usage:read";

const test = onEachEngine(async (harness) => {
  const own = await addWorkspace(rowsOf(harness.store), "Acme");
  const other = await addWorkspace(rowsOf(harness.store), "Other");
  const agent: Agent = { workspaceId: own.id, scope: SCOPE, clientId: "cl_own" };
  const colleague: Agent = { ...agent, clientId: "cl_colleague", subject: "acc_1" };
  const stranger: Agent = { workspaceId: other.id, scope: SCOPE, clientId: "cl_other" };
  for (let i = 0; i < 3; i++) await harness.send(agent, { tool: "whoami" });
  await harness.send(agent, { tool: "create_environment", arguments: { name: "New" } });
  await harness.send(agent, { tool: "list_organizations", arguments: { environment_id: own.environmentId, page_size: 0 } });
  await harness.send(colleague, { tool: "whoami" });
  for (let i = 0; i < 9; i++) await harness.send(stranger, { tool: "whoami" });
  const ask = async (who: Agent, args: Readonly<Record<string, unknown>>) => {
    const { value } = await harness.call(who, { tool: "get_usage", arguments: args });
    const rows = value["rows"] as readonly Readonly<Record<string, unknown>>[];
    // What asks is counted too, from the next question on.
    return rows.filter(({ tool }) => tool !== "get_usage");
  };
  return { own, agent, colleague, stranger, ask };
});

test("get_usage counts the calls of the own workspace by tool, with those that failed and were refused", async ({ agent, ask }) => {
  const rows = await ask(agent, {});
  assert.deepEqual(
    rows.map(({ tool, calls, failed, refused }) => [tool, calls, failed, refused]),
    [
      ["whoami", 4, 0, 0],
      ["create_environment", 1, 0, 1],
      ["list_organizations", 1, 1, 0],
    ],
  );
  assert.equal(rows[0]?.["last_at"], "2026-08-01T09:00:00.000Z");
  assert.equal(typeof rows[0]?.["p95_ms"], "number");
  assert.equal(rows[1]?.["p95_ms"], null, "what was refused did not run");
});

test("T47: get_usage tells nothing of another workspace, whatever is asked for", async ({ own, stranger, ask }) => {
  assert.deepEqual(
    (await ask(stranger, {})).map(({ tool, calls }) => [tool, calls]),
    [["whoami", 9]],
  );
  assert.deepEqual(await ask(stranger, { agent: "cl_own" }), []);
  assert.deepEqual(await ask(stranger, { by: "unused", agent: "cl_own" }), []);
  const environments = (await ask(stranger, { by: "environment" })).map(({ environment }) => environment);
  assert.ok(!environments.includes(own.environmentId));
});

test("me is the agent that asks", async ({ agent, colleague, ask }) => {
  const [row] = await ask(colleague, { agent: "me" });
  assert.deepEqual([row?.["tool"], row?.["calls"]], ["whoami", 1]);
  assert.deepEqual(
    (await ask(agent, { agent: "me", by: "reason" })).map(({ reason, calls }) => [reason, calls]),
    [["insufficient_scope", 1]],
  );
});

test("who is limited to environments sees the calls in these only", async ({ own, agent, ask }) => {
  const rows = await ask({ ...agent, environments: [own.environmentId] }, {});
  assert.deepEqual(
    rows.map(({ tool }) => tool),
    ["list_organizations"],
  );
});

test("what goes unused is named: tools that nobody called with success, and scopes that none of those needed", async ({ agent, ask }) => {
  const rows = await ask(agent, { by: "unused" });
  const names = rows.map(({ tool, scope }) => tool ?? scope);
  assert.ok(names.includes("create_environment") && names.includes("env:write"), "a refused call is no use");
  assert.ok(!names.includes("whoami") && !names.includes("wks:read"));
});

test("a question that cannot be answered says why", async ({ agent, harness }) => {
  const { isError, text } = await harness.call(agent, { tool: "get_usage", arguments: { by: "client", tool: "whoami" } });
  assert.deepEqual([isError, /not counted by client/.test(text)], [true, true]);
});
