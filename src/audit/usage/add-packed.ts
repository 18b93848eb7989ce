import { createWriter } from "./packed-bytes.ts";
import { openPacked, readTally, tallyOf, writeEntry, writeHead, type Opened, type Tallies } from "./packed.ts";
import { addTally, createTally, type Tally } from "./tally.ts";

/** More than this are not told apart in one roll-up. */
const MAX_TALLIES = 4000;

export interface Addition {
  readonly tallies: Tallies;
  /** The first instant that the roll-up tells of. */
  readonly startAt: number;
  /** Under which texts a tally goes that is not there while the roll-up is full. */
  fold(texts: readonly string[]): readonly string[];
}

/** The roll-up with tallies added; `present` is undefined when there is none yet. What is not added to is copied as it stands. */
export function addPacked(present: Uint8Array | undefined, { tallies, startAt, fold }: Addition): Uint8Array {
  const opened = present === undefined ? undefined : openPacked(present);
  const texts = Array.from({ length: opened?.known.count ?? 0 }, (_, number) => opened?.known.text(number) ?? "");
  const numbers = new Map(texts.map((text, number) => [text, number]));
  const places = opened === undefined ? [] : placesOf(opened);
  const { joined, fresh } = sortOut(tallies, { places, numbers, fold });
  const entries = createWriter();
  const part = createWriter();
  places.forEach(({ from, to, at, numbers: its }, i) => {
    const added = joined.get(i);
    if (opened === undefined || added === undefined) return entries.raw(opened?.reader.slice(from, to) ?? new Uint8Array());
    const tally = createTally();
    opened.reader.goTo(at);
    readTally(opened.reader, { calls: opened.reader.number(), startAt }, tally);
    addTally(tally, added);
    writeEntry(entries, { numbers: its, tally }, { startAt, part });
  });
  for (const { texts: its, tally } of fresh.values()) {
    writeEntry(entries, { numbers: its.map((text) => numberIn(numbers, text)), tally }, { startAt, part });
  }
  const out = createWriter();
  writeHead(out, [...numbers.keys()], places[0]?.numbers.length ?? fresh.values().next().value?.texts.length ?? 0);
  out.raw(entries.bytes());
  return out.bytes().slice();
}

/** Where a tally stands. */
interface Place {
  readonly numbers: readonly number[];
  /** Of all of it. */
  readonly from: number;
  readonly to: number;
  /** Of what follows its numbers. */
  readonly at: number;
}

function placesOf({ reader, width }: Opened): Place[] {
  const places: Place[] = [];
  while (!reader.isAtEnd()) {
    const from = reader.at();
    const length = reader.number();
    const to = reader.at() + length;
    const numbers = Array.from({ length: width }, () => reader.number());
    places.push({ numbers, from, to, at: reader.at() });
    reader.goTo(to);
  }
  return places;
}

interface Present {
  readonly places: readonly Place[];
  readonly numbers: ReadonlyMap<string, number>;
  readonly fold: Addition["fold"];
}

/** Which tallies join one that is there, by its place among them, and which are new. */
function sortOut(tallies: Tallies, { places, numbers, fold }: Present): { readonly joined: Map<number, Tally>; readonly fresh: Tallies } {
  const keyOf = keysOver(numbers.size);
  const placeOf = new Map(places.map((place, i) => [keyOf(place.numbers), i]));
  const find = (texts: readonly string[]): number | undefined => {
    const its = texts.map((text) => numbers.get(text) ?? -1);
    return its.includes(-1) ? undefined : placeOf.get(keyOf(its));
  };
  const joined = new Map<number, Tally>();
  const fresh: Tallies = new Map();
  for (const { texts, tally } of tallies.values()) {
    const isRoom = places.length + fresh.size < MAX_TALLIES;
    const kept = isRoom || find(texts) !== undefined ? texts : fold(texts);
    const place = find(kept);
    if (place === undefined) addTally(tallyOf(fresh, kept), tally);
    else {
      const added = joined.get(place) ?? createTally();
      addTally(added, tally);
      joined.set(place, added);
    }
  }
  return { joined, fresh };
}

/** A key of some numbers that are less than `count`: a number, where they fit into one. */
function keysOver(count: number): (numbers: readonly number[]) => number | string {
  const base = count + 1;
  return (numbers) => {
    if (base ** numbers.length > Number.MAX_SAFE_INTEGER) return numbers.join(" ");
    let key = 0;
    for (const number of numbers) key = key * base + number;
    return key;
  };
}

function numberIn(numbers: Map<string, number>, text: string): number {
  const known = numbers.get(text) ?? numbers.size;
  numbers.set(text, known);
  return known;
}
