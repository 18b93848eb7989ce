import { type Kysely, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { BootError } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import { createConnectionTable } from "../connections/index.ts";
import { createFailureTables } from "../failures/index.ts";
import { createFeedTable } from "../feeds/index.ts";
import { createKillTables } from "../kills/index.ts";
import { createConsoleTables } from "../saved-calls/index.ts";
import type { TablesModule } from "../tables-module.ts";
import type { CoreTables } from "../tables.ts";
import { createSurfaceTable } from "../surfaces/index.ts";
import { createUsageTables } from "../usage/index.ts";
import { createPeopleTables } from "./0001-people.ts";
import { createAccessTables } from "./0002-access.ts";
import { createIssuerTables } from "./0003-issuer.ts";
import { createSessionTables } from "./0004-sessions.ts";
import { createTaskTable } from "./0005-tasks.ts";
import { createResultTable } from "./0006-results.ts";
import { createChangeColumns } from "./0007-changes.ts";
import { createApprovalTables } from "./0008-approvals.ts";
import { createPolicyTables } from "./0009-policy.ts";
import { createClientCreator } from "./0013-client-creator.ts";
import { createConsolePeople } from "./0020-console-people.ts";
import { createUndoableIndex } from "./0021-undoable-changes.ts";

const MODULE_NAME = /^[a-z][a-z0-9_-]{0,39}$/;
const TABLE_NAME = /^[a-z][a-z0-9_]{0,59}$/;

const CORE_TABLES: readonly string[] = [
  "workspace",
  "environment",
  "account",
  "identity",
  "passkey",
  "sign_in_link",
  "session",
  "member",
  "client",
  "access_grant",
  "refresh_token",
  "device",
  "upstream_secret",
  "signing_key",
  "oidc_payload",
  "revocation",
  "mcp_session",
  "mcp_event",
  "approval",
  "change_entry",
  "policy_rule",
  "policy_count",
  "mcp_task",
  "failure_cluster",
  "failure_progress",
  "connection_attempt",
  "feed_progress",
  "kill",
  "usage_rollup",
  "usage_progress",
  "saved_call",
  "stored_result",
  "tool_surface",
  "ledger_record",
] satisfies (keyof CoreTables | "ledger_record")[];

/** Tables of Remit itself. */
export const CORE: Pick<TablesModule, "name" | "migrations"> = {
  name: "remit",
  migrations: {
    "0001-people": createPeopleTables,
    "0002-access": createAccessTables,
    "0003-issuer": createIssuerTables,
    "0004-sessions": createSessionTables,
    "0005-tasks": createTaskTable,
    "0006-results": createResultTable,
    "0007-changes": createChangeColumns,
    "0008-approvals": createApprovalTables,
    "0009-policy": createPolicyTables,
    "0011-usage": createUsageTables,
    "0012-failures": createFailureTables,
    "0013-client-creator": createClientCreator,
    "0014-kills": createKillTables,
    "0016-feeds": createFeedTable,
    "0017-connections": createConnectionTable,
    "0018-console": createConsoleTables,
    "0019-manifest": createSurfaceTable,
    "0020-console-people": createConsolePeople,
    "0021-undoable-changes": createUndoableIndex,
  },
};

/** Brings Remit's own tables, then those of each module, to their newest form. Runs once, however many processes start together. */
export async function migrateAll(
  db: Kysely<CoreTables>,
  engine: Pick<Engine, "migrationContext">,
  modules: readonly TablesModule[],
): Promise<void> {
  const problems = problemsOf(modules);
  if (problems.length > 0) throw new BootError(problems);
  for (const module of [CORE, ...modules]) await migrateOne(db, engine, module);
  for (const module of modules) {
    for (const table of module.tables) await requireColumns(db, module, table);
  }
}

function problemsOf(modules: readonly TablesModule[]): string[] {
  const problems: string[] = [];
  const names = new Set([CORE.name]);
  const owners = new Map(CORE_TABLES.map((table) => [table, CORE.name]));
  for (const { name, tables, environmentColumns = {} } of modules) {
    if (!MODULE_NAME.test(name)) problems.push(`The tables module ${JSON.stringify(name)} needs a name of a-z, 0-9, _ and -.`);
    if (names.has(name)) problems.push(`Two tables modules are named "${name}". Rename one.`);
    names.add(name);
    for (const table of tables) {
      if (!TABLE_NAME.test(table)) problems.push(`The table ${JSON.stringify(table)} of "${name}" needs a name of a-z, 0-9 and _.`);
      const owner = owners.get(table);
      if (owner !== undefined) problems.push(`The table "${table}" of "${name}" is already declared by "${owner}". Rename it.`);
      owners.set(table, name);
    }
    for (const [table, column = ""] of Object.entries(environmentColumns)) {
      if (!tables.includes(table)) problems.push(`"${name}" names an environment column of "${table}", which is not one of its tables.`);
      if (!TABLE_NAME.test(column)) problems.push(`The column ${JSON.stringify(column)} of "${table}" needs a name of a-z, 0-9 and _.`);
    }
  }
  return problems;
}

async function migrateOne(
  db: Kysely<CoreTables>,
  engine: Pick<Engine, "migrationContext">,
  module: Pick<TablesModule, "name" | "migrations">,
): Promise<void> {
  const migrations: Record<string, Migration> = {};
  for (const [name, run] of Object.entries(module.migrations)) migrations[name] = { up: (trx) => run(trx, engine.migrationContext(trx)) };
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: `migration_${module.name.replaceAll("-", "_")}`,
    migrationLockTableName: "migration_lock",
  }).migrateToLatest();
  if (error === undefined) return;
  const fault = error instanceof Error ? error : new Error("the migration failed", { cause: error });
  const text = fault.message;
  if (!text.startsWith("corrupted migrations")) throw fault;
  throw new BootError([
    `The tables of "${module.name}" were made by another version of this program (${text}). Start that version or a newer one.`,
  ]);
}

/** Without its column no query on the table could be confined to a workspace, or to environments. */
async function requireColumns(db: Kysely<CoreTables>, { name, environmentColumns }: TablesModule, table: string): Promise<void> {
  if (!(await hasColumn(db, table, "workspace_id")))
    throw new BootError([`The table "${table}" of "${name}" needs a column "workspace_id text not null" in its migrations.`]);
  const declared = environmentColumns?.[table];
  if (declared === undefined && (await hasColumn(db, table, "environment_id")))
    throw new BootError([`The table "${table}" of "${name}" has a column "environment_id". Name it in environmentColumns.`]);
  if (declared !== undefined && !(await hasColumn(db, table, declared)))
    throw new BootError([`The table "${table}" of "${name}" has no column "${declared}", which environmentColumns names.`]);
}

async function hasColumn(db: Kysely<CoreTables>, table: string, column: string): Promise<boolean> {
  try {
    await sql`select ${sql.ref(column)} from ${sql.table(table)} where 1 = 0`.execute(db);
    return true;
  } catch {
    return false;
  }
}
