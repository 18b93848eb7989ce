import * as z from "zod";
import type { LedgerReader } from "../../store/index.ts";

/** A checkpoint as it stands on record. The tree that it signs ends before the record itself. */
export interface CheckpointRecord {
  /** Of the record that it stands in. */
  readonly seq: number;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** Roots of the perfect subtrees, hex, the largest first: from them the tree goes on. */
  readonly peaks: readonly string[];
  readonly note: string;
}

export const CHECKPOINT_EVENT = "ledger.checkpoint";
const MARK = `"event":"${CHECKPOINT_EVENT}"`;

const body = z.object({
  kind: z.literal("event"),
  event: z.literal(CHECKPOINT_EVENT),
  size: z.number().int(),
  root: z.string(),
  peaks: z.array(z.string()),
  note: z.string(),
});

/** The checkpoint in a record; undefined for all other records. */
export function checkpointOf(seq: number, text: string): CheckpointRecord | undefined {
  if (!text.includes(MARK)) return undefined;
  const parsed = body.safeParse(JSON.parse(text));
  if (!parsed.success) return undefined;
  const { size, root, peaks, note } = parsed.data;
  return { seq, size, root, peaks, note };
}

const PAGE = 500;

/** Every checkpoint on record, the oldest first. */
export async function readCheckpoints(records: Pick<LedgerReader, "head" | "scan">): Promise<readonly CheckpointRecord[]> {
  const upTo = (await records.head())?.seq ?? 0;
  const found: CheckpointRecord[] = [];
  for (let after = 0; ;) {
    const rows = await records.scan({ after, upTo, contains: [MARK], newestFirst: false }, PAGE);
    found.push(...rows.flatMap(({ seq, body: text }) => checkpointOf(seq, text) ?? []));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return found;
    after = last.seq;
  }
}

/** The newest checkpoint on record. */
export async function newestCheckpoint(records: Pick<LedgerReader, "head" | "scan">): Promise<CheckpointRecord | undefined> {
  for (let upTo = (await records.head())?.seq ?? 0; upTo > 0;) {
    const [row] = await records.scan({ after: 0, upTo, contains: [MARK], newestFirst: true }, 1);
    if (row === undefined) return undefined;
    const checkpoint = checkpointOf(row.seq, row.body);
    if (checkpoint !== undefined) return checkpoint;
    // The arguments of a call can hold the same text.
    upTo = row.seq - 1;
  }
  return undefined;
}
