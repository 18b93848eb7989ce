import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchToken, rpc } from "../../support/remit.ts";
import { createPolicyWorld, type PolicyWorld } from "../support/policy-world.ts";

function ok<V extends object>(given: V | { readonly problems: readonly string[] }): V {
  assert.ok(!("problems" in given), JSON.stringify(given));
  return given;
}

async function adviceOf({ server }: PolicyWorld, agent: string) {
  return ok(await server.operator.adviseGrants({ agent, days: 30 }))[0] ?? assert.fail();
}

test("a simulated grant allows exactly the tools that an agent with that grant is shown and may call", async (t) => {
  const world = await createPolicyWorld(t);
  const { server } = world;
  const agent = await server.agent("all:write");
  await world.set({ action: "deny", tool: "mark" });
  await world.set({ action: "approve", effect: "write", clientId: agent.clientId });
  for (const scope of ["all:read", "all:write"]) {
    const { tools } = ok(await server.operator.simulateGrant({ scopes: scope, agent: agent.clientId }));
    const token = await fetchToken(server.url, agent, scope);
    const { body } = await rpc(server, token, { method: "tools/list" });
    const listed = ((body.result?.["tools"] ?? []) as readonly { readonly name: string }[]).map(({ name }) => name);
    const allowed = tools.filter(({ decision }) => decision !== "denied").map(({ tool }) => tool);
    assert.deepEqual(
      listed.filter((name) => name !== "shown" || allowed.includes(name)),
      allowed,
    );
  }
  const { tools } = ok(await server.operator.simulateGrant({ scopes: "all:write", agent: agent.clientId }));
  const rowOf = (name: string) => tools.find(({ tool }) => tool === name) ?? assert.fail();
  assert.deepEqual([rowOf("mark").decision, rowOf("mark").rule], ["denied", "policy_denied"]);
  assert.deepEqual([rowOf("shown").decision, rowOf("shown").approvers], ["needs_approval", 1]);
  assert.deepEqual([rowOf("look").decision, rowOf("look").is_new], ["allowed", false]);
});

test("a simulation leaves out what the agent or the role may not have, and says so", async (t) => {
  const world = await createPolicyWorld(t);
  const reader = await world.server.agent("all:read");
  const cases = [
    { agent: reader.clientId, scopes: "all:write", beyond: ["all:write"], holds: ["all:read"] },
    { role: "viewer" as const, scopes: "all:write", beyond: ["all:write"], holds: ["all:read"] },
    { role: "member" as const, scopes: "all:write", beyond: [], holds: ["all:read", "all:write"] },
  ];
  for (const { beyond, holds, ...query } of cases) {
    const simulated = ok(await world.server.operator.simulateGrant(query));
    assert.deepEqual([simulated.beyond, simulated.scopes], [beyond, holds]);
    assert.equal(simulated.tools.find(({ tool }) => tool === "mark")?.decision, holds.includes("all:write") ? "allowed" : "denied");
  }
});

test("least privilege: what was used is proposed, applying it is one act on record, and acts on tokens at once", async (t) => {
  const world = await createPolicyWorld(t);
  const { server, token, clientId } = world;
  assert.equal((await world.call("look")).status, 200);
  const advice = await adviceOf(world, clientId);
  assert.deepEqual(
    [advice.granted, advice.used, advice.proposed, advice.calls, advice.state, advice.is_narrower],
    [["all:write"], ["all:read"], ["all:read"], 1, "in_use", true],
  );
  const { narrowed } = ok(await server.operator.narrowGrants({ agent: clientId, days: 30 }));
  assert.deepEqual(narrowed, [{ grant: advice.grant, before: ["all:write"], after: ["all:read"] }]);
  assert.equal((await world.call("mark")).status, 403);
  assert.equal((await world.call("look")).status, 200);
  assert.equal((await rpc(server, token, { method: "tools/list" })).status, 200);
  const record = (await server.records()).find(({ event }) => event === "grant.narrowed") ?? assert.fail();
  const { agent, grant, before, after, by, window_days } = record;
  assert.deepEqual(
    { agent, grant, before, after, by, window_days },
    { agent: clientId, grant: advice.grant, before: ["all:write"], after: ["all:read"], by: "operator", window_days: 30 },
  );
  const again = await server.operator.narrowGrants({ agent: clientId, days: 30 });
  assert.ok("problems" in again && /no grant of it holds more than was used/.test(again.problems.join()));
});

test("what was refused counts as no use, and a grant that nobody used is not narrowed to nothing", async (t) => {
  const world = await createPolicyWorld(t);
  const { server, clientId } = world;
  await world.set({ action: "deny", tool: "mark" });
  await world.call("mark");
  const advice = await adviceOf(world, clientId);
  assert.deepEqual([advice.used, advice.calls, advice.state, advice.last_used_at], [[], 0, "young", null]);
  const applied = await server.operator.narrowGrants({ agent: clientId, days: 30 });
  assert.ok("problems" in applied && /it used none of its grants/.test(applied.problems.join()));
  assert.equal((await world.call("look")).status, 200);
});
