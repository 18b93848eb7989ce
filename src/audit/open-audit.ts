import { BootError } from "../errors.ts";
import { openLedgerReader, type LedgerRow, type StoreOptions } from "../store/index.ts";
import { parseSearch, searchLedger, type SearchPage } from "./search/index.ts";
import { proveRecord, type InclusionProof } from "./prove.ts";
import { parseVerifierKey, readCheckpoints, checkpointOf } from "./checkpoints/index.ts";
import { exportLine, pagesOfExport } from "./export.ts";
import { pagesOf, verifyRecords, type KnownRoot, type Verification } from "./verify.ts";

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
  /** Throws a sentence when `key` is no key of checkpoints. */
  verify(against?: VerifyOptions): Promise<Verification>;
  /** Every record as a line of an export, with the text that the hashes are over. */
  export(): AsyncIterable<string>;
  /** That a record is in the ledger as it is now; undefined when there is no such record. */
  prove(seq: number): Promise<InclusionProof | undefined>;
  close(): Promise<void>;
}

export interface VerifyOptions {
  /** A root that was noted earlier. */
  readonly known?: KnownRoot | undefined;
  /** The public key of the checkpoints, `NAME+HASH+KEY`; their signatures are checked with it. */
  readonly key?: string | undefined;
  readonly onProgress?: ((records: number) => void) | undefined;
}

/** The same for a file that was exported, without a server or a store. Throws a sentence when a line is no record. */
export async function verifyExport(path: string, { key, ...options }: VerifyOptions): Promise<Verification> {
  const verifier = verifierOf(key);
  const checkpoints = [];
  for await (const rows of pagesOfExport(path)) checkpoints.push(...rows.flatMap(({ seq, body }) => checkpointOf(seq, body) ?? []));
  return verifyRecords(pagesOfExport(path), { ...options, checkpoints, verifier });
}

function verifierOf(key: string | undefined) {
  if (key === undefined) return undefined;
  const verifier = parseVerifierKey(key);
  if (verifier === undefined) throw new BootError(["this is no key of checkpoints; remit audit key prints it"]);
  return verifier;
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
    async verify({ key, ...options } = {}) {
      return verifyRecords(pagesOf(reader), { ...options, checkpoints: await readCheckpoints(reader), verifier: verifierOf(key) });
    },
    async *export() {
      for await (const rows of pagesOf(reader)) for (const row of rows) yield exportLine(row);
    },
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
