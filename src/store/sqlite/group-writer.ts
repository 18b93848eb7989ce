import type { CompiledQuery } from "kysely";
import type { SqliteConnection } from "./connection.ts";
import type { WalSync } from "./wal-sync.ts";
import type { WriteLock } from "./write-lock.ts";

/** Writes that are made all or none, each with its statements known beforehand. */
export interface GroupWriter {
  /** Runs the statements in order. False, with nothing written, as soon as one writes no row. Rejects when they fail; then nothing is written. */
  write(statements: readonly CompiledQuery[]): Promise<boolean>;
}

interface Job {
  readonly statements: readonly CompiledQuery[];
  readonly resolve: (isWritten: boolean) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly isWritten: boolean } | { readonly error: unknown };

const MAX_GROUP = 256;
/** A group waits for so many turns of the event loop at most. */
const MAX_TURNS = 4;

export interface GroupWriterDeps {
  readonly writer: SqliteConnection;
  readonly lock: WriteLock;
  readonly wal: Pick<WalSync, "sync">;
}

/**
 * What arrives together is committed together and waits for the disk once, beside the event loop. No job undoes another. When the disk fails at
 * the very end a job rejects whose rows may be there all the same.
 */
export function createGroupWriter({ writer, lock, wal }: GroupWriterDeps): GroupWriter {
  let waiting: Job[] = [];
  let isWriting = false;

  async function gather(): Promise<Job[]> {
    for (let turn = 0, before = -1; turn < MAX_TURNS && waiting.length > before; turn++) {
      before = waiting.length;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    const group = waiting.slice(0, MAX_GROUP);
    waiting = waiting.slice(MAX_GROUP);
    return group;
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const group = await gather();
      try {
        await lock.take();
      } catch (error) {
        for (const { reject } of group) reject(error);
        continue;
      }
      let settle: Settle;
      try {
        settle = commit(writer, group);
      } finally {
        lock.release();
      }
      await wal.sync().then(() => settle(undefined), settle);
    }
    isWriting = false;
  }

  return {
    write(statements) {
      return new Promise((resolve, reject) => {
        waiting.push({ statements, resolve, reject });
        if (isWriting) return;
        isWriting = true;
        void writeAll();
      });
    },
  };
}

/** Settles every job of a group; with an error when the disk failed. */
type Settle = (error: unknown) => void;

/** Never throws. What it commits is on its way to the disk but not there yet. */
function commit(writer: SqliteConnection, group: readonly Job[]): Settle {
  let outcomes: readonly Outcome[];
  try {
    // Else the commit would wait for the disk here; the wait is for us to do.
    writer.exec("pragma synchronous = normal; begin immediate");
    outcomes = group.map(({ statements }) => runOne(writer, statements));
    writer.exec("commit");
  } catch (error) {
    rollBack(writer);
    outcomes = group.map(() => ({ error }));
  }
  restoreSync(writer);
  return (error) => {
    group.forEach(({ resolve, reject }, index) => {
      const outcome = error === undefined ? outcomes[index] : { error };
      if (outcome !== undefined && "isWritten" in outcome) resolve(outcome.isWritten);
      else reject(outcome?.error);
    });
  };
}

/** All other writes wait for the disk by themselves. */
function restoreSync(writer: SqliteConnection): void {
  try {
    writer.exec("pragma synchronous = full");
  } catch {
    // The connection was closed.
  }
}

function rollBack(writer: SqliteConnection): void {
  try {
    // Some faults (a full disk) have already rolled back by themselves.
    if (writer.isTransaction) writer.exec("rollback");
  } catch {
    // A connection that cannot even do this was closed; what it had not committed is gone with it.
  }
}

/** Throws only when the whole transaction is lost. */
function runOne(writer: SqliteConnection, statements: readonly CompiledQuery[]): Outcome {
  writer.exec("savepoint job");
  try {
    const isWritten = statements.every(({ sql, parameters }) => Number(writer.run(sql, parameters).changes) > 0);
    writer.exec(isWritten ? "release job" : "rollback to job; release job");
    return { isWritten };
  } catch (error) {
    if (!writer.isTransaction) throw error;
    writer.exec("rollback to job; release job");
    return { error };
  }
}
