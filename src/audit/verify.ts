import type { LedgerRow, LedgerStore } from "../store/index.ts";
import { findBreak, GENESIS } from "./chain.ts";
import type { CheckpointRecord, Verifier } from "./checkpoints/index.ts";
import { isPruned, leafOf } from "./pruned-record.ts";
import type { RetentionRecord } from "./retention/index.ts";
import { takeTurn } from "./search/index.ts";
import { createCompactRange } from "./tree/index.ts";

/** The result of a verification. `first_bad` is the sequence number of the first record that does not fit, or null. */
export interface Verification {
  readonly ok: boolean;
  readonly records: number;
  readonly first_bad: number | null;
  readonly why: string | null;
  /** Hash of the newest record, hex; compare it with one noted elsewhere to see that no tail was cut off. */
  readonly head: string;
  /** Root of the Merkle tree over all records, hex; null when the chain is broken. Proofs of single records lead to it. */
  readonly root: string | null;
  /** Checkpoints on record that fit. */
  readonly checkpoints: number;
  /** So many records, from the first on, are covered by a checkpoint whose signature is good; null when no key was given. */
  readonly signed: number | null;
}

const PAGE = 2000;

/** A root that somebody noted, or that was anchored, earlier, and how many records there were; hex. */
export interface KnownRoot {
  readonly records: number;
  readonly root: string;
}

/** What the records are held against. */
export interface Against {
  readonly known?: readonly KnownRoot[] | undefined;
  /** Those that stand on record. */
  readonly checkpoints?: readonly CheckpointRecord[];
  /** What pruned records, as it stands on record. */
  readonly retentions?: readonly RetentionRecord[];
  /** Checks the signatures of the checkpoints; what pruned records counts only when one of them covers it. */
  readonly verifier?: Verifier | undefined;
  /** Told after each page. */
  readonly onProgress?: ((records: number) => void) | undefined;
}

/** Every record of a store, in pages; between two pages others get their turn. */
export async function* pagesOf(store: Pick<LedgerStore, "read">): AsyncGenerator<readonly LedgerRow[]> {
  for (let after = 0; ;) {
    await takeTurn();
    const rows = await store.read(after, PAGE);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    // A page that skips a record ends where it ends.
    after = last.seq;
  }
}

/**
 * Recomputes every hash, and the root at each checkpoint. With a root that was noted earlier it also finds an end that was cut off, and a chain
 * that was written anew as a whole; with the key of the checkpoints it finds the latter up to the newest of them.
 */
export async function verifyRecords(pages: AsyncIterable<readonly LedgerRow[]>, against: Against = {}): Promise<Verification> {
  const { known = [], checkpoints = [], verifier, onProgress } = against;
  let at: Pick<LedgerRow, "seq" | "hash"> = { seq: 0, hash: GENESIS };
  const forged = verifier === undefined ? undefined : checkpoints.find((checkpoint) => !isSigned(checkpoint, verifier));
  if (forged !== undefined)
    return result(0, { seq: forged.seq, why: `record ${forged.seq} is a checkpoint that this key did not sign` }, at);
  const watch = watchTree(against);
  for await (const rows of pages) {
    const last = rows.at(-1) ?? at;
    const broken = findBreak(rows, at);
    if (broken !== undefined) return result(at.seq + rows.length, broken, last);
    for (const row of rows) {
      const why = watch.take(row);
      if (why !== undefined) return result(row.seq, { seq: row.seq, why }, last);
    }
    at = last;
    onProgress?.(at.seq);
  }
  const cut = known.find(({ records }) => records > at.seq);
  if (cut !== undefined) return result(at.seq, { seq: at.seq + 1, why: `record ${at.seq + 1} is missing: the end was cut off` }, at);
  const missed = watch.missed();
  if (missed !== undefined)
    return { ...result(at.seq, undefined, at), ok: false, why: `the first ${missed.records} records are not those of the noted root` };
  const { root, signed } = watch.now();
  return { ...result(at.seq, undefined, at), root, checkpoints: checkpoints.length, signed: verifier === undefined ? null : signed };
}

/** Follows the tree over the records, and what is known of it. */
function watchTree({ known = [], checkpoints = [], retentions = [], verifier }: Against) {
  const tree = createCompactRange();
  const rootNow = () => Buffer.from(tree.root()).toString("hex");
  const bySize = new Map(checkpoints.map((checkpoint) => [checkpoint.size, checkpoint]));
  const noted = new Map(known.map(({ records, root }) => [records, root]));
  const covered = verifier === undefined ? Number.POSITIVE_INFINITY : Math.max(0, ...checkpoints.map(({ size }) => size));
  const prunedThrough = Math.max(0, ...retentions.filter(({ seq }) => seq <= covered).map(({ through }) => through));
  let missed: KnownRoot | undefined;
  let signed = 0;
  return {
    /** Takes the next record; why it does not fit. */
    take({ seq, body }: LedgerRow): string | undefined {
      if (isPruned(body) && seq > prunedThrough) return `the text of record ${seq} was removed, and no retention on record says so`;
      tree.push(leafOf(body));
      const root = noted.get(seq);
      if (root !== undefined && root !== rootNow()) missed ??= { records: seq, root };
      const checkpoint = bySize.get(seq);
      if (checkpoint === undefined) return undefined;
      if (checkpoint.root !== rootNow())
        return `the first ${seq} records are not those that the checkpoint in record ${checkpoint.seq} signs`;
      signed = seq;
      return undefined;
    },
    missed: () => missed,
    now: () => ({ root: rootNow(), signed }),
  };
}

/** The same over a store. */
export function verifyLedger(store: Pick<LedgerStore, "read">, known: readonly KnownRoot[] = []): Promise<Verification> {
  return verifyRecords(pagesOf(store), { known });
}

function isSigned({ note, size, root }: CheckpointRecord, verifier: Verifier): boolean {
  const checkpoint = verifier(note);
  return checkpoint !== undefined && checkpoint.size === size && checkpoint.root === root;
}

function result(
  records: number,
  broken: { readonly seq: number; readonly why: string } | undefined,
  head: Pick<LedgerRow, "hash">,
): Verification {
  return {
    ok: broken === undefined,
    records,
    first_bad: broken?.seq ?? null,
    why: broken?.why ?? null,
    head: Buffer.from(head.hash).toString("hex"),
    root: null,
    checkpoints: 0,
    signed: null,
  };
}
