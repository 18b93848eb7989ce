import type { LedgerReader, Store } from "./index.ts";

/** Where the rows are. Without `databaseUrl` they are in files under `dataDir`. */
export interface StoreOptions {
  readonly dataDir: string;
  /** `postgres://…`; when set, the embedded database is not used. */
  readonly databaseUrl?: string | undefined;
  /** Names this process's ledger chain on a shared database. Default `main`. */
  readonly nodeId?: string | undefined;
}

/** Opens the embedded database or connects to PostgreSQL. Loads only the engine it needs. */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.databaseUrl !== undefined) {
    const { openPostgresStore } = await import("./postgres/index.ts");
    return openPostgresStore(options);
  }
  const { openSqliteStore } = await import("./sqlite/index.ts");
  return openSqliteStore(options);
}

/** Opens the ledger for reading only, also while a server writes it. Throws a BootError when there is none. */
export async function openLedgerReader(options: StoreOptions): Promise<LedgerReader> {
  if (options.databaseUrl !== undefined) {
    const { openPostgresLedgerReader } = await import("./postgres/index.ts");
    return openPostgresLedgerReader(options);
  }
  const { openSqliteLedgerReader } = await import("./sqlite/index.ts");
  return openSqliteLedgerReader(options);
}
