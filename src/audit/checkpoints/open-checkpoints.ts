import type { Clock } from "../../lib/clock.ts";
import { createFollower, type FollowerOptions } from "../follow/index.ts";
import type { Ledger } from "../ledger.ts";
import { leafOf } from "../pruned-record.ts";
import { createCompactRange } from "../tree/index.ts";
import { CHECKPOINT_EVENT, checkpointOf, newestCheckpoint } from "./checkpoint-records.ts";
import type { Signer } from "./note.ts";
import type { LedgerReader } from "../../store/index.ts";

export interface CheckpointsDeps extends Pick<FollowerOptions, "log"> {
  readonly ledger: Pick<Ledger, "follow" | "whileWriting" | "append">;
  readonly records: Pick<LedgerReader, "head" | "read" | "scan">;
  readonly signer: Signer;
  readonly now: Clock;
  /** Told of each checkpoint that is on record. */
  readonly onSigned?: (note: string) => void;
  /** Default 1,000. */
  readonly everyRecords?: number;
  /** Default 60,000. */
  readonly everyMs?: number;
}

export interface Checkpoints {
  /** The public key, `NAME+HASH+KEY`. */
  readonly verifierKey: string;
  /** Signs what is on record now, when anything is that was not signed before. */
  sign(): Promise<void>;
  close(): Promise<void>;
}

const EVERY_RECORDS = 1000;
const EVERY_MS = 60_000;

/**
 * Signs the tree over the records as it grows, each so many records and so often, as a record of its own. It works behind the writers of
 * records, who pay nothing; after a restart it goes on from the newest checkpoint.
 */
export async function openCheckpoints(deps: CheckpointsDeps): Promise<Checkpoints> {
  const { ledger, records, signer, now, log, onSigned, everyRecords = EVERY_RECORDS, everyMs = EVERY_MS } = deps;
  const newest = await newestCheckpoint(records);
  const tree = createCompactRange({ size: newest?.size ?? 0, peaks: (newest?.peaks ?? []).map((hex) => Buffer.from(hex, "hex")) });
  /** Records that are no checkpoints and that none signs yet. */
  let unsigned = 0;
  let isClosed = false;

  async function sign(): Promise<void> {
    const signing = unsigned;
    if (signing === 0) return;
    const [size, root] = [tree.size(), Buffer.from(tree.root()).toString("hex")];
    const peaks = tree.peaks().map((peak) => Buffer.from(peak).toString("hex"));
    const note = signer.sign({ size, root });
    const body = JSON.stringify({ v: 1, kind: "event", at: now(), event: CHECKPOINT_EVENT, size, root, peaks, note });
    await ledger.append({ kind: "event", ref: null, body });
    unsigned -= signing;
    onSigned?.(note);
  }

  const follower = await createFollower({
    name: "checkpoints",
    ledger,
    records,
    log,
    through: () => Promise.resolve(tree.size()),
    async take(rows) {
      for (const { seq, kind, body, leaf } of rows) {
        if (seq <= tree.size()) continue;
        tree.push(leaf ?? leafOf(body));
        if (kind !== "event" || checkpointOf(seq, body) === undefined) unsigned++;
      }
      if (unsigned >= everyRecords && !isClosed) await sign();
    },
  });
  const signAll = async (): Promise<void> => {
    await follower.settled();
    await sign();
  };
  const timer = setInterval(
    () => void signAll().catch((err: unknown) => log.error({ err }, "the ledger could not be signed")),
    everyMs,
  ).unref();
  return {
    verifierKey: signer.verifierKey,
    sign: signAll,
    async close() {
      isClosed = true;
      clearInterval(timer);
      await follower.close();
    },
  };
}
