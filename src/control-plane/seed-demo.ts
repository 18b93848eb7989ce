import type { Kysely } from "kysely";
import type { ToolTables } from "../index.ts";
import { newId } from "./new-id.ts";
import { seedCustomers } from "./seed-demo-customers.ts";
import type { ControlPlaneTables } from "./tables/index.ts";

const DAY_MS = 86_400_000;

const PEOPLE = [
  { name: "Ada Nakamura", email: "ada@acme.example", role: "owner" },
  { name: "Bruno Alves", email: "bruno@acme.example", role: "admin" },
  { name: "Chidi Okafor", email: "chidi@acme.example", role: "member" },
] as const;

const CUSTOMERS = [
  "Globex",
  "Initech",
  "Hooli",
  "Umbrella Health",
  "Stark Logistics",
  "Wayne Foundation",
  "Tyrell Optics",
  "Cyberdyne Tools",
  "Soylent Foods",
  "Wonka Sweets",
  "Oscorp Labs",
  "Vandelay Imports",
];

const TRIALS = ["Test customer", "Load test"];

interface DemoWorkspace {
  readonly workspaceId: string;
  readonly environmentIds: { readonly production: string; readonly development: string };
}

/**
 * Writes a workspace to try things out in: three members, two environments, in each some organizations with users, roles and a template, made on the days before `now`
 * (epoch milliseconds). All or nothing. Takes a handle that is not confined to a workspace, on tables that are migrated.
 */
export async function seedDemo<T extends ToolTables>(db: Kysely<T>, now: number): Promise<DemoWorkspace> {
  return (db as unknown as Kysely<ToolTables & ControlPlaneTables>).transaction().execute(async (trx) => {
    const workspaceId = newId("wks");
    const createdAt = now - 30 * DAY_MS;
    await trx.insertInto("workspace").values({ id: workspaceId, name: "Acme", created_at: createdAt }).execute();
    for (const { name, email, role } of PEOPLE) {
      const account = { id: newId("acc"), name, email, created_at: createdAt };
      await trx.insertInto("account").values(account).execute();
      const member = { id: newId("mem"), workspace_id: workspaceId, account_id: account.id, role, created_at: createdAt };
      await trx.insertInto("member").values(member).execute();
    }
    const environmentIds = { production: newId("env"), development: newId("env") };
    const shared = { workspace_id: workspaceId, created_at: createdAt, version: 1 };
    await trx
      .insertInto("environment")
      .values([
        { ...shared, id: environmentIds.production, name: "Production", slug: "production", kind: "production" },
        { ...shared, id: environmentIds.development, name: "Development", slug: "development", kind: "development" },
      ])
      .execute();
    const organizations = [
      ...CUSTOMERS.map((name, i) => ({ name, environment_id: environmentIds.production, external_id: `crm-${1001 + i}` })),
      ...TRIALS.map((name) => ({ name, environment_id: environmentIds.development, external_id: null })),
    ];
    await trx
      .insertInto("organization")
      .values(
        organizations.map((row, i) => ({ ...shared, ...row, features: "{}", id: newId("org"), created_at: createdAt + (i + 1) * DAY_MS })),
      )
      .execute();
    for (const environment_id of Object.values(environmentIds))
      await seedCustomers(trx, { workspace_id: workspaceId, environment_id, created_at: createdAt });
    return { workspaceId, environmentIds };
  });
}
