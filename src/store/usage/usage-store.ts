import { type Kysely, sql } from "kysely";
import type { Engine } from "../engine.ts";
import type { CoreTables } from "../tables.ts";
import type { UsageAddition, UsageKey, UsageRow, UsageStore } from "./usage-rows.ts";

/** Rows of one statement: databases bound the number of its parameters. */
const ROWS_AT_ONCE = 50;
const IDS_AT_ONCE = 500;

export function createUsageStore(db: Kysely<CoreTables>, engine: Pick<Engine, "holdName">): UsageStore {
  return {
    progress: (chain) => db.selectFrom("usage_progress").selectAll().where("chain", "=", chain).executeTakeFirst(),
    async firstAt() {
      const row = await db
        .selectFrom("usage_progress")
        .select((eb) => eb.fn.min("first_at").as("at"))
        .executeTakeFirst();
      return row?.at ?? undefined;
    },
    add: (additions, { fromSeq, ...progress }) =>
      db.transaction().execute(async (trx) => {
        // One at a time, since what is there is read and added to.
        await engine.holdName(trx, "usage");
        const stored = await trx.selectFrom("usage_progress").select("through_seq").where("chain", "=", progress.chain).executeTakeFirst();
        if ((stored?.through_seq ?? 0) !== fromSeq) throw new Error("another process has counted these calls");
        for (const group of groupsOf(additions)) {
          await addGroup(trx, group);
          // The embedded database works on this thread: others get their turn.
          await new Promise((resolve) => setImmediate(resolve));
        }
        await trx
          .insertInto("usage_progress")
          .values(progress)
          .onConflict((conflict) => conflict.column("chain").doUpdateSet({ through_seq: progress.through_seq }))
          .execute();
      }),
    read({ workspaceId, cut, grain, from, until, environments, of }) {
      let query = db
        .selectFrom("usage_rollup")
        .selectAll()
        .where("workspace_id", "=", workspaceId)
        .where("cut", "=", cut)
        .where("grain", "=", grain)
        .where("start_at", ">=", from)
        .where("start_at", "<", until);
      if (environments !== undefined) query = query.where("environment_id", "in", environments);
      if (of !== undefined) query = query.where("of_id", "=", of);
      return query.execute();
    },
    async knownEnvironments(workspaceId, ids) {
      const known: string[] = [];
      for (let i = 0; i < ids.length; i += IDS_AT_ONCE) {
        const some = ids.slice(i, i + IDS_AT_ONCE);
        const query = db.selectFrom("environment").select("id").where("workspace_id", "=", workspaceId).where("id", "in", some);
        for (const { id } of await query.execute()) known.push(id);
      }
      return known;
    },
    async sweep({ minutesBefore, hoursBefore }) {
      await db.deleteFrom("usage_rollup").where("grain", "=", "minute").where("start_at", "<", minutesBefore).execute();
      await db.deleteFrom("usage_rollup").where("grain", "=", "hour").where("start_at", "<", hoursBefore).execute();
    },
  };
}

/** Additions to the same kind of roll-ups, a few at a time, those that are near in time together. */
function groupsOf(additions: readonly UsageAddition[]): UsageAddition[][] {
  const open = new Map<string, UsageAddition[]>();
  const groups: UsageAddition[][] = [];
  for (const addition of additions.toSorted((a, b) => a.key.start_at - b.key.start_at)) {
    const { workspace_id, cut, grain } = addition.key;
    const name = JSON.stringify([workspace_id, cut, grain]);
    let group = open.get(name);
    if (group === undefined || group.length === ROWS_AT_ONCE) {
      open.set(name, (group = []));
      groups.push(group);
    }
    group.push(addition);
  }
  return groups;
}

async function addGroup(trx: Kysely<CoreTables>, group: readonly UsageAddition[]): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  const present = await presentOf(trx, first.key, group);
  const rows: UsageRow[] = group.map(({ key, merge }) => ({ ...key, packed: merge(present.get(placeOf(key))) }));
  await trx
    .insertInto("usage_rollup")
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(["workspace_id", "cut", "grain", "start_at", "environment_id", "of_id"])
        .doUpdateSet({ packed: sql<Uint8Array>`excluded.packed` }),
    )
    .execute();
}

/** What is there of a group; others that are near may be among it. */
async function presentOf(trx: Kysely<CoreTables>, key: UsageKey, group: readonly UsageAddition[]): Promise<Map<string, Uint8Array>> {
  const each = <K extends keyof UsageKey>(name: K) => [...new Set(group.map((addition) => addition.key[name]))];
  const rows = await trx
    .selectFrom("usage_rollup")
    .selectAll()
    .where("workspace_id", "=", key.workspace_id)
    .where("cut", "=", key.cut)
    .where("grain", "=", key.grain)
    .where("start_at", "in", each("start_at"))
    .where("environment_id", "in", each("environment_id"))
    .where("of_id", "in", each("of_id"))
    .execute();
  return new Map(rows.map((row) => [placeOf(row), row.packed]));
}

function placeOf({ start_at, environment_id, of_id }: UsageKey): string {
  return JSON.stringify([start_at, environment_id, of_id]);
}
