import assert from "node:assert/strict";
import type { Agent } from "../../support/tool-harness.ts";
import { onEachEngine } from "../support/on-each-engine.ts";
import { addWorkspace, rowsOf } from "../support/workspaces.ts";

interface Shown {
  readonly agent: string;
  readonly what: string;
  readonly outcome: string;
  readonly decision: string;
}

interface Check {
  readonly check: string;
  readonly outcome: string;
  readonly change: string;
}

const SCOPE = "wks:read env:read org:write audit:read";

const test = onEachEngine(async (harness) => {
  const own = await addWorkspace(rowsOf(harness.store), "Acme");
  const other = await addWorkspace(rowsOf(harness.store), "Other");
  const agent: Agent = { workspaceId: own.id, scope: SCOPE, clientId: "cl_own" };
  const stranger: Agent = { workspaceId: other.id, scope: SCOPE, clientId: "cl_other" };
  for (const who of [agent, stranger]) {
    await harness.send(who, { tool: "whoami" });
    await harness.send(who, { tool: "create_environment", arguments: { name: "New" } });
    await harness.send(who, { tool: "list_environments", arguments: { page_size: 0 } });
  }
  const search = async (who: Agent, query: string, cursor?: string) => {
    const args = { query, ...(cursor === undefined ? {} : { cursor }) };
    const { value } = await harness.call(who, { tool: "search_audit", arguments: args });
    return { records: value["records"] as readonly Shown[], next: value["next_cursor"] as string | null };
  };
  const explain = (who: Agent, args: Readonly<Record<string, unknown>>) => harness.call(who, { tool: "explain_decision", arguments: args });
  return { own, agent, stranger, search, explain };
});

test("what agents did is found by its words, newest first", async ({ agent, search }) => {
  const { records } = await search(agent, "tool:create_environment");
  assert.deepEqual(
    records.map(({ agent: who, what, outcome }) => ({ who, what, outcome })),
    [{ who: "cl_own", what: "tools/call create_environment", outcome: "refused: insufficient_scope, missing env:write" }],
  );
  assert.equal((await search(agent, "outcome:invalid_arguments since:1h")).records[0]?.what, "tools/call list_environments");
});

test("T47: no search and no explanation shows anything of another workspace", async ({ agent, stranger, search, explain }) => {
  const [theirs] = (await search(stranger, "tool:create_environment")).records;
  assert.ok(theirs);
  for (const query of ["tool:create_environment agent:cl_other", `decision:${theirs.decision}`, "agent:cl_other"]) {
    assert.deepEqual((await search(agent, query)).records, [], query);
  }
  const unknown = await explain(agent, { decision: theirs.decision });
  const none = await explain(agent, { decision: "dec_none" });
  assert.equal(unknown.isError, true);
  assert.equal(unknown.text.replace(theirs.decision, "ID"), none.text.replace("dec_none", "ID"));
});

test("T48: a cursor of a search opens no other search, and none of another workspace", async ({ agent, stranger, search, harness }) => {
  for (let i = 0; i < 25; i++) await harness.send(agent, { tool: "whoami" });
  const first = await search(agent, "tool:whoami");
  assert.equal(first.records.length, 20);
  const cursor = first.next ?? assert.fail();
  const second = await search(agent, "tool:whoami", cursor);
  assert.ok(second.records.length >= 6);
  const seen = new Set([...first.records, ...second.records].map(({ decision }) => decision));
  assert.equal(seen.size, first.records.length + second.records.length);
  for (const [who, query] of [
    [agent, "tool:list_environments"],
    [stranger, "tool:whoami"],
  ] as const) {
    const { isError, text } = await harness.call(who, { tool: "search_audit", arguments: { query, cursor } });
    assert.deepEqual([isError, /not made for this query/.test(text)], [true, true]);
  }
});

test("who is kept in some environments sees no record, as they are of the whole workspace", async ({ own, agent, harness }) => {
  const limited = { ...agent, environments: [own.environmentId] };
  for (const [tool, args] of [
    ["search_audit", { query: "" }],
    ["explain_decision", { tool: "whoami" }],
  ] as const) {
    const { isError, text } = await harness.call(limited, { tool, arguments: args });
    assert.deepEqual([isError, /limited to certain environments/.test(text)], [true, true]);
  }
});

test("a decision and a call that is not made are explained with what would help", async ({ own, agent, search, explain }) => {
  const [refused] = (await search(agent, "tool:create_environment")).records;
  const failing = (value: Readonly<Record<string, unknown>>) =>
    (value["checks"] as readonly Check[]).filter(({ outcome }) => outcome === "fail");
  const past = await explain(agent, { decision: refused?.decision });
  assert.deepEqual([past.value["allowed"], past.value["rule"]], [false, "scope_missing"]);
  assert.match(failing(past.value)[0]?.change ?? "", /Grant env:write/);
  const call = { tool: "list_organizations", arguments: { environment_id: own.environmentId } };
  assert.deepEqual(failing((await explain(agent, call)).value), []);
  const elsewhere = await explain(agent, { ...call, arguments: { environment_id: "env_none" } });
  assert.deepEqual(
    failing(elsewhere.value).map(({ check }) => check),
    ["environment"],
  );
  const asOthers = await explain(agent, { tool: "create_environment", scopes: ["env:write"] });
  assert.equal(asOthers.value["allowed"], true);
});

test("a search or a question that makes no sense is told how to be asked", async ({ agent, harness, explain }) => {
  const { isError, text } = await harness.call(agent, { tool: "search_audit", arguments: { query: "tools:x" } });
  assert.deepEqual([isError, /did you mean tool\?/.test(text)], [true, true]);
  assert.match((await explain(agent, {})).text, /either the id of a decision or the name of a tool/);
  assert.match((await explain(agent, { decision: "dec_1", tool: "whoami" })).text, /either/);
});
