/**
 * Many tallies in few bytes. A packed roll-up is a list of distinct texts, then for each tally the numbers of its texts and the tally itself,
 * behind the length of it all, so that who looks for few of them, or adds to few, steps over the others.
 */
import { createReader, type Reader, type Writer } from "./packed-bytes.ts";
import { addCount, type Sketch } from "./sketch.ts";
import { createTally, type Tally } from "./tally.ts";

const VERSION = 1;

/** Tallies by their texts, which are the same number for all of them. */
export type Tallies = Map<string, { readonly texts: readonly string[]; readonly tally: Tally }>;

/** The tally of these texts, made when it is not there. */
export function tallyOf(tallies: Tallies, texts: readonly string[]): Tally {
  const name = texts.join("\u0000");
  let found = tallies.get(name);
  if (found === undefined) tallies.set(name, (found = { texts, tally: createTally() }));
  return found.tally;
}

/** Which tally another is added to, by its texts and calls; undefined leaves it out. */
type Into = (texts: readonly string[], calls: number) => Tally | undefined;

/** A text that tallies must have at a place among their texts. */
export interface Wanted {
  readonly at: number;
  readonly text: string;
}

/** A packed roll-up, the first instant that it tells of, and which of its tallies are of interest. */
interface Packed {
  readonly packed: Uint8Array;
  readonly startAt: number;
  readonly wanted: readonly Wanted[];
}

/** Adds the tallies of a packed roll-up that have these texts to others. */
export function unpack({ packed, startAt, wanted }: Packed, into: Into): void {
  const { reader, known, width } = openPacked(packed);
  const sought = wanted.map(({ at, text }) => [at, known.numberOf(text)] as const);
  if (sought.some(([, number]) => number < 0)) return;
  const numbers: number[] = Array.from({ length: width }, () => 0);
  while (!reader.isAtEnd()) {
    const length = reader.number();
    const end = reader.at() + length;
    for (let i = 0; i < width; i++) numbers[i] = reader.number();
    if (sought.every(([at, number]) => numbers[at] === number)) {
      const calls = reader.number();
      const tally = into(numbers.map(known.text), calls);
      if (tally !== undefined) readTally(reader, { calls, startAt }, tally);
    }
    reader.goTo(end);
  }
}

/** A roll-up that is opened: the reader stands at the first tally. */
export interface Opened {
  readonly reader: Reader;
  readonly known: Texts;
  /** How many texts each tally has. */
  readonly width: number;
}

export function openPacked(packed: Uint8Array): Opened {
  const reader = createReader(packed);
  if (reader.number() !== VERSION) throw new Error("this roll-up was written by a newer version of this program");
  const known = readTexts(reader);
  return { reader, known, width: reader.number() };
}

export interface Texts {
  readonly count: number;
  text(number: number): string;
  /** Less than 0 for one that is not among them. */
  numberOf(text: string): number;
}

/** The texts of a roll-up, decoded when they are asked for: who looks for few of many has most of the time for that. */
function readTexts(reader: Reader): Texts {
  const places = Array.from({ length: reader.number() }, () => reader.skipText());
  const decoded: (string | undefined)[] = [];
  return {
    count: places.length,
    text: (number) => (decoded[number] ??= reader.textAt(places[number] ?? 0)),
    numberOf(text) {
      const bytes = Buffer.from(text, "utf8");
      return places.findIndex((place) => reader.isTextAt(place, bytes));
    },
  };
}

/** What stands before the tallies. */
export function writeHead(out: Writer, texts: readonly string[], width: number): void {
  out.number(VERSION);
  out.number(texts.length);
  for (const text of texts) out.text(text);
  out.number(width);
}

export interface Entry {
  /** Numbers of its texts. */
  readonly numbers: readonly number[];
  readonly tally: Tally;
}

/** `part` is a writer to be used on the way. */
export function writeEntry(
  out: Writer,
  { numbers, tally }: Entry,
  { startAt, part }: { readonly startAt: number; readonly part: Writer },
): void {
  part.clear();
  for (const number of numbers) part.number(number);
  part.number(tally.calls);
  part.number(Math.max(0, tally.lastAt - startAt));
  part.number(tally.durationUs);
  part.number(tally.results);
  part.number(tally.bytes);
  writeSketch(part, tally.durations);
  writeSketch(part, tally.sizes);
  const bytes = part.bytes();
  out.number(bytes.length);
  out.raw(bytes);
}

/** Adds a tally, of which the number of calls was read, to another. */
export function readTally(reader: Reader, { calls, startAt }: { readonly calls: number; readonly startAt: number }, into: Tally): void {
  into.calls += calls;
  into.lastAt = Math.max(into.lastAt, startAt + reader.number());
  into.durationUs += reader.number();
  into.results += reader.number();
  into.bytes += reader.number();
  readSketch(reader, into.durations);
  readSketch(reader, into.sizes);
}

/** Pairs of how many buckets further and how many values, for the buckets that have any. */
function writeSketch(out: Writer, { first, counts }: Sketch): void {
  out.number(counts.reduce((pairs, count) => pairs + (count > 0 ? 1 : 0), 0));
  let before = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0;
    if (count === 0) continue;
    out.number(first + i - before);
    out.number(count);
    before = first + i;
  }
}

function readSketch(reader: Reader, into: Sketch): void {
  let bucket = 0;
  for (let pairs = reader.number(); pairs > 0; pairs--) {
    bucket += reader.number();
    addCount(into, bucket, reader.number());
  }
}
