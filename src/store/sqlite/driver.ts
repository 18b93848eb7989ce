import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  InsertQueryNode,
  type QueryResult,
  SelectQueryNode,
  UpdateQueryNode,
  DeleteQueryNode,
} from "kysely";
import type { SqliteConnection } from "./connection.ts";
import { createGroupWriter, type GroupWriter } from "./group-writer.ts";
import type { WalSync } from "./wal-sync.ts";
import { createWriteLock, type WriteLock } from "./write-lock.ts";

const LOCK_TIMEOUT_MS = 5_000;

/** A Kysely connection over the shared pair; it holds the write lock while it is in a transaction. */
interface Session extends DatabaseConnection {
  inTransaction: boolean;
}

interface Pair {
  readonly writer: SqliteConnection;
  readonly reader: SqliteConnection;
  readonly lock: WriteLock;
}

/** Kysely's driver, and beside it the writes that need no transaction of their own. */
export interface SqliteDriver extends Driver {
  readonly group: GroupWriter;
}

/**
 * One writing and one reading connection behind Kysely's driver. Writes and transactions take turns; a query outside
 * a transaction reads the last committed state and so never waits for a transaction that someone left open.
 */
export function createSqliteDriver(writer: SqliteConnection, reader: SqliteConnection, wal: WalSync): SqliteDriver {
  const pair: Pair = { writer, reader, lock: createWriteLock(LOCK_TIMEOUT_MS) };
  const sessions = new WeakMap<DatabaseConnection, Session>();

  function sessionOf(connection: DatabaseConnection): Session {
    const session = sessions.get(connection);
    if (session === undefined) throw new Error("This connection belongs to another database.");
    return session;
  }

  return {
    group: createGroupWriter({ writer, lock: pair.lock, wal }),
    init: async () => {},
    async acquireConnection() {
      const session = createSession(pair);
      sessions.set(session, session);
      return session;
    },
    beginTransaction: (connection) => begin(pair, sessionOf(connection)),
    // When the commit fails the transaction is still open: Kysely rolls it back.
    async commitTransaction(connection) {
      writer.exec("commit");
      endTransaction(pair, sessionOf(connection));
    },
    rollbackTransaction: (connection) => rollback(pair, sessionOf(connection)),
    savepoint: (connection, name) => runSavepoint(connection, "savepoint", name),
    rollbackToSavepoint: (connection, name) => runSavepoint(connection, "rollback to", name),
    releaseSavepoint: (connection, name) => runSavepoint(connection, "release", name),
    releaseConnection: (connection) => rollback(pair, sessionOf(connection)),
    async destroy() {
      await wal.close();
      reader.close();
      writer.close();
    },
  };
}

function createSession({ writer, reader, lock }: Pair): Session {
  const session: Session = {
    inTransaction: false,
    async executeQuery(query) {
      if (session.inTransaction) return runOn(writer, query);
      if (SelectQueryNode.is(query.query)) return runOn(reader, query);
      await lock.take();
      try {
        return runOn(writer, query);
      } finally {
        lock.release();
      }
    },
    async *streamQuery<R>(query: CompiledQuery) {
      if (!SelectQueryNode.is(query.query)) throw new Error("Only select queries can be streamed.");
      const connection = session.inTransaction ? writer : reader;
      for (const row of connection.iterate(query.sql, query.parameters)) yield { rows: [row as R] };
    },
  };
  return session;
}

async function begin({ writer, lock }: Pair, session: Session): Promise<void> {
  await lock.take();
  try {
    writer.exec("begin immediate");
    session.inTransaction = true;
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function rollback(pair: Pair, session: Session): Promise<void> {
  if (!session.inTransaction) return;
  try {
    // Some faults (a full disk) have already rolled back by themselves.
    if (pair.writer.isTransaction) pair.writer.exec("rollback");
  } finally {
    endTransaction(pair, session);
  }
}

function endTransaction({ lock }: Pair, session: Session): void {
  session.inTransaction = false;
  lock.release();
}

async function runSavepoint(connection: DatabaseConnection, command: string, name: string): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw(`${command} "${name.replaceAll('"', '""')}"`));
}

function runOn<R>(connection: SqliteConnection, query: CompiledQuery): QueryResult<R> {
  const { rows, changes, lastInsertRowid } = connection.run(query.sql, query.parameters);
  if (!isWrite(query.query)) return { rows: rows as R[] };
  return {
    rows: rows as R[],
    numAffectedRows: BigInt(changes),
    ...(lastInsertRowid !== undefined && { insertId: BigInt(lastInsertRowid) }),
  };
}

function isWrite(node: CompiledQuery["query"]): boolean {
  return InsertQueryNode.is(node) || UpdateQueryNode.is(node) || DeleteQueryNode.is(node);
}
