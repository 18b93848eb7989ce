import { type CompiledQuery, type Driver, PostgresAdapter, PostgresDriver, PostgresIntrospector, PostgresQueryCompiler, sql } from "kysely";
import { createStore } from "../create-store.ts";
import type { Engine } from "../engine.ts";
import type { Store } from "../index.ts";
import type { StoreOptions } from "../open.ts";
import { connectPool } from "./connect.ts";
import { DEFAULT_CHAIN } from "./ledger-sql.ts";
import { openPostgresLedger } from "./ledger.ts";
import { lockKey } from "./lock-key.ts";

export { openPostgresLedgerReader } from "./ledger-reader.ts";

const MAX_CONNECTIONS = 10;

/** A PostgreSQL database, which any number of processes may share. */
export async function openPostgresStore(options: StoreOptions): Promise<Store> {
  const url = options.databaseUrl ?? "";
  const pool = await connectPool(url, MAX_CONNECTIONS);
  const driver: Driver = new PostgresDriver({ pool });
  await driver.init();
  const engine: Engine = {
    driver: sharedDriver(driver),
    migrationContext: (db) => ({
      bigint: "bigint",
      bytes: "bytea",
      bytewise: sql`text collate "C"`,
      createTable: (name) => db.schema.createTable(name),
    }),
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    async holdName(trx, name) {
      await sql`select pg_advisory_xact_lock(${lockKey("hold", name)})`.execute(trx);
    },
    writeAll: (statements) => writeAll(driver, statements),
    openLedger: () => openPostgresLedger(url, options.nodeId ?? DEFAULT_CHAIN),
    close: () => driver.destroy(),
  };
  return createStore(engine);
}

async function writeAll(driver: Driver, statements: readonly CompiledQuery[]): Promise<boolean> {
  const connection = await driver.acquireConnection();
  try {
    await driver.beginTransaction(connection, {});
    for (const statement of statements) {
      const { numAffectedRows = 0n } = await connection.executeQuery(statement);
      if (numAffectedRows > 0n) continue;
      await driver.rollbackTransaction(connection);
      return false;
    }
    await driver.commitTransaction(connection);
    return true;
  } catch (error) {
    // The connection may be what failed; the first fault says more.
    await driver.rollbackTransaction(connection).catch(() => undefined);
    throw error;
  } finally {
    await driver.releaseConnection(connection);
  }
}

/** The driver without its beginning and end, which are the store's. */
function sharedDriver(driver: Driver): Driver {
  return {
    init: async () => {},
    acquireConnection: (options) => driver.acquireConnection(options),
    beginTransaction: (connection, settings) => driver.beginTransaction(connection, settings),
    commitTransaction: (connection) => driver.commitTransaction(connection),
    rollbackTransaction: (connection) => driver.rollbackTransaction(connection),
    savepoint: async (connection, name, compile) => driver.savepoint?.(connection, name, compile),
    rollbackToSavepoint: async (connection, name, compile) => driver.rollbackToSavepoint?.(connection, name, compile),
    releaseSavepoint: async (connection, name, compile) => driver.releaseSavepoint?.(connection, name, compile),
    releaseConnection: (connection, options) => driver.releaseConnection(connection, options),
    destroy: async () => {},
  };
}
