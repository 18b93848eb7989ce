import { BootError } from "../errors.ts";
import { openLedgerReader, type LedgerReader, type LedgerRow, type StoreOptions } from "../store/index.ts";
import { parseSearch, searchLedger, type SearchPage } from "./search/index.ts";
import { readAnchors } from "./anchor/index.ts";
import { createProver, proveConsistency, type ConsistencyProof, type InclusionProof, type Prover } from "./prove.ts";
import { parseVerifierKey, readCheckpoints, checkpointOf } from "./checkpoints/index.ts";
import { exportLine, pagesOfExport } from "./export.ts";
import { readRetentions, retentionOf } from "./retention/index.ts";
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
  /** Every record as a line of an export, with the text that the hashes are over; or those that `keep` takes. */
  export(keep?: (row: Pick<LedgerRow, "seq" | "body">) => boolean): AsyncIterable<string>;
  /** That a record is in the ledger as it is now; undefined when there is no such record. */
  prove(seq: number): Promise<InclusionProof | undefined>;
  /** That a record is under the root of the newest checkpoint; undefined while none covers it. */
  readonly proveSigned: Prover["proveSigned"];
  /** That the ledger goes on from its first `records` records; undefined when there are not so many. */
  proveConsistency(records: number): Promise<ConsistencyProof | undefined>;
  close(): Promise<void>;
}

export interface VerifyOptions {
  /** Roots that were noted or anchored earlier. */
  readonly known?: readonly KnownRoot[] | undefined;
  /** The public key of the checkpoints, `NAME+HASH+KEY`; their signatures are checked with it. */
  readonly key?: string | undefined;
  /** File of anchored checkpoints; their roots are compared, and with `key` their signatures. */
  readonly anchors?: string | undefined;
  readonly onProgress?: ((records: number) => void) | undefined;
}

/** The same for a file that was exported, without a server or a store. Throws a sentence when a line is no record. */
export async function verifyExport(path: string, options: VerifyOptions): Promise<Verification> {
  const given = await readOptions(options);
  const checkpoints = [];
  const retentions = [];
  for await (const rows of pagesOfExport(path)) {
    checkpoints.push(...rows.flatMap(({ seq, body }) => checkpointOf(seq, body) ?? []));
    retentions.push(...rows.flatMap(({ seq, body }) => retentionOf(seq, body) ?? []));
  }
  return verifyRecords(pagesOfExport(path), { ...given, checkpoints, retentions });
}

/** What the options name, read. */
async function readOptions({ key, anchors, known = [], onProgress }: VerifyOptions) {
  const verifier = verifierOf(key);
  const anchored = anchors === undefined ? [] : await readAnchors(anchors, verifier);
  return { verifier, known: [...known, ...anchored], onProgress };
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
  return { ...auditOf(reader), close: () => reader.close() };
}

/** The same over a chain that is open already. */
export function auditOf(reader: Omit<LedgerReader, "openIntents" | "close">): Omit<Audit, "close"> {
  const prover = createProver(reader);
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
    async verify(options = {}) {
      const given = await readOptions(options);
      const [checkpoints, retentions] = [await readCheckpoints(reader), await readRetentions(reader)];
      return verifyRecords(pagesOf(reader), { ...given, checkpoints, retentions });
    },
    async *export(keep = () => true) {
      for await (const rows of pagesOf(reader)) for (const row of rows) if (keep(row)) yield exportLine(row);
    },
    ...prover,
    proveConsistency: (records) => proveConsistency(reader, records),
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
