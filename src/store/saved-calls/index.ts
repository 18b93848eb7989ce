/** Calls that people at the console keep to make them again. */
import type { Kysely } from "kysely";
import type { MigrationContext } from "../tables-module.ts";
import type { CoreTables } from "../tables.ts";

export interface SavedCallRow {
  readonly id: string;
  readonly workspace_id: string;
  /** Who saved it. */
  readonly account_id: string;
  readonly name: string;
  readonly tool: string;
  /** JSON. */
  readonly arguments: string;
  /** Revision of the protocol that it is made in. */
  readonly era: string;
  readonly created_at: number;
}

export interface SavedCallStore {
  /** The newest first; of one tool when it is given. */
  list(workspaceId: string, tool?: string): Promise<readonly SavedCallRow[]>;
  /** False, with nothing kept, when the workspace has so many already. */
  add(row: SavedCallRow, most: number): Promise<boolean>;
  /** False when the workspace has none of this id. */
  remove(workspaceId: string, id: string): Promise<boolean>;
}

export function createSavedCallStore(db: Kysely<CoreTables>): SavedCallStore {
  return {
    list: (workspaceId, tool) =>
      db
        .selectFrom("saved_call")
        .selectAll()
        .where("workspace_id", "=", workspaceId)
        .$if(tool !== undefined, (query) => query.where("tool", "=", tool ?? ""))
        .orderBy("created_at", "desc")
        .orderBy("id")
        .execute(),
    async add(row, most) {
      const { count } = await db
        .selectFrom("saved_call")
        .select(({ fn }) => fn.countAll<number | string>().as("count"))
        .where("workspace_id", "=", row.workspace_id)
        .executeTakeFirstOrThrow();
      if (Number(count) >= most) return false;
      await db.insertInto("saved_call").values(row).execute();
      return true;
    },
    async remove(workspaceId, id) {
      const { numDeletedRows } = await db
        .deleteFrom("saved_call")
        .where("workspace_id", "=", workspaceId)
        .where("id", "=", id)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

/** Migration `0018-console`. */
export async function createConsoleTables(db: Kysely<unknown>, { createTable, bigint }: MigrationContext): Promise<void> {
  await createTable("saved_call")
    .addColumn("id", "text", (c) => c.primaryKey().notNull())
    .addColumn("workspace_id", "text", (c) => c.notNull().references("workspace.id"))
    .addColumn("account_id", "text", (c) => c.notNull().references("account.id"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("tool", "text", (c) => c.notNull())
    .addColumn("arguments", "text", (c) => c.notNull())
    .addColumn("era", "text", (c) => c.notNull())
    .addColumn("created_at", bigint, (c) => c.notNull())
    .execute();
  await db.schema.createIndex("saved_call_by_workspace").on("saved_call").columns(["workspace_id", "tool", "created_at"]).execute();
}
