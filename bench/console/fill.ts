import { openLedger } from "../../src/audit/index.ts";
import { additionsOf, createCells } from "../../src/audit/usage/cells.ts";
import { keptFrom } from "../../src/audit/usage/counter.ts";
import { openStore } from "../../src/store/index.ts";
import { createCalls } from "../usage/calls.ts";

export interface Filling {
  readonly dataDir: string;
  readonly workspaceId: string;
  /** Calls that are counted into the roll-ups, over 30 days. */
  readonly calls: number;
  /** Of these on record. */
  readonly records: number;
  /** Epoch milliseconds at which the last call was made. */
  readonly now: number;
}

const HOUR_MS = 3_600_000;
const HOURS = 30 * 24;
const CHAIN = "main";

/** Fills the data folder of a server that was started once, and is stopped. */
export async function fillEvidence({ dataDir, workspaceId, calls, records, now }: Filling): Promise<void> {
  const store = await openStore({ dataDir });
  const rows = await store.openLedger();
  const ledger = await openLedger(rows);
  const bodyOf = createCalls(workspaceId);
  let fromSeq = (await store.usage.progress(CHAIN))?.through_seq ?? 0;
  const start = now - HOURS * HOUR_MS;
  let done = 0;
  for (let hour = 1; hour <= HOURS; hour++) {
    const cells = createCells(({ client, protocol }) => [client, protocol]);
    const bodies: string[] = [];
    const until = Math.round((calls * hour) / HOURS);
    for (const first = done; done < until; done++) {
      const at = start + (hour - 1) * HOUR_MS + Math.floor(((done - first) / (until - first)) * HOUR_MS);
      const body = bodyOf(done + 1, at);
      cells.count({ body });
      if (Math.floor((done * records) / calls) < Math.floor(((done + 1) * records) / calls)) bodies.push(body);
    }
    await Promise.all(bodies.map((body) => ledger.append({ kind: "call", ref: null, body })));
    const through_seq = (await rows.head())?.seq ?? 0;
    await store.usage.add(await additionsOf(cells.list(), keptFrom(now)), { chain: CHAIN, fromSeq, through_seq, first_at: start });
    fromSeq = through_seq;
  }
  await ledger.close();
  await store.close();
}
