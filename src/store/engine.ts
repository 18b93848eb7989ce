import type { DatabaseIntrospector, DialectAdapter, Driver, Kysely, QueryCompiler } from "kysely";
import type { LedgerStore } from "./index.ts";
import type { MigrationContext } from "./tables-module.ts";
import type { CoreTables } from "./tables.ts";

/** What differs between the databases. All else in this folder is written once. */
export interface Engine {
  /** Open already and shared by every handle; only `close` closes it. */
  readonly driver: Driver;
  migrationContext(db: Kysely<unknown>): MigrationContext;
  createAdapter(): DialectAdapter;
  createQueryCompiler(): QueryCompiler;
  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector;
  /** Within a transaction: waits until no other process is in a transaction that holds this name. */
  holdName(trx: Kysely<CoreTables>, name: string): Promise<void>;
  openLedger(): Promise<LedgerStore>;
  close(): Promise<void>;
}
