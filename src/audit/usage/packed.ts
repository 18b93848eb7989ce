/**
 * Many tallies in few bytes. A packed roll-up is a list of distinct texts, then for each tally the numbers of its texts and the tally itself,
 * behind the length of it all, so that who looks for few of them steps over the others. Numbers are varints (LEB128).
 */
import { addCount, type Sketch } from "./sketch.ts";
import { addTally, createTally, type Tally } from "./tally.ts";

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

export function pack(tallies: Tallies, startAt: number): Uint8Array {
  const out = createWriter();
  const numbers = new Map<string, number>();
  for (const { texts } of tallies.values()) {
    for (const text of texts) if (!numbers.has(text)) numbers.set(text, numbers.size);
  }
  out.number(VERSION);
  out.number(numbers.size);
  for (const text of numbers.keys()) out.text(text);
  const width = tallies.values().next().value?.texts.length ?? 0;
  out.number(width);
  const part = createWriter();
  for (const { texts, tally } of tallies.values()) {
    part.clear();
    for (const text of texts) part.number(numbers.get(text) ?? 0);
    writeTally(part, tally, startAt);
    const bytes = part.bytes();
    out.number(bytes.length);
    out.raw(bytes);
  }
  return out.bytes().slice();
}

/** Which tally another is added to, by its texts and calls; undefined leaves it out. */
type Into = (texts: readonly string[], calls: number) => Tally | undefined;

/** A text that tallies must have at a place among their texts. */
export interface Wanted {
  readonly at: number;
  readonly text: string;
}

/** Adds the tallies of a packed roll-up that have these texts to others. */
export function unpack({ packed, startAt, wanted }: Packed, into: Into): void {
  const reader = createReader(packed);
  if (reader.number() !== VERSION) throw new Error("this roll-up was written by a newer version of this program");
  const known = readTexts(reader);
  const sought = wanted.map(({ at, text }) => [at, known.numberOf(text)] as const);
  if (sought.some(([, number]) => number < 0)) return;
  const width = reader.number();
  const numbers: number[] = Array.from({ length: width }, () => 0);
  while (!reader.isAtEnd()) {
    const length = reader.number();
    const end = reader.at() + length;
    for (let i = 0; i < width; i++) numbers[i] = reader.number();
    if (sought.every(([at, number]) => numbers[at] === number)) readInto(reader, { startAt, texts: numbers.map(known.text) }, into);
    reader.goTo(end);
  }
}

/** A packed roll-up, the first instant that it tells of, and which of its tallies are of interest. */
interface Packed {
  readonly packed: Uint8Array;
  readonly startAt: number;
  readonly wanted: readonly Wanted[];
}

/** The texts of a roll-up, by their numbers. They are decoded when they are asked for: who looks for few of many has most of the time for that. */
function readTexts(reader: Reader) {
  const places = Array.from({ length: reader.number() }, () => reader.skipText());
  const decoded: (string | undefined)[] = [];
  return {
    text: (number: number): string => (decoded[number] ??= reader.textAt(places[number] ?? 0)),
    /** Less than 0 for one that is not among them. */
    numberOf(text: string): number {
      const bytes = Buffer.from(text, "utf8");
      return places.findIndex((place) => reader.isTextAt(place, bytes));
    },
  };
}

function readInto(reader: Reader, { startAt, texts }: { readonly startAt: number; readonly texts: readonly string[] }, into: Into): void {
  const calls = reader.number();
  const tally = into(texts, calls);
  if (tally === undefined) return;
  tally.calls += calls;
  readTally(reader, startAt, tally);
}

/** All tallies of a packed roll-up. */
export function unpackAll(packed: Uint8Array | undefined, startAt: number): Tallies {
  const tallies: Tallies = new Map();
  if (packed !== undefined) unpack({ packed, startAt, wanted: [] }, (texts) => tallyOf(tallies, texts));
  return tallies;
}

function writeTally(out: Writer, tally: Tally, startAt: number): void {
  out.number(tally.calls);
  out.number(Math.max(0, tally.lastAt - startAt));
  out.number(tally.durationUs);
  out.number(tally.results);
  out.number(tally.bytes);
  writeSketch(out, tally.durations);
  writeSketch(out, tally.sizes);
}

/** What follows the number of its calls. */
function readTally(reader: Reader, startAt: number, into: Tally): void {
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

interface Writer {
  number(value: number): void;
  text(value: string): void;
  raw(bytes: Uint8Array): void;
  clear(): void;
  /** What was written; good until the next write. */
  bytes(): Uint8Array;
}

function createWriter(): Writer {
  let buffer = new Uint8Array(1024);
  let length = 0;
  const reserve = (more: number) => {
    if (length + more <= buffer.length) return;
    const grown = new Uint8Array(Math.max(buffer.length * 2, length + more));
    grown.set(buffer);
    buffer = grown;
  };
  const raw = (bytes: Uint8Array) => {
    reserve(bytes.length);
    buffer.set(bytes, length);
    length += bytes.length;
  };
  const number = (value: number) => {
    reserve(8);
    let rest = value;
    // Not by shifting: numbers may have more than 32 bits.
    while (rest >= 128) {
      buffer[length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    buffer[length++] = rest;
  };
  return {
    number,
    raw,
    text(value) {
      const bytes = Buffer.from(value, "utf8");
      number(bytes.length);
      raw(bytes);
    },
    clear: () => void (length = 0),
    bytes: () => buffer.subarray(0, length),
  };
}

interface Reader {
  number(): number;
  /** Steps over a text and returns its place. */
  skipText(): number;
  textAt(place: number): string;
  isTextAt(place: number, bytes: Uint8Array): boolean;
  at(): number;
  goTo(place: number): void;
  isAtEnd(): boolean;
}

function createReader(bytes: Uint8Array): Reader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let place = 0;
  const number = () => {
    let byte = buffer[place++] ?? 0;
    if (byte < 128) return byte;
    let value = byte - 128;
    let weight = 128;
    do {
      byte = buffer[place++] ?? 0;
      value += (byte % 128) * weight;
      weight *= 128;
    } while (byte >= 128);
    return value;
  };
  return {
    number,
    skipText() {
      const start = place;
      const length = number();
      place += length;
      return start;
    },
    textAt(start) {
      const after = place;
      place = start;
      const length = number();
      const text = buffer.toString("utf8", place, place + length);
      place = after;
      return text;
    },
    isTextAt(start, sought) {
      const after = place;
      place = start;
      const length = number();
      const isIt = length === sought.length && buffer.compare(sought, 0, length, place, place + length) === 0;
      place = after;
      return isIt;
    },
    at: () => place,
    goTo: (to) => void (place = to),
    isAtEnd: () => place >= buffer.length,
  };
}

/** Adds tallies to those that are there. `fit` says under which texts an addition goes when the roll-up is full. */
export function mergeInto(present: Tallies, additions: Tallies, fit: (texts: readonly string[]) => readonly string[]): void {
  for (const [name, { texts, tally }] of additions) {
    const isRoom = present.has(name) || present.size < MAX_TALLIES;
    addTally(tallyOf(present, isRoom ? texts : fit(texts)), tally);
  }
}

/** More than this are not told apart in one roll-up. */
const MAX_TALLIES = 4000;
