/** Rates and quotas: what is limited, for whom, and how that is told. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { createMeters } from "../../src/call/policy/index.ts";
import type { Limit } from "../../src/call/policy/policy.ts";
import { createLog } from "../../src/lib/log.ts";
import { openStore, type Store } from "../../src/store/index.ts";
import { ENGINES, SQLITE, type TestEngine } from "../store/support/engines.ts";
import { callTool, fetchToken } from "../support/remit.ts";
import { runs } from "./support/policy-surface.ts";
import { createPolicyWorld, toldOf } from "./support/policy-world.ts";

const DAY_MS = 86_400_000;
const NOON = 20_000 * DAY_MS + DAY_MS / 2;
const AGENT = { clientId: "agt_1" };

const limit = (change: Partial<Limit>): Limit => ({
  id: "pol_1",
  workspaceId: "wks_1",
  place: "*",
  perSecond: undefined,
  perDay: undefined,
  ...change,
});

async function openPlace(t: TestContext, engine: TestEngine): Promise<Store> {
  const place = await engine.createPlace();
  const store = await openStore(place.options);
  await store.migrate([]);
  t.after(async () => {
    await store.close();
    await place.remove();
  });
  return store;
}

function metersAt(t: TestContext, store: Pick<Store, "policies">, clock: { at: number }) {
  const meters = createMeters({ store, now: () => clock.at, log: createLog("silent") });
  t.after(() => meters.close());
  return meters;
}

/** How many of so many calls go through. */
async function countTaken(
  meters: ReturnType<typeof createMeters>,
  limits: readonly Limit[],
  calls: number,
  agent = AGENT,
): Promise<number> {
  let taken = 0;
  for (let i = 0; i < calls; i++) if ((await meters.take(limits, agent)) === undefined) taken++;
  return taken;
}

describe("calls a day", () => {
  for (const engine of ENGINES) {
    test(`are counted for each agent by itself, until the day (UTC) is over, and outlive the process (${engine.name})`, async (t) => {
      const store = await openPlace(t, engine);
      const clock = { at: NOON };
      const three = [limit({ perDay: 3 })];
      const first = metersAt(t, store, clock);
      assert.equal(await countTaken(first, three, 2), 2);
      await first.close();
      const second = metersAt(t, store, clock);
      assert.equal(await countTaken(second, three, 5), 1);
      assert.equal(await countTaken(second, three, 5, { clientId: "agt_2" }), 3);
      const spent = await second.take(three, AGENT);
      assert.deepEqual(spent, { limit: three[0], kind: "quota_exceeded", retryAt: 20_001 * DAY_MS });
      clock.at = 20_001 * DAY_MS;
      assert.equal(await countTaken(second, three, 5), 3);
    });

    test(`are counted across processes: what one used up, another that wrote its counts knows (${engine.name})`, async (t) => {
      const store = await openPlace(t, engine);
      const clock = { at: NOON };
      const ten = [limit({ perDay: 10 })];
      const [a, b] = [metersAt(t, store, clock), metersAt(t, store, clock)];
      assert.equal(await countTaken(a, ten, 4), 4);
      assert.equal(await countTaken(b, ten, 4), 4);
      await a.flush();
      await b.flush();
      assert.equal(await countTaken(b, ten, 9), 2);
      // What another process counted since is read again after two seconds at most.
      await b.flush();
      clock.at += 2000;
      assert.equal(await countTaken(a, ten, 9), 0);
    });
  }

  test("a call counts with all of its limits or with none, and one that did nothing is given back", async (t) => {
    const meters = metersAt(t, await openPlace(t, SQLITE), { at: NOON });
    const wide = limit({ perDay: 10 });
    const tight = limit({ id: "pol_2", place: "tool mark", perDay: 1 });
    assert.equal(await countTaken(meters, [wide, tight], 5), 1);
    assert.equal(await countTaken(meters, [wide], 20), 9);
    meters.giveBack([wide, tight], AGENT);
    assert.equal(await countTaken(meters, [wide, tight], 5), 1);
  });

  test("of calls that come at once no more go through than may", async (t) => {
    const meters = metersAt(t, await openPlace(t, SQLITE), { at: NOON });
    const taken = await Promise.all(Array.from({ length: 50 }, async () => meters.take([limit({ perDay: 7 })], AGENT)));
    assert.equal(taken.filter((spent) => spent === undefined).length, 7);
  });

  test("T67: while counts cannot be read nothing limited goes through, and nothing that was counted is lost", async (t) => {
    const store = await openPlace(t, SQLITE);
    let isDown = false;
    const policies: Store["policies"] = {
      ...store.policies,
      count: (rows) => (isDown ? Promise.reject(new Error("down")) : store.policies.count(rows)),
    };
    const clock = { at: NOON };
    const meters = metersAt(t, { policies }, clock);
    const five = [limit({ perDay: 5 })];
    assert.equal(await countTaken(meters, five, 3), 3);
    isDown = true;
    await assert.rejects(meters.flush());
    clock.at += 2000;
    await assert.rejects(async () => meters.take(five, AGENT));
    isDown = false;
    assert.equal(await countTaken(meters, five, 5), 2);
  });
});

describe("calls per second", () => {
  test("are let through at their rate, for each agent by itself", async (t) => {
    const clock = { at: NOON };
    const meters = metersAt(t, await openPlace(t, SQLITE), clock);
    const slow = [limit({ place: "tool mark", perSecond: 2 })];
    const per: number[] = [];
    for (let second = 0; second < 5; second++, clock.at += 1000) per.push(await countTaken(meters, slow, 20));
    assert.deepEqual(per, [2, 2, 2, 2, 2]);
    assert.equal(await countTaken(meters, slow, 20, { clientId: "agt_2" }), 2);
    const spent = await meters.take(slow, { clientId: "agt_2" });
    assert.deepEqual(spent, { limit: slow[0], kind: "rate_limited", retryAt: clock.at + 1000 });
  });
});

describe("what a limited agent is told", () => {
  test("a rate of all its requests by 429 and Retry-After, before a body is read", async (t) => {
    const world = await createPolicyWorld(t);
    await world.set({ action: "limit", perSecond: 0.001, clientId: world.clientId });
    const { server, token } = world;
    assert.equal((await callTool(server, token, "look")).status, 200);
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const refused = await fetch(server.mcpUrl, { method: "POST", headers, body: "no JSON at all" });
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get("retry-after")) > 900);
  });

  test("a quota or rate of tools by a result that says when again, on record as refused with the rule", async (t) => {
    const world = await createPolicyWorld(t);
    const daily = await world.set({ action: "limit", perDay: 1, tool: "mark" });
    assert.equal(toldOf(await world.call("mark")).isError, false);
    const { isError, text, meta } = toldOf(await world.call("mark", { at: "2" }));
    assert.equal(isError, true);
    assert.match(
      text,
      /^Nothing was done: by a policy of this workspace, mark may be called once a day \(UTC\) by this agent, and that is used up; again at \d{4}-\d\d-\d\dT00:00:00\.000Z\.$/,
    );
    assert.deepEqual(Object.keys(meta["dev.remit/limit"] ?? {}), ["policy_rule", "retry_at"]);
    const record = (await world.server.records()).at(-1) ?? assert.fail();
    assert.deepEqual([record["outcome"], record["reason"], record["limit"]], ["refused", "quota_exceeded", daily]);
    const slow = await world.set({ action: "limit", perSecond: 0.5, effect: "read" });
    assert.equal(toldOf(await world.call("look")).isError, false);
    assert.match(
      toldOf(await world.call("look")).text,
      /tools with the effect read together may be called 0\.5 times a second by this agent; again at /,
    );
    assert.equal((await world.server.records()).at(-1)?.["limit"], slow);
  });

  test("a call that is refused, held or was answered before does not use up the day", async (t) => {
    const world = await createPolicyWorld(t);
    await world.set({ action: "limit", perDay: 1 });
    assert.equal(toldOf(await world.call("wipe")).isError, true);
    assert.equal(toldOf(await world.call("mark", { wrong: true })).isError, true);
    const { text } = toldOf(await world.call("mark", { at: "1" }));
    assert.match(text, /did mark/);
    assert.equal(toldOf(await world.call("mark", { at: "1" })).text, text, "the first answer again");
    assert.match(toldOf(await world.call("look")).text, /all tools together may be called once a day/);
  });
});

test("T66: an agent at twenty times its limit takes nothing from another: each gets exactly what it may", async (t) => {
  const world = await createPolicyWorld(t);
  const { server } = world;
  const agents = [await server.agent("all:write"), await server.agent("all:write")];
  const [noisy = "", quiet = ""] = await Promise.all(agents.map((agent) => fetchToken(server.url, agent)));
  const allowed = 20;
  await world.set({ action: "limit", perDay: allowed, tool: "look" });
  const before = runs.length;
  const noise = Array.from({ length: 20 * allowed }, () => callTool(server, noisy, "look"));
  const calm = Array.from({ length: allowed }, () => callTool(server, quiet, "look"));
  const count = async (calls: ReturnType<typeof callTool>[]) =>
    (await Promise.all(calls)).filter((answer) => !toldOf(answer).isError).length;
  assert.deepEqual([await count(noise), await count(calm)], [allowed, allowed]);
  assert.equal(runs.length - before, 2 * allowed);
});

test("T66: an agent far above its overall rate is answered 429 for all that is too much, and another for nothing", async (t) => {
  const world = await createPolicyWorld(t);
  const { server } = world;
  const agents = [await server.agent("all:write"), await server.agent("all:write")];
  const [noisy = "", quiet = ""] = await Promise.all(agents.map((agent) => fetchToken(server.url, agent)));
  await world.set({ action: "limit", perSecond: 0.001, clientId: agents[0]?.clientId });
  const statuses = async (token: string, calls: number) => {
    const answers = await Promise.all(Array.from({ length: calls }, () => callTool(server, token, "look")));
    return Map.groupBy(answers, ({ status }) => status);
  };
  const [loud, calm] = await Promise.all([statuses(noisy, 200), statuses(quiet, 50)]);
  assert.deepEqual([loud.get(200)?.length, loud.get(429)?.length], [1, 199]);
  assert.deepEqual([calm.get(200)?.length, calm.get(429)], [50, undefined]);
});
