import { openLedgerReader, type StoreOptions } from "../store/index.ts";
import { verifyLedger, type Verification } from "./verify.ts";

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
  verify(): Promise<Verification>;
  close(): Promise<void>;
}

/** Opens the ledger of a data folder or database. Throws BootError when there is none. */
export async function openAudit(options: StoreOptions): Promise<Audit> {
  const reader = await openLedgerReader(options);
  return {
    records: async () => (await reader.head())?.seq ?? 0,
    async read(after, limit) {
      const rows = await reader.read(after, limit);
      return rows.map(({ seq, prev, hash, body }) => ({
        seq,
        ...(JSON.parse(body) as object),
        prev_hash: Buffer.from(prev).toString("hex"),
        hash: Buffer.from(hash).toString("hex"),
      }));
    },
    verify: () => verifyLedger(reader),
    close: () => reader.close(),
  };
}
