import type pg from "pg";
import { BootError } from "../../errors.ts";
import type { LedgerRow, LedgerStore } from "../index.ts";
import { connectClient, connectPool } from "./connect.ts";
import { createLedgerReader, LEDGER_READERS } from "./ledger-reader.ts";
import { CREATE_TABLE, HEAD, INSERT, PRUNE } from "./ledger-sql.ts";
import { lockKey } from "./lock-key.ts";

/** The connection that holds the chain's lock: whoever has it is the one writer. */
interface Writer {
  readonly client: pg.Client;
  lastSeq: number;
}

/** Opens the chain for writing, on connections of its own. Throws a BootError when another process writes to it. */
export async function openPostgresLedger(url: string, chain: string): Promise<LedgerStore> {
  let writer: Writer | undefined = await openWriter(url, chain);
  const reader = createLedgerReader(await connectPool(url, LEDGER_READERS), chain);
  let isClosed = false;
  /** Batches are written in the order they came. */
  let last: Promise<void> = Promise.resolve();

  async function write(act: (to: Writer) => Promise<void>): Promise<void> {
    writer ??= await openWriter(url, chain);
    try {
      await act(writer);
    } catch (error) {
      // A lost connection has lost the lock too, and a failed commit may have been made: begin anew from what is stored.
      const lost = writer;
      writer = undefined;
      await lost.client.end().catch(() => undefined);
      throw error;
    }
  }

  function inTurn(act: (to: Writer) => Promise<void>): Promise<void> {
    if (isClosed) return Promise.reject(new Error("The ledger is closed."));
    const done = last.then(() => write(act));
    last = done.catch(() => undefined);
    return done;
  }

  return {
    head: () => reader.head(),
    read: (after, limit) => reader.read(after, limit),
    scan: (range, limit) => reader.scan(range, limit),
    openIntents: () => reader.openIntents(),
    append(rows) {
      if (rows.length === 0) return Promise.resolve();
      return inTurn(async (to) => {
        const lastSeq = requireOrder(rows, to.lastSeq);
        await insert(to.client, chain, rows);
        to.lastSeq = lastSeq;
      });
    },
    prune(rows) {
      if (rows.length === 0) return Promise.resolve();
      return inTurn(async ({ client }) => {
        await client.query(PRUNE, [chain, rows.map(({ seq }) => seq), rows.map(({ body }) => body)]);
      });
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await last;
      await writer?.client.end();
      await reader.close();
    },
  };
}

async function openWriter(url: string, chain: string): Promise<Writer> {
  const client = await connectClient(url);
  try {
    const { rows: locks } = await client.query<{ taken: boolean }>("select pg_try_advisory_lock($1) as taken", [lockKey("ledger", chain)]);
    if (locks[0]?.taken !== true) {
      throw new BootError([
        `Another Remit server writes the ledger chain "${chain}" of this database. Stop it, or give each node its own id.`,
      ]);
    }
    // Writers of different chains may start together.
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock($1)", [lockKey("ledger", "table")]);
    await client.query(CREATE_TABLE);
    await client.query("commit");
    await client.query("set synchronous_commit = on");
    const { rows } = await client.query<{ seq: number }>(HEAD, [chain]);
    return { client, lastSeq: rows[0]?.seq ?? 0 };
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** The number of the last row. Throws when the rows do not follow one another and `lastSeq`. */
function requireOrder(rows: readonly LedgerRow[], lastSeq: number): number {
  let last = lastSeq;
  for (const row of rows) {
    if (row.seq !== last + 1) throw new Error(`The ledger was not written: it ends at ${last}, ${row.seq} cannot follow.`);
    last = row.seq;
  }
  return last;
}

async function insert(client: pg.Client, chain: string, rows: readonly LedgerRow[]): Promise<void> {
  await client.query({
    name: "ledger-append",
    text: INSERT,
    values: [
      chain,
      rows.map((row) => row.seq),
      rows.map((row) => bufferOf(row.prev)),
      rows.map((row) => bufferOf(row.hash)),
      rows.map((row) => row.kind),
      rows.map((row) => row.ref),
      rows.map((row) => row.body),
    ],
  });
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
