import assert from "node:assert/strict";
import type { Kysely } from "kysely";
import { controlPlaneTables, type ControlPlaneTables } from "../../../src/control-plane/tables/index.ts";
import { sweep } from "../../../src/control-plane/tables/sweep.ts";
import type { ToolTables } from "../../../src/store/index.ts";
import { acme } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const test = onEachEngine(async (harness) => {
  const world = await acme(harness);
  const db = harness.store.db as unknown as Kysely<ToolTables & ControlPlaneTables>;
  const { environment_id } = await world.ok("create_environment", { name: "Doomed", slug: "doomed", kind: "development" });
  /** One of everything in an environment. */
  async function fill(environmentId: string) {
    const at = { environment_id: environmentId };
    const { role_id } = await world.ok("create_environment_role", { ...at, name: "reader", display_name: "Reader", scopes: [] });
    const { organization_id } = await world.ok("create_organization", { ...at, name: "Gone Soon" });
    await world.ok("create_organization_user", { ...at, organization_id, email: "one@gone.example", role: "reader" });
    await world.ok("create_organization_template", { ...at, name: "Plain" });
    await world.ok("add_redirect_uri", { ...at, uri: "https://gone.example/" });
    await world.ok("generate_admin_portal_link", { ...at, organization_id });
    return { role_id: String(role_id), organization_id: String(organization_id) };
  }
  const [here, there] = [await fill(world.own.environmentId), await fill(String(environment_id))];
  return { ...world, db, here, there, doomed: String(environment_id), now: harness.clock.now };
});

/** How many rows of each table an environment has, links aside: they end by themselves. */
async function countsIn(db: Kysely<ToolTables & ControlPlaneTables>, environmentId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const tables = controlPlaneTables.tables.filter((table) => table !== "link") as readonly (keyof ControlPlaneTables)[];
  for (const table of tables) {
    const rows = await db.selectFrom(table).select("environment_id").where("environment_id", "=", environmentId).execute();
    counts[table] = rows.length;
  }
  return counts;
}

test("what was deleted stays for the day in which it can come back, and an hour; then it is gone, and nothing else is", async (world) => {
  const { db, here, doomed, own, now } = world;
  const [before, kept] = [await countsIn(db, doomed), await countsIn(db, own.environmentId)];
  await db.updateTable("environment").set({ deleted_at: now }).where("id", "=", doomed).execute();
  await db.updateTable("environment_role").set({ deleted_at: now }).where("id", "=", here.role_id).execute();
  await sweep(db, now + DAY_MS + HOUR_MS);
  assert.deepEqual(await countsIn(db, doomed), before);
  await sweep(db, now + DAY_MS + HOUR_MS + 1);
  assert.deepEqual(new Set(Object.values(await countsIn(db, doomed))), new Set([0]));
  assert.equal((await db.selectFrom("environment").select("id").where("id", "=", doomed).execute()).length, 0);
  assert.deepEqual(await countsIn(db, own.environmentId), { ...kept, environment_role: (kept["environment_role"] ?? 0) - 1 });
});

test("an organization goes with its users and the words that found them", async ({ db, here, now, ok }) => {
  await db.updateTable("organization").set({ deleted_at: now }).where("id", "=", here.organization_id).execute();
  await sweep(db, now + 2 * DAY_MS);
  assert.equal((await db.selectFrom("organization").select("id").where("id", "=", here.organization_id).execute()).length, 0);
  assert.equal(
    (await db.selectFrom("organization_user").select("id").where("organization_id", "=", here.organization_id).execute()).length,
    0,
  );
  assert.deepEqual((await ok("search_users", { query: "one" }))["users"], []);
});
