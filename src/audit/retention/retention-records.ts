import * as z from "zod";
import type { LedgerReader } from "../../store/index.ts";

export const PRUNED_EVENT = "ledger.pruned";
const MARK = `"event":"${PRUNED_EVENT}"`;

/** That records were pruned, as it stands on record: those from `from` up to `through`, but for what proofs need. */
export interface RetentionRecord {
  /** Of the record that it stands in. */
  readonly seq: number;
  readonly from: number;
  readonly through: number;
}

const body = z.object({ kind: z.literal("event"), event: z.literal(PRUNED_EVENT), from: z.number().int(), through: z.number().int() });

/** Undefined for all other records. */
export function retentionOf(seq: number, text: string): RetentionRecord | undefined {
  if (!text.includes(MARK)) return undefined;
  const parsed = body.safeParse(JSON.parse(text));
  return parsed.success ? { seq, from: parsed.data.from, through: parsed.data.through } : undefined;
}

const PAGE = 500;

/** All of them, the oldest first. */
export async function readRetentions(records: Pick<LedgerReader, "head" | "scan">): Promise<readonly RetentionRecord[]> {
  const upTo = (await records.head())?.seq ?? 0;
  const found: RetentionRecord[] = [];
  for (let after = 0; ;) {
    const rows = await records.scan({ after, upTo, contains: [MARK], newestFirst: false }, PAGE);
    found.push(...rows.flatMap(({ seq, body: text }) => retentionOf(seq, text) ?? []));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return found;
    after = last.seq;
  }
}
