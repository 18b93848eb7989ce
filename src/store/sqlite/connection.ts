import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

const MAX_CACHED_STATEMENTS = 256;
const BUSY_TIMEOUT_MS = 5_000;

/** One SQLite connection with a cache of prepared statements. */
export interface SqliteConnection {
  readonly isTransaction: boolean;
  exec(sql: string): void;
  /** Runs one statement. `changes` counts the rows written, also when rows are returned. */
  run(sql: string, parameters: readonly unknown[]): SqliteResult;
  /** Reads row by row. The statement is not shared, so that other queries may run between two rows. */
  iterate(sql: string, parameters: readonly unknown[]): Iterable<Record<string, unknown>>;
  close(): void;
}

export interface SqliteResult {
  readonly rows: Record<string, unknown>[];
  readonly changes: number | bigint;
  readonly lastInsertRowid: number | bigint | undefined;
}

interface CachedStatement {
  readonly statement: StatementSync;
  readonly isReader: boolean;
}

/** Opens a durable connection: what is committed survives a power loss (WAL with a sync on each commit). */
export function createConnection(path: string, readOnly: boolean): SqliteConnection {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, readOnly, enableForeignKeyConstraints: true });
  try {
    // A read-only connection takes the file's journal mode as it is.
    db.exec(readOnly ? "pragma query_only = on" : "pragma journal_mode = wal; pragma synchronous = full");
    db.exec("pragma trusted_schema = off");
    db.prepare("select count(*) from sqlite_schema").get();
  } catch (error) {
    db.close();
    throw error;
  }
  return connectionOver(db);
}

function connectionOver(db: DatabaseSync): SqliteConnection {
  const cache = new Map<string, CachedStatement>();
  function prepare(sql: string): CachedStatement {
    let cached = cache.get(sql);
    if (cached !== undefined) {
      cache.delete(sql);
    } else {
      const statement = db.prepare(sql);
      cached = { statement, isReader: statement.columns().length > 0 };
    }
    // Deleting and setting again keeps the map in order of last use.
    cache.set(sql, cached);
    if (cache.size > MAX_CACHED_STATEMENTS) cache.delete(cache.keys().next().value ?? "");
    return cached;
  }
  return {
    get isTransaction() {
      return db.isTransaction;
    },
    exec: (sql) => db.exec(sql),
    run(sql, parameters) {
      const { statement, isReader } = prepare(sql);
      const values = parameters.map(toSqlite);
      if (!isReader) return { rows: [], ...statement.run(...values) };
      // Copied into plain objects, as the other engine gives them.
      const rows = statement.all(...values).map((row) => ({ ...row }));
      return { rows, changes: rows.length, lastInsertRowid: undefined };
    },
    *iterate(sql, parameters) {
      for (const row of db.prepare(sql).iterate(...parameters.map(toSqlite))) yield { ...row };
    },
    close() {
      cache.clear();
      if (db.isOpen) db.close();
    },
  };
}

/** What SQLite can store of a value. Each is bound by position: an object as first argument would be taken for named parameters. */
function toSqlite(value: unknown): SQLInputValue {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
      return value;
    case "boolean":
      return value ? 1 : 0;
    case "undefined":
      return null;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw new TypeError(
        "Only text, numbers, flags, bytes and null can be stored. Store an instant as epoch milliseconds and JSON as text.",
      );
  }
}
