import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { openStore, type PolicyRuleRow, type PolicyStore } from "../../src/store/index.ts";
import { ENGINES, type TestEngine } from "./support/engines.ts";

type NewRow = Parameters<PolicyStore["set"]>[0];

const rule = (id: string, change: Partial<NewRow> = {}): NewRow => ({
  id,
  workspace_id: "wks_1",
  client_id: null,
  tool: null,
  effect: null,
  action: "deny",
  approvers: null,
  environment_id: null,
  per_1000_seconds: null,
  per_day: null,
  place: "all",
  created_at: 1000,
  ...change,
});

async function openPolicies(t: TestContext, engine: TestEngine): Promise<PolicyStore> {
  const place = await engine.createPlace();
  const store = await openStore(place.options);
  await store.migrate([]);
  t.after(async () => {
    await store.close();
    await place.remove();
  });
  return store.policies;
}

const idsOf = (rules: readonly Pick<PolicyRuleRow, "id">[]) => rules.map(({ id }) => id);

for (const engine of ENGINES) {
  test(`at each place of a workspace the rule that was set last is in force, and comes back as it was stored (${engine.name})`, async (t) => {
    const policies = await openPolicies(t, engine);
    await policies.set(rule("pol_1"));
    await policies.set(rule("pol_2", { workspace_id: "wks_2" }));
    const limit = rule("pol_3", { place: "other", action: "limit", client_id: "agt_1", tool: "look", per_1000_seconds: 1500, per_day: 7 });
    await policies.set(limit);
    assert.deepEqual(idsOf(await policies.list()), ["pol_1", "pol_2", "pol_3"]);
    await policies.set(rule("pol_4", { action: "approve", approvers: 2 }));
    assert.deepEqual(idsOf(await policies.list()), ["pol_2", "pol_3", "pol_4"]);
    assert.equal((await policies.find("wks_1", "all"))?.id, "pol_4");
    assert.equal(await policies.find("wks_1", "nowhere"), undefined);
    const { revision, removed_at, ...stored } = (await policies.findById("pol_3")) ?? assert.fail("it is in force");
    assert.deepEqual(stored, limit);
    assert.ok(revision > 0);
    assert.equal(removed_at, null);
    assert.equal(await policies.findById("pol_1"), undefined);
  });

  test(`the revision changes with each rule that is set or removed, and with nothing else (${engine.name})`, async (t) => {
    const policies = await openPolicies(t, engine);
    const seen = [await policies.revision()];
    const acts = [
      () => policies.set(rule("pol_1")),
      () => policies.set(rule("pol_2")),
      () => policies.remove("pol_2", 2000),
      () => policies.set(rule("pol_3")),
    ];
    for (const act of acts) {
      await act();
      seen.push(await policies.revision());
    }
    assert.equal(new Set(seen).size, acts.length + 1);
    assert.equal(await policies.remove("pol_2", 2000), false);
    assert.equal(await policies.remove("pol_0", 2000), false);
    assert.equal(await policies.revision(), seen.at(-1));
  });

  test(`of rules that are set at one place at once, one is in force (${engine.name})`, async (t) => {
    const policies = await openPolicies(t, engine);
    await Promise.all(Array.from({ length: 10 }, (_, i) => policies.set(rule(`pol_${i}`))));
    assert.equal((await policies.list()).length, 1);
  });

  const WRONG: [string, Partial<NewRow>][] = [
    ["an action that is none", { action: "maybe" as "deny" }],
    ["a tool and an effect", { tool: "look", effect: "read" }],
    ["three approvers", { action: "approve", approvers: 3 }],
    ["no approver", { action: "approve" }],
    ["an environment that denies", { environment_id: "env_1" }],
    ["a limit of nothing", { action: "limit" }],
    ["a limit of zero", { action: "limit", per_day: 0 }],
  ];
  for (const [what, change] of WRONG) {
    test(`the table takes no rule with ${what} (${engine.name})`, async (t) => {
      const policies = await openPolicies(t, engine);
      await assert.rejects(policies.set(rule("pol_1", change)));
      assert.deepEqual(await policies.list(), []);
    });
  }

  test(`counts add up, whoever adds at once, and each answer is a total (${engine.name})`, async (t) => {
    const policies = await openPolicies(t, engine);
    const key = { workspace_id: "wks_1", client_id: "agt_1", place: "*", day: 20_000 };
    assert.deepEqual(await policies.count([]), []);
    assert.deepEqual(await policies.count([{ ...key, calls: 0 }]), [{ ...key, calls: 0 }]);
    const other = { ...key, place: "tool look" };
    const added = await Promise.all(
      Array.from({ length: 20 }, () =>
        policies.count([
          { ...key, calls: 2 },
          { ...other, calls: 1 },
        ]),
      ),
    );
    const last = added
      .flat()
      .filter(({ place }) => place === "*")
      .map(({ calls }) => calls);
    assert.deepEqual(
      last.toSorted((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => 2 * (i + 1)),
    );
    assert.deepEqual(await policies.count([{ ...other, calls: -3 }]), [{ ...other, calls: 17 }]);
    await policies.sweepCounts(20_000);
    assert.deepEqual(await policies.count([{ ...other, calls: 0 }]), [{ ...other, calls: 17 }]);
    await policies.sweepCounts(20_001);
    assert.deepEqual(await policies.count([{ ...other, calls: 0 }]), [{ ...other, calls: 0 }]);
  });
}
