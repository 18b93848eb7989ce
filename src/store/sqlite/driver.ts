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
import { createWriteLock } from "./write-lock.ts";

const LOCK_TIMEOUT_MS = 5_000;

/** A Kysely connection over the shared pair; it holds the write lock while it is in a transaction. */
interface Session extends DatabaseConnection {
  inTransaction: boolean;
}

/**
 * One writing and one reading connection behind Kysely's driver. Writes and transactions take turns; a query outside
 * a transaction reads the last committed state and so never waits for a transaction that someone left open.
 */
export function createSqliteDriver(writer: SqliteConnection, reader: SqliteConnection): Driver {
  const lock = createWriteLock(LOCK_TIMEOUT_MS);
  const sessions = new WeakMap<DatabaseConnection, Session>();

  async function execute<R>(session: Session, query: CompiledQuery): Promise<QueryResult<R>> {
    if (session.inTransaction) return runOn(writer, query);
    if (SelectQueryNode.is(query.query)) return runOn(reader, query);
    await lock.take();
    try {
      return runOn(writer, query);
    } finally {
      lock.release();
    }
  }

  function createSession(): Session {
    const session: Session = {
      inTransaction: false,
      executeQuery: (query) => execute(session, query),
      async *streamQuery(query) {
        if (!SelectQueryNode.is(query.query)) throw new Error("Only select queries can be streamed.");
        const connection = session.inTransaction ? writer : reader;
        for (const row of connection.iterate(query.sql, query.parameters)) yield { rows: [row as never] };
      },
    };
    sessions.set(session, session);
    return session;
  }

  function sessionOf(connection: DatabaseConnection): Session {
    const session = sessions.get(connection);
    if (session === undefined) throw new Error("This connection belongs to another database.");
    return session;
  }

  function endTransaction(session: Session): void {
    session.inTransaction = false;
    lock.release();
  }

  async function rollback(connection: DatabaseConnection): Promise<void> {
    const session = sessionOf(connection);
    if (!session.inTransaction) return;
    try {
      // Some faults (a full disk) have already rolled back by themselves.
      if (writer.isTransaction) writer.exec("rollback");
    } finally {
      endTransaction(session);
    }
  }

  return {
    init: async () => {},
    acquireConnection: async () => createSession(),
    async beginTransaction(connection) {
      const session = sessionOf(connection);
      await lock.take();
      session.inTransaction = true;
      try {
        writer.exec("begin immediate");
      } catch (error) {
        endTransaction(session);
        throw error;
      }
    },
    // When the commit fails the transaction is still open: Kysely rolls it back.
    async commitTransaction(connection) {
      writer.exec("commit");
      endTransaction(sessionOf(connection));
    },
    rollbackTransaction: rollback,
    savepoint: (connection, name) => runSavepoint(connection, "savepoint", name),
    rollbackToSavepoint: (connection, name) => runSavepoint(connection, "rollback to", name),
    releaseSavepoint: (connection, name) => runSavepoint(connection, "release", name),
    releaseConnection: rollback,
    async destroy() {
      reader.close();
      writer.close();
    },
  };
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
