/** Explanations never disagree with what is decided, recorded and run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { NewPolicyRule } from "../../../src/call/policy/policy-acts.ts";
import type { DecisionExplanation } from "../../../src/tool/index.ts";
import { fetchToken, rpc } from "../../support/remit.ts";
import { runs } from "../support/policy-surface.ts";
import { createPolicyWorld, type PolicyWorld } from "../support/policy-world.ts";

const TOOLS = ["look", "mark", "wipe"];

function told(given: DecisionExplanation | { readonly problems: readonly string[] }): DecisionExplanation {
  assert.ok(!("problems" in given), JSON.stringify(given));
  return given;
}

const failing = ({ checks }: DecisionExplanation) => checks.filter(({ outcome }) => outcome !== "pass").map(({ check }) => check);

async function lastDecision({ server }: PolicyWorld): Promise<string> {
  const record = (await server.records()).findLast((each) => typeof each["tool"] === "string") ?? assert.fail();
  return String(record["decision"]);
}

const rule = fc
  .record({
    action: fc.constantFrom("allow" as const, "deny" as const, "approve" as const, "read_only" as const),
    target: fc.oneof(
      fc.constant({}),
      fc.constantFrom(...TOOLS).map((tool) => ({ tool })),
      fc.constantFrom("read" as const, "write" as const, "destructive" as const).map((effect) => ({ effect })),
    ),
    isOwn: fc.boolean(),
  })
  .filter(({ action, target }) => action !== "allow" || Object.keys(target).length > 0);

test("T14: a call is explained beforehand as it is then decided, and its record afterwards as it was, under any rules", async (t) => {
  const world = await createPolicyWorld(t);
  const { server } = world;
  const reader = await server.agent("all:read");
  const agents = [
    { clientId: world.clientId, token: world.token },
    { clientId: reader.clientId, token: await fetchToken(server.url, reader) },
  ];
  let at = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(rule, { maxLength: 4 }), fc.constantFrom(...agents), async (rulings, { clientId, token }) => {
      await world.clear();
      for (const { action, target, isOwn } of rulings) {
        const about: NewPolicyRule = action === "read_only" ? { action } : { action, ...target };
        await world.set({ ...about, ...(isOwn ? { clientId } : {}) });
      }
      for (const tool of TOOLS) {
        const before = runs.length;
        const foreseen = told(await server.operator.explainCall({ tool, agent: clientId, arguments: {} }));
        assert.equal(runs.length, before, "an explanation runs nothing");
        // A call that was made before would be answered as then.
        await rpc(server, token, { method: "tools/call", params: { name: tool, arguments: { at: String(at++) } } });
        const asks = foreseen.checks.some(({ outcome }) => outcome === "ask");
        assert.equal(runs.length > before, foreseen.passes && !asks, `${tool} ran`);
        const past = told(await server.operator.explainDecision(await lastDecision(world)));
        const record = (await server.records()).find(({ decision }) => decision === past.decision) ?? assert.fail();
        assert.deepEqual([past.rule, past.allowed], [record["rule"], record["allowed"]]);
        assert.deepEqual([foreseen.rule, foreseen.allowed], [past.rule, past.allowed]);
        assert.deepEqual(past.now, { rule: past.rule, allowed: past.allowed });
        const withoutGrant = ({ check }: { readonly check: string }) => !["grant", "arguments"].includes(check);
        // A call that was held names the approval that it waits for.
        assert.deepEqual(past.checks.filter(withoutGrant), foreseen.checks.filter(withoutGrant));
      }
    }),
    { numRuns: 20 },
  );
});

test("doing what each failing check says makes the call pass", async (t) => {
  const world = await createPolicyWorld(t);
  const { server } = world;
  const reader = await server.agent("all:read");
  await world.set({ action: "read_only", clientId: reader.clientId });
  await world.set({ action: "deny", effect: "destructive" });
  await world.set({ action: "deny", effect: "destructive", clientId: reader.clientId });
  await world.set({ action: "approve", tool: "wipe", approvers: 2 });
  const query = { tool: "wipe", agent: reader.clientId, arguments: { at: 1 } };
  const explained = told(await server.operator.explainCall(query));
  assert.equal(explained.rule, "read_only");
  assert.deepEqual(failing(explained), ["read_only", "policy", "policy", "scopes", "approval", "arguments"]);
  const changes = explained.checks.map(({ change }) => change ?? "").join("\n");
  for (const [, id = ""] of changes.matchAll(/remit policy remove (\S+?)(?:\.|$)/gm)) await server.operator.removePolicy(id);
  assert.match(changes, /Grant all:write\./);
  assert.match(changes, /\/at: expected string/);
  const after = told(await server.operator.explainCall({ ...query, scopes: "all:write", arguments: { at: "1" } }));
  // What is destructive still asks a person, as no rule says otherwise.
  assert.deepEqual([after.passes, failing(after)], [true, ["approval"]]);
  await world.set({ action: "allow", tool: "wipe" });
  const free = told(await server.operator.explainCall({ ...query, scopes: "all:write", arguments: { at: "1" } }));
  assert.deepEqual([free.passes, failing(free), free.rule], [true, [], "all_scopes_held"]);
});

test("a past decision is explained by the rules of its time, beside what would be decided now", async (t) => {
  const world = await createPolicyWorld(t);
  const id = await world.set({ action: "deny", tool: "mark" });
  await world.call("mark");
  const decision = await lastDecision(world);
  // The clock must move on, so that the rule's end is after the decision.
  const at = Date.now();
  while (Date.now() === at) await new Promise((resolve) => setImmediate(resolve));
  await world.clear();
  const past = told(await world.server.operator.explainDecision(decision));
  assert.deepEqual([past.allowed, past.rule, past.reason, past.outcome], [false, "policy_denied", "policy_denied", "refused"]);
  const denial = past.checks.find(({ check }) => check === "policy");
  assert.deepEqual([denial?.outcome, denial?.has], ["fail", `the rule ${id}`]);
  assert.deepEqual(past.now, { allowed: true, rule: "all_scopes_held" });
});

test("of calls that failed on their way, the check that failed is named", async (t) => {
  const world = await createPolicyWorld(t, { REMIT_APPROVALS: "off" });
  await world.set({ action: "limit", tool: "look", perDay: 1 });
  const cases: readonly (readonly [string, object, string, RegExp])[] = [
    ["mark", { at: 7 }, "arguments", /\/at: string/],
    ["look", {}, "", /^$/],
    ["look", {}, "limit", /no more than 1 a day/],
  ];
  for (const [tool, args, check, needs] of cases) {
    await world.call(tool, args);
    const past = told(await world.server.operator.explainDecision(await lastDecision(world)));
    assert.deepEqual(failing(past), check === "" ? [] : [check]);
    assert.match(past.checks.find(({ outcome }) => outcome === "fail")?.needs ?? "", needs);
  }
});

test("the environments that a rule and an address leave are compared with the one that the arguments name", async (t) => {
  const world = await createPolicyWorld(t);
  const ended = told(await world.server.operator.explainCall({ tool: "mark", agent: world.clientId, isReadOnly: true }));
  assert.deepEqual(failing(ended), ["read_only"]);
  assert.match(ended.checks.find(({ check }) => check === "read_only")?.change ?? "", /without readonly=1/);
});

test("an agent that is disabled, a tool, scopes and decisions that do not exist are told apart", async (t) => {
  const { server, clientId } = await createPolicyWorld(t);
  const { operator } = server;
  const problems = async (given: ReturnType<typeof operator.explainCall>) => {
    const value = await given;
    return "problems" in value ? value.problems.join("\n") : "";
  };
  assert.match(await problems(operator.explainCall({ tool: "looc", agent: clientId })), /did you mean look\?/);
  assert.match(await problems(operator.explainCall({ tool: "look" })), /name an agent or scopes/);
  assert.match(await problems(operator.explainCall({ tool: "look", agent: "cl_none" })), /has no grant in this workspace/);
  assert.match(await problems(operator.explainCall({ tool: "look", scopes: "all:reed" })), /did you mean all:read\?/);
  assert.match(await problems(operator.explainDecision("dec_none")), /no decision dec_none on record/);
  assert.match(await problems(operator.explainDecision("%")), /looks like dec_/);
  assert.equal(await operator.disableAgent(clientId), true);
  const explained = told(await operator.explainCall({ tool: "look", agent: clientId }));
  assert.deepEqual([explained.passes, explained.allowed, failing(explained)], [false, true, ["grant"]]);
});
