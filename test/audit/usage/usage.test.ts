import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openLedger, parseSearch, searchLedger } from "../../../src/audit/index.ts";
import { createUsageCounter, type UsageCounter } from "../../../src/audit/usage/counter.ts";
import { queryUsage } from "../../../src/audit/usage/usage-query.ts";
import { createLog } from "../../../src/lib/log.ts";
import { openStore, type LedgerStore, type Store } from "../../../src/store/index.ts";
import type { UsageFound, UsageQuery } from "../../../src/tool/index.ts";
import { ENGINES, type Place } from "../../store/support/engines.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 7, 10, 9, 30, 15);

interface Fact {
  readonly at: number;
  readonly tool?: string;
  readonly method: string;
  readonly agent: string;
  readonly subject: string;
  readonly workspace: string;
  readonly environment?: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly ms: number;
  readonly client: string;
}

/** Calls without pattern, the same in each run, over the last three days and a half. */
function makeFacts(count: number): Fact[] {
  let state = 7;
  const next = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
  const pick = <T>(of: readonly T[]): T => of[next(of.length)] ?? assert.fail();
  return Array.from({ length: count }, (_, i) => {
    const outcome = pick(["ok", "ok", "ok", "tool_error", "refused"]);
    const isList = next(5) === 0;
    return {
      at: NOW - 3.5 * DAY + Math.floor((i / count) * 3.5 * DAY),
      method: isList ? "tools/list" : "tools/call",
      ...(isList ? {} : { tool: pick(["look", "list_users", "delete_user"]) }),
      agent: pick(["agt_1", "agt_2"]),
      subject: pick(["acc_1", "acc_2", "acc_3"]),
      workspace: pick(["wks_a", "wks_a", "wks_b"]),
      ...(next(2) === 0 ? {} : { environment: pick(["env_1", "env_2", "env_made_up"]) }),
      outcome,
      ...(outcome === "refused" ? { reason: pick(["insufficient_scope", "quota_exceeded"]) } : {}),
      ms: next(2_000_000) / 1000,
      client: pick(["claude-ai/1.0", "inspector/2.12"]),
    };
  });
}

function bodyOf({ at, tool, method, environment, ms, outcome, reason, ...rest }: Fact, i: number): string {
  const front = { v: 1, kind: "call", at, decision: `dec_${i}`, allowed: outcome !== "refused", rule: "r", method };
  const target = tool === undefined ? {} : { tool };
  const args = environment === undefined ? {} : { arguments: { environment_id: environment } };
  const end = outcome === "refused" ? { reason } : { result_bytes: 100 + i };
  return JSON.stringify({ ...front, ...target, ...rest, ...args, protocol: "2026-07-28", outcome, duration_ms: ms, ...end });
}

const FACTS = makeFacts(900);
const IN_A = FACTS.filter(({ workspace }) => workspace === "wks_a");
const log = createLog("silent");

for (const engine of ENGINES) {
  describe(`usage on ${engine.name}`, () => {
    let place: Place;
    let store: Store;
    let records: LedgerStore;
    const counterOf = () => createUsageCounter({ store: store.usage, chain: "main", now: () => NOW, log });
    const ask = async (query: UsageQuery, environments?: readonly string[]): Promise<UsageFound> => {
      const found = await queryUsage({ store: store.usage, now: () => NOW }, { workspaceId: "wks_a", environments }, query);
      return "problems" in found ? assert.fail(found.problems.join()) : found;
    };

    async function takeAll(counter: UsageCounter, upTo = Number.POSITIVE_INFINITY) {
      for (let from = await counter.through(); ;) {
        const rows = (await records.read(from, 64)).filter(({ seq }) => seq <= upTo);
        const last = rows.at(-1);
        if (last === undefined) return;
        await counter.take(rows);
        from = last.seq;
      }
    }

    before(async () => {
      place = await engine.createPlace();
      store = await openStore(place.options);
      await store.migrate([]);
      for (const id of ["wks_a", "wks_b"]) await store.db.insertInto("workspace").values({ id, name: id, created_at: 1 }).execute();
      for (const id of ["env_1", "env_2"])
        await store.db
          .insertInto("environment")
          .values({ id, workspace_id: "wks_a", name: id, slug: id, kind: "development", version: 1, created_at: 1 } as never)
          .execute();
      records = await store.openLedger();
      const ledger = await openLedger(records);
      const appended = FACTS.map((fact, i) => {
        // Of a call that acts there is an intent too, which is no call of its own.
        const [front = ""] = bodyOf(fact, i).split(',"outcome"');
        if (i % 10 === 0) void ledger.append({ kind: "intent", ref: `dec_${i}`, body: `${front.replace('"call"', '"intent"')}}` });
        return ledger.append({ kind: "call", ref: null, body: bodyOf(fact, i) });
      });
      await Promise.all(appended);
      // One that is cut off after it stored a part, one that is cut off before it stored anything, and one that comes to the end.
      const first = counterOf();
      await takeAll(first, 300);
      await first.flush();
      await takeAll(first, 400);
      await takeAll(counterOf(), 700);
      const last = counterOf();
      await takeAll(last);
      await last.close();
    });
    after(async () => {
      await store.close();
      await place.remove();
    });

    const BY: readonly (readonly [UsageQuery["by"], (fact: Fact) => string | undefined])[] = [
      ["tool", ({ tool }) => tool],
      ["method", ({ method }) => method],
      ["agent", ({ agent }) => agent],
      ["user", ({ subject }) => subject],
      ["outcome", ({ outcome }) => outcome],
      ["reason", ({ reason }) => reason],
      ["client", ({ client }) => client],
      ["environment", ({ environment }) => (environment === "env_made_up" ? "(other)" : (environment ?? ""))],
    ];

    test("every call is counted once, by whatever it is told apart, also after one was cut off", async () => {
      for (const [by, keyOf] of BY) {
        const { groups, total } = await ask({ by, since: NOW - 4 * DAY });
        assert.deepEqual(countsOf(groups), brute(IN_A, keyOf), by);
        assert.equal(
          total.calls,
          groups.reduce((sum, { calls }) => sum + calls, 0),
        );
      }
    });

    test("filters go together, and a part of the time is counted to the minute", async () => {
      const cases: readonly (readonly [UsageQuery, (fact: Fact) => boolean])[] = [
        [{ agent: "agt_1", user: "acc_2" }, ({ agent, subject }) => agent === "agt_1" && subject === "acc_2"],
        [{ by: "agent", tool: "look", outcome: "refused" }, ({ tool, outcome }) => tool === "look" && outcome === "refused"],
        [{ by: "user", tool: "look" }, ({ tool }) => tool === "look"],
        [
          { environment: "env_1", reason: "quota_exceeded" },
          ({ environment, reason }) => environment === "env_1" && reason === "quota_exceeded",
        ],
        [
          { by: "protocol", client: "inspector/2.12", agent: "agt_2" },
          ({ client, agent }) => client === "inspector/2.12" && agent === "agt_2",
        ],
      ];
      const minute = Math.floor(NOW / 60_000) * 60_000;
      for (const [query, fits] of cases) {
        for (const [since, until] of [
          [NOW - 4 * DAY, undefined],
          [minute - 30 * HOUR - 420_000, minute - 5 * HOUR],
        ] as const) {
          const wanted = IN_A.filter(
            (fact) => fits(fact) && fact.at >= since && fact.at < (until ?? NOW + 1) && (query.by !== undefined || fact.tool !== undefined),
          );
          const { total } = await ask({ ...query, since, until });
          assert.equal(total.calls, wanted.length, JSON.stringify(query));
          assert.equal(total.refused, wanted.filter(({ outcome }) => outcome === "refused").length);
          assert.equal(total.failed, wanted.filter(({ outcome }) => outcome === "tool_error").length);
        }
      }
      const refused = await queryUsage({ store: store.usage, now: () => NOW }, { workspaceId: "wks_a" }, { client: "x/1", tool: "look" });
      assert.ok("problems" in refused);
    });

    test("what is older than two days begins at a full hour, and says so", async () => {
      const asked = NOW - 3 * DAY;
      const { since, total } = await ask({ by: "method", since: asked });
      assert.equal(since, Math.floor(asked / HOUR) * HOUR);
      assert.equal(total.calls, IN_A.filter(({ at }) => at >= since).length);
    });

    test("times are exact to 2.5 %, of calls that were not refused", async () => {
      const { groups } = await ask({ sort: "slow", since: NOW - 4 * DAY });
      for (const { key, p95Ms, p50Ms } of groups) {
        const times = IN_A.filter(({ tool, outcome }) => tool === key && outcome !== "refused")
          .map(({ ms }) => ms)
          .toSorted((a, b) => a - b);
        for (const [told, share] of [
          [p95Ms, 0.95],
          [p50Ms, 0.5],
        ] as const) {
          const exact = times[Math.ceil(times.length * share) - 1] ?? assert.fail();
          assert.ok(Math.abs((told ?? Number.NaN) - exact) <= exact * 0.025, `${key} ${share}: ${told} for ${exact}`);
        }
      }
      assert.deepEqual(
        groups.map(({ p95Ms }) => p95Ms),
        groups.map(({ p95Ms }) => p95Ms).toSorted((a, b) => (b ?? 0) - (a ?? 0)),
      );
    });

    test("a series tells zero where nobody called, and null where nothing is known", async () => {
      const { starts = [], groups, since } = await ask({ every: "hour", since: NOW - 4 * DAY, until: NOW + 3 * HOUR });
      assert.equal(starts[0], since);
      for (const { key, series } of groups) {
        const expected = starts.map((start) => {
          if (start + HOUR <= NOW - 3.5 * DAY || start > NOW) return null;
          return IN_A.filter(({ tool, at }) => tool === key && at >= start && at < start + HOUR).length;
        });
        assert.deepEqual(series?.calls, expected, key);
        assert.ok(expected.includes(0) && expected.includes(null));
      }
    });

    test("who is limited to environments sees the calls in these, and no other", async () => {
      const { total } = await ask({ by: "agent", since: NOW - 4 * DAY }, ["env_2"]);
      assert.equal(total.calls, IN_A.filter(({ environment }) => environment === "env_2").length);
      const outside = await ask({ by: "agent", since: NOW - 4 * DAY, environment: "env_1" }, ["env_2"]);
      assert.equal(outside.total.calls, 0);
    });

    test("every number is that of the records which its search finds", async () => {
      const queries: readonly UsageQuery[] = [
        {},
        { by: "reason", agent: "agt_1" },
        { by: "environment" },
        { by: "client", agent: "agt_2" },
        { by: "method" },
      ];
      for (const query of queries) {
        for (const { key, calls, search } of (await ask({ ...query, since: NOW - 4 * DAY })).groups) {
          if (search === undefined) {
            assert.ok(key === "" || key === "(other)", key);
            continue;
          }
          const parsed = parseSearch(search, NOW);
          assert.ok(!("problems" in parsed), search);
          assert.equal((await searchLedger(records, parsed, { limit: 10_000 })).rows.length, calls, search);
        }
      }
    });
  });
}

function brute(facts: readonly Fact[], keyOf: (fact: Fact) => string | undefined): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const fact of facts) {
    const key = keyOf(fact);
    if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function countsOf(groups: UsageFound["groups"]): Record<string, number> {
  return Object.fromEntries(groups.map(({ key, calls }) => [key, calls]));
}
