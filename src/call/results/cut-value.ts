/** Cuts a JSON value into values of the same shape, each short enough, which together hold everything. */
import { isRecord } from "../../lib/is-record.ts";
import { textEnd } from "./cut-text.ts";

/** Where a part of a result stands in the whole. Counts from 1. */
export interface Range {
  /** JSON Pointer (RFC 6901) to what was cut. */
  readonly path: string;
  readonly unit: "items" | "entries" | "characters" | "blocks";
  readonly from: number;
  readonly to: number;
  readonly total: number;
}

export interface Slice {
  readonly value: unknown;
  /** Undefined for a value that needed no cut. */
  readonly range: Range | undefined;
}

interface Bounds {
  /** Bytes that each slice may have as JSON. */
  readonly room: number;
  readonly path: string;
  /** Bytes of the value as JSON, where they were counted before. */
  readonly size?: number;
}

/** A member that is smaller is never cut. */
const WORTH_CUTTING_BYTES = 64;
/** An object with more members than this, none of which can be cut, is taken for a map and cut between its entries. */
const MAX_MEMBERS = 32;

/** The slices in order. Undefined stands for a value that cannot be made short enough; nothing follows it. */
export function* cutValue(value: unknown, bounds: Bounds): Generator<Slice | undefined> {
  if ((bounds.size ?? sizeOf(value)) <= bounds.room) yield { value, range: undefined };
  else if (bounds.room < WORTH_CUTTING_BYTES) yield undefined;
  else if (typeof value === "string") yield* cutString(value, bounds);
  else if (Array.isArray(value)) yield* cutItems<unknown>(value, bounds, ARRAY);
  else if (isRecord(value)) yield* cutObject(value, bounds);
  else yield undefined;
}

/** The value with whatever is long in it left empty. */
export function emptied(value: unknown, room: number): unknown {
  if (typeof value === "string") return "";
  if (Array.isArray(value)) return [];
  if (!isRecord(value)) return value;
  const planned = plan(value, room);
  return isMap(value, planned, room) ? {} : planned.frame;
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function* cutString(text: string, { room, path }: Bounds): Generator<Slice> {
  for (let start = 0; start < text.length;) {
    const end = textEnd(text, start, room - 2);
    yield { value: text.slice(start, end), range: { path, unit: "characters", from: start + 1, to: end, total: text.length } };
    start = end;
  }
}

/** How a row of things is a value. */
interface Row<T> {
  readonly unit: "items" | "entries";
  of(things: readonly T[]): unknown;
  /** The slices of one thing that is too long by itself. */
  cut(thing: T, index: number, bounds: Bounds): Generator<Slice | undefined>;
}

const ARRAY: Row<unknown> = {
  unit: "items",
  of: (items) => items,
  cut: (item, index, { room, path }) => cutValue(item, { room, path: `${path}/${index}` }),
};

const MAP: Row<readonly [string, unknown]> = {
  unit: "entries",
  of: (entries) => Object.fromEntries(entries),
  *cut([name, value], _index, { room, path }) {
    for (const slice of cutValue(value, { room: room - sizeOf(name) - 1, path: join(path, name) })) {
      yield slice && { value: [name, slice.value], range: slice.range };
    }
  },
};

/** As many things to a slice as fit, or nearly. */
function* cutItems<T>(things: readonly T[], { room, path, size }: Bounds, row: Row<T>): Generator<Slice | undefined> {
  const range = (from: number, to: number): Range => ({ path, unit: row.unit, from: from + 1, to, total: things.length });
  let restBytes = size ?? sizeOf(row.of(things));
  for (let from = 0; from < things.length;) {
    const guess = Math.floor((room * (things.length - from)) / restBytes);
    const { count, bytes } = countFitting((n) => sizeOf(row.of(things.slice(from, from + n))), { room, guess, max: things.length - from });
    const to = from + Math.max(1, count);
    if (count > 0) yield { value: row.of(things.slice(from, to)), range: range(from, to) };
    else {
      for (const slice of row.cut(things[from] as T, from, { room: room - 2, path })) {
        if (slice === undefined) {
          yield undefined;
          return;
        }
        yield { value: row.of([slice.value as T]), range: slice.range ?? range(from, to) };
      }
    }
    restBytes = Math.max(restBytes - bytes, 1);
    from = to;
  }
}

/** A slice that is filled to this share is full enough. */
const FULL = 0.85;
const MAX_GUESSES = 4;

/**
 * How many of the next things fit, and their bytes; of a single one that does not, the bytes. Things of one list are much alike, so a guess
 * by their mean is nearly right, and they are written to JSON about once.
 */
function countFitting(
  sizeOfFirst: (count: number) => number,
  { room, guess, max }: { readonly room: number; readonly guess: number; readonly max: number },
): { readonly count: number; readonly bytes: number } {
  let fitting = { count: 0, bytes: 0 };
  let tooMany = max + 1;
  let count = guess;
  for (let tries = 0; fitting.count + 1 < tooMany; tries++) {
    // Things that are not alike make bad guesses; halving comes to an end soon whatever they are.
    if (tries >= MAX_GUESSES || count <= fitting.count || count >= tooMany) count = Math.floor((fitting.count + tooMany) / 2);
    const bytes = sizeOfFirst(count);
    if (bytes > room) {
      tooMany = count;
      if (count === 1) return { count: 0, bytes };
    } else {
      fitting = { count, bytes };
      if (bytes >= room * FULL) break;
    }
    count = Math.floor((count * room) / bytes);
  }
  return fitting;
}

/** One long member after the other, each time with all that is short. */
function* cutObject(record: Readonly<Record<string, unknown>>, { room, path }: Bounds): Generator<Slice | undefined> {
  const planned = plan(record, room);
  if (isMap(record, planned, room)) {
    yield* cutItems(Object.entries(record), { room, path }, MAP);
    return;
  }
  const { frame, long, frameBytes } = planned;
  if (long.size === 0 || frameBytes > room) {
    yield undefined;
    return;
  }
  for (const [name, size] of long) {
    for (const slice of cutValue(record[name], { room: room - frameBytes, path: join(path, name), size })) {
      if (slice === undefined) {
        yield undefined;
        return;
      }
      const range = slice.range ?? wholeMember(record[name], join(path, name));
      yield { value: { ...frame, [name]: slice.value }, range };
    }
  }
}

function isMap(record: Readonly<Record<string, unknown>>, { frameBytes }: Plan, room: number): boolean {
  return frameBytes > room / 2 && Object.keys(record).length > MAX_MEMBERS;
}

/** Where a long member stands that is sent whole; the object that it is a member of is not. */
function wholeMember(value: unknown, path: string): Range {
  const unit = Array.isArray(value) ? "items" : typeof value === "string" ? "characters" : "entries";
  const total = Array.isArray(value) || typeof value === "string" ? value.length : Object.keys(value as object).length;
  return { path, unit, from: 1, to: total, total };
}

interface Plan {
  /** The object with its long members emptied. */
  readonly frame: Readonly<Record<string, unknown>>;
  readonly frameBytes: number;
  /** Sizes of the long members by name, in the order of the object. */
  readonly long: ReadonlyMap<string, number>;
}

/** Which members to cut so that the others take at most half of the room: the largest arrays and objects first, then the longest texts. */
function plan(record: Readonly<Record<string, unknown>>, room: number): Plan {
  const frame: Record<string, unknown> = { ...record };
  const long = new Set<string>();
  const members = Object.entries(record).map(([name, value]) => ({ name, value, size: sizeOf(value) }));
  let frameBytes = members.reduce((sum, { name, size }) => sum + sizeOf(name) + size + 2, 2);
  const rank = ({ value, size }: { readonly value: unknown; readonly size: number }) =>
    size < WORTH_CUTTING_BYTES || (typeof value !== "object" && typeof value !== "string")
      ? -1
      : typeof value === "string"
        ? size
        : size + 1e12;
  for (const member of members.filter((each) => rank(each) > 0).sort((a, b) => rank(b) - rank(a))) {
    if (frameBytes <= room / 2) break;
    frame[member.name] = emptied(member.value, room / 8);
    frameBytes += sizeOf(frame[member.name]) - member.size;
    long.add(member.name);
  }
  const inOrder = members.filter(({ name }) => long.has(name)).map(({ name, size }) => [name, size] as const);
  return { frame, frameBytes, long: new Map(inOrder) };
}

function join(path: string, name: string): string {
  return `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
