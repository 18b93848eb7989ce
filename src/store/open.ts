import type { LedgerReader, Store } from "./index.ts";
import type { FolderLock } from "./sqlite/index.ts";

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

/**
 * Copies the files of the embedded database, rows before ledgers, also while a server writes them. `to` is a folder that exists. Returns
 * their names, none when no server has run in `dataDir`.
 */
export async function copyEmbedded(dataDir: string, to: string): Promise<readonly string[]> {
  const { copyDatabases } = await import("./sqlite/index.ts");
  return copyDatabases(dataDir, to);
}

/** Claims a folder, so that no server starts in it; `present` are the databases that are there. Throws BootError when a server uses it. */
export async function claimEmbedded(dataDir: string): Promise<{ readonly lock: FolderLock; readonly present: readonly string[] }> {
  const { databasesOf, lockFolder, prepareFolder } = await import("./sqlite/index.ts");
  prepareFolder(dataDir);
  const lock = lockFolder(dataDir);
  return { lock, present: databasesOf(dataDir) };
}
