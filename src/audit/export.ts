import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import * as z from "zod";
import type { LedgerRow } from "../store/index.ts";

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const line = z.object({
  seq: z.number().int().positive(),
  kind: z.string(),
  ref: z.string().nullable(),
  /** As it was written: the hashes are over this text. */
  body: z.string(),
  prev_hash: hex,
  hash: hex,
});

/** A record as a line of an export. */
export function exportLine({ seq, kind, ref, body, prev, hash }: LedgerRow): string {
  const [before, own] = [Buffer.from(prev).toString("hex"), Buffer.from(hash).toString("hex")];
  return JSON.stringify({ seq, kind, ref, body, prev_hash: before, hash: own } satisfies z.infer<typeof line>);
}

const PAGE = 1000;

/** The records of an export, in pages. Throws a sentence that names the first line that is none. */
export async function* pagesOfExport(path: string): AsyncGenerator<readonly LedgerRow[]> {
  let rows: LedgerRow[] = [];
  let count = 0;
  for await (const text of createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Number.POSITIVE_INFINITY })) {
    count++;
    if (text === "") continue;
    rows.push(parseLine(text, count));
    if (rows.length < PAGE) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

function parseLine(text: string, count: number): LedgerRow {
  const parsed = line.safeParse(jsonOf(text));
  if (!parsed.success) throw new Error(`line ${count} is no record of an export`);
  const { prev_hash: prev, hash, kind, ...rest } = parsed.data;
  return { ...rest, kind, prev: Buffer.from(prev, "hex"), hash: Buffer.from(hash, "hex") };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
