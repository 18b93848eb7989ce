import type pg from "pg";
import { BootError } from "../../errors.ts";
import type { LedgerReader, LedgerRow } from "../index.ts";
import type { StoreOptions } from "../open.ts";
import { connectPool } from "./connect.ts";
import { DEFAULT_CHAIN, HEAD, OPEN_INTENTS, READ, SCAN_NEWEST_FIRST, SCAN_OLDEST_FIRST, TABLE_EXISTS } from "./ledger-sql.ts";

export const LEDGER_READERS = 2;

/** Reads a chain through the pool, which it closes in the end. */
export function createLedgerReader(pool: pg.Pool, chain: string): LedgerReader {
  return {
    head: async () => {
      const { rows } = await pool.query<Pick<LedgerRow, "seq" | "hash">>(HEAD, [chain]);
      return rows[0];
    },
    read: async (after, limit) => (await pool.query<LedgerRow>(READ, [chain, after, limit])).rows,
    async scan({ after, upTo, contains, newestFirst }, limit) {
      const sql = newestFirst ? SCAN_NEWEST_FIRST : SCAN_OLDEST_FIRST;
      return (await pool.query<LedgerRow>(sql, [chain, after, upTo, contains, limit])).rows;
    },
    openIntents: async () => (await pool.query<{ body: string }>(OPEN_INTENTS, [chain])).rows.map((row) => row.body),
    close: () => pool.end(),
  };
}

/** The ledger of a database, for reading only; a server may be writing to it. */
export async function openPostgresLedgerReader(options: StoreOptions): Promise<LedgerReader> {
  const pool = await connectPool(options.databaseUrl ?? "", LEDGER_READERS);
  const { rows } = await pool.query<{ found: boolean }>(TABLE_EXISTS);
  if (rows[0]?.found !== true) {
    await pool.end();
    throw new BootError(["There is no ledger in this database. Give the URL of the database of a server that has run."]);
  }
  return createLedgerReader(pool, options.nodeId ?? DEFAULT_CHAIN);
}
