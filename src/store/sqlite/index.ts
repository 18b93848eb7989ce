import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";
import { createStore } from "../create-store.ts";
import type { Engine } from "../engine.ts";
import type { Store } from "../index.ts";
import type { StoreOptions } from "../open.ts";
import { createConnection, type SqliteConnection } from "./connection.ts";
import { createSqliteDriver } from "./driver.ts";
import { lockFolder, openOrExplain, prepareFile, prepareFolder } from "./files.ts";
import { createWalSync, type WalSync } from "./wal-sync.ts";
import { openSqliteLedger } from "./ledger.ts";

export { copyDatabases, databasesOf } from "./backup.ts";
export { lockFolder, prepareFolder, type FolderLock } from "./files.ts";
export { openSqliteLedgerReader } from "./ledger-reader.ts";

/** The embedded database in the data folder, which it owns until closed. */
export async function openSqliteStore(options: StoreOptions): Promise<Store> {
  prepareFolder(options.dataDir);
  const lock = lockFolder(options.dataDir);
  try {
    const path = prepareFile(options.dataDir, "remit.db");
    const writer = openOrExplain(path, () => createConnection(path, false));
    const reader = openOrExplain(path, () => createConnection(path, true));
    return createStore(createSqliteEngine({ writer, reader, wal: createWalSync(path) }, { ...options, release: () => lock.release() }));
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Files {
  readonly writer: SqliteConnection;
  readonly reader: SqliteConnection;
  readonly wal: WalSync;
}

function createSqliteEngine({ writer, reader, wal }: Files, options: StoreOptions & { release: () => void }): Engine {
  const driver = createSqliteDriver(writer, reader, wal);
  return {
    driver: { ...driver, destroy: async () => {} },
    migrationContext: (db) => ({
      bigint: "integer",
      bytes: "blob",
      bytewise: "text",
      createTable: (name) => db.schema.createTable(name).modifyEnd(sql`strict`),
    }),
    createAdapter: () => new SqliteTransactionalAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    // Every transaction already has the database for itself.
    holdName: async () => {},
    writeAll: (statements) => driver.group.write(statements),
    openLedger: () => openSqliteLedger(options),
    async close() {
      await driver.destroy();
      options.release();
    },
  };
}

/** Several sessions share the connections, and tables are made inside transactions, which SQLite can do. */
class SqliteTransactionalAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
