import { existsSync } from "node:fs";
import { join } from "node:path";
import { BootError } from "../../errors.ts";
import type { LedgerReader, LedgerRow } from "../index.ts";
import type { StoreOptions } from "../open.ts";
import { createConnection } from "./connection.ts";
import { openOrExplain } from "./files.ts";

const MAIN_CHAIN = "main";

/** Each chain has a file of its own, so that its sequence number can be the key by which SQLite stores rows anyway. */
export function ledgerFile({ nodeId = MAIN_CHAIN }: StoreOptions): string {
  return nodeId === MAIN_CHAIN ? "ledger.db" : `ledger-${nodeId}.db`;
}

const COLUMNS = "seq, prev, hash, kind, ref, body";
const HEAD = "select seq, hash from ledger_record order by seq desc limit 1";
const READ = `select ${COLUMNS} from ledger_record where seq > ? order by seq limit ?`;
const SCAN = `select ${COLUMNS} from ledger_record where seq > ? and seq <= ?`;
const OPEN_INTENTS = `
  select i.body from ledger_record i
  where i.kind = 'intent' and i.ref is not null and not exists (
    select 1 from ledger_record o where o.kind = 'outcome' and o.ref = i.ref)
  order by i.seq`;

/** Reads a ledger file, also while a server writes to it. */
export function createLedgerReader(path: string): LedgerReader {
  const connection = openOrExplain(path, () => createConnection(path, true));
  const all = <T>(sql: string, ...parameters: readonly unknown[]): readonly T[] => connection.run(sql, parameters).rows as readonly T[];
  return {
    head: async () => all<Pick<LedgerRow, "seq" | "hash">>(HEAD)[0],
    read: async (after, limit) => all<LedgerRow>(READ, after, limit),
    async scan({ after, upTo, contains, newestFirst }, limit) {
      const sql = `${SCAN}${" and instr(body, ?) > 0".repeat(contains.length)} order by seq ${newestFirst ? "desc" : "asc"} limit ?`;
      return all<LedgerRow>(sql, after, upTo, ...contains, limit);
    },
    openIntents: async () => all<{ body: string }>(OPEN_INTENTS).map((row) => row.body),
    close: async () => connection.close(),
  };
}

/** The ledger of a data folder, for reading only; needs no claim on the folder. */
export async function openSqliteLedgerReader(options: StoreOptions): Promise<LedgerReader> {
  const path = join(options.dataDir, ledgerFile(options));
  if (!existsSync(path))
    throw new BootError([`There is no ledger in ${options.dataDir}. Set REMIT_DATA to the data folder of a server that has run.`]);
  return createLedgerReader(path);
}
