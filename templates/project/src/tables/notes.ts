import { defineTables, type MigrationContext } from "remit";

export interface NoteTables {
  note: {
    readonly id: string;
    readonly workspace_id: string;
    readonly text: string;
    /** Epoch milliseconds. */
    readonly created_at: number;
    /** Set while it is deleted and can be brought back. */
    readonly deleted_at: number | null;
  };
}

/** Every query of a tool is confined to the rows of the caller's workspace, whatever it says. */
export const noteTables = defineTables<NoteTables>({
  name: "notes",
  tables: ["note"],
  migrations: {
    async "0001-note"(_db, { bigint, createTable }: MigrationContext) {
      await createTable("note")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("workspace_id", "text", (column) => column.notNull())
        .addColumn("text", "text", (column) => column.notNull())
        .addColumn("created_at", bigint, (column) => column.notNull())
        .addColumn("deleted_at", bigint)
        .execute();
    },
  },
});
