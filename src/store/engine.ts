import type { CompiledQuery, DatabaseIntrospector, DialectAdapter, Driver, Kysely, QueryCompiler } from "kysely";
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
  /** Runs the statements in order, all or none. False, with nothing written, as soon as one writes no row. Durable when it resolves. */
  writeAll(statements: readonly CompiledQuery[]): Promise<boolean>;
  openLedger(): Promise<LedgerStore>;
  close(): Promise<void>;
}
