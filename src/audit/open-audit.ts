import { openLedgerReader, type LedgerRow, type StoreOptions } from "../store/index.ts";
import { parseSearch, searchLedger, type SearchPage } from "./search/index.ts";
import { proveRecord, type InclusionProof } from "./prove.ts";
import { verifyLedger, type KnownRoot, type Verification } from "./verify.ts";

/** One record with its place in the chain; hashes are hex. The other members are those of its kind. */
export interface AuditRecord {
  readonly seq: number;
  readonly prev_hash: string;
  readonly hash: string;
  readonly [member: string]: unknown;
}

/** The ledger for reading, also while a server writes it. */
export interface Audit {
  /** Sequence number of the newest record, 0 when there is none. */
  records(): Promise<number>;
  /** Up to `limit` records after a sequence number, in order. */
  read(after: number, limit: number): Promise<readonly AuditRecord[]>;
  /**
   * The records that a search such as `tool:list_users outcome:refused since:2h` finds, newest first, or what is wrong with it. `nowMs` is
   * the instant from which `2h` counts back.
   */
  search(query: string, page: SearchPage & { readonly nowMs: number }): Promise<FoundRecords | { readonly problems: readonly string[] }>;
  verify(known?: KnownRoot): Promise<Verification>;
  /** That a record is in the ledger as it is now; undefined when there is no such record. */
  prove(seq: number): Promise<InclusionProof | undefined>;
  close(): Promise<void>;
}

export interface FoundRecords {
  readonly records: readonly AuditRecord[];
  /** Give it as `beforeSeq` for the next page; undefined when there is none. */
  readonly nextBeforeSeq: number | undefined;
}

/** Opens the ledger of a data folder or database. Throws BootError when there is none. */
export async function openAudit(options: StoreOptions): Promise<Audit> {
  const reader = await openLedgerReader(options);
  return {
    records: async () => (await reader.head())?.seq ?? 0,
    async read(after, limit) {
      const rows = await reader.read(after, limit);
      return rows.map(recordOf);
    },
    async search(query, { nowMs, ...page }) {
      const search = parseSearch(query, nowMs);
      if ("problems" in search) return search;
      const { rows, nextBeforeSeq } = await searchLedger(reader, search, page);
      return { records: rows.map(({ row }) => recordOf(row)), nextBeforeSeq };
    },
    verify: (known) => verifyLedger(reader, known),
    prove: (seq) => proveRecord(reader, seq),
    close: () => reader.close(),
  };
}

function recordOf({ seq, prev, hash, body }: LedgerRow): AuditRecord {
  return {
    seq,
    ...(JSON.parse(body) as object),
    prev_hash: Buffer.from(prev).toString("hex"),
    hash: Buffer.from(hash).toString("hex"),
  };
}
