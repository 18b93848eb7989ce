import { FAILED_OUTCOMES } from "../call-fact.ts";
import type { UsageRow } from "../../store/index.ts";
import type { UsageBy, UsageFigures, UsageFilter, UsageGroup, UsageSort } from "../../tool/index.ts";
import { CUTS, OF } from "./cells.ts";
import { unpack, type Wanted } from "./packed.ts";
import { addSketch, createSketch, quantileOf, type Sketch } from "./sketch.ts";
import { addTally, createTally, type Tally } from "./tally.ts";

/** The calls of one group, by how they ended. */
export interface Group {
  readonly passed: Tally;
  readonly failed: Tally;
  readonly refused: Tally;
  /** Calls and failed calls by place in the series. */
  readonly series: Map<number, { calls: number; failed: number }>;
}

export interface Grouping {
  readonly by: UsageBy;
  readonly filter: UsageFilter;
  /** The place of a roll-up in the series; undefined without one. */
  placeOf?(startAt: number): number;
}

const FAILED: ReadonlySet<string> = new Set(FAILED_OUTCOMES);
const REFUSED = "refused";
/** Calls that are about none of these belong to no group. */
const ALWAYS_NAMED: ReadonlySet<UsageBy> = new Set(["tool", "reason"]);

function createGroup(): Group {
  return { passed: createTally(), failed: createTally(), refused: createTally(), series: new Map() };
}

/** Adds the calls of a roll-up to their groups. */
export function addRow(groups: Map<string, Group>, row: UsageRow, { by, filter, placeOf }: Grouping): void {
  const place = placeOf?.(row.start_at);
  const of = OF[row.cut];
  const given: Record<string, string> = { environment: row.environment_id, ...(of === undefined ? {} : { [of]: row.of_id }) };
  const dimensions = CUTS[row.cut];
  const keyAt = dimensions.findIndex((dimension) => dimension === by);
  const outcomeAt = dimensions.indexOf("outcome");
  const wanted: Wanted[] = [];
  for (const [name, text] of Object.entries(filter)) {
    if (text === undefined) continue;
    const at = dimensions.findIndex((dimension) => dimension === name);
    if (at >= 0) wanted.push({ at, text });
    else if (given[name] !== text) return;
  }
  unpack({ packed: row.packed, startAt: row.start_at, wanted }, (texts, calls) => {
    const key = keyAt < 0 ? (given[by] ?? "") : (texts[keyAt] ?? "");
    if (key === "" && ALWAYS_NAMED.has(by)) return undefined;
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = createGroup()));
    const outcome = texts[outcomeAt] ?? "";
    const isFailed = FAILED.has(outcome);
    if (place !== undefined) addPoint(group, place, { calls, failed: isFailed ? calls : 0 });
    return outcome === REFUSED ? group.refused : isFailed ? group.failed : group.passed;
  });
}

function addPoint({ series }: Group, place: number, { calls, failed }: { readonly calls: number; readonly failed: number }): void {
  const point = series.get(place);
  if (point === undefined) series.set(place, { calls, failed });
  else {
    point.calls += calls;
    point.failed += failed;
  }
}

/** All groups together. */
export function sumOf(groups: Iterable<Group>): Group {
  const sum = createGroup();
  for (const { passed, failed, refused } of groups) {
    addTally(sum.passed, passed);
    addTally(sum.failed, failed);
    addTally(sum.refused, refused);
  }
  return sum;
}

export function figuresOf({ passed, failed, refused }: Group): UsageFigures {
  const durations = merged(passed.durations, failed.durations);
  const sizes = merged(passed.sizes, failed.sizes);
  const ran = passed.calls + failed.calls;
  const lastAt = Math.max(passed.lastAt, failed.lastAt, refused.lastAt);
  return {
    calls: ran + refused.calls,
    failed: failed.calls,
    refused: refused.calls,
    p50Ms: milliseconds(quantileOf(durations, 0.5)),
    p95Ms: milliseconds(quantileOf(durations, 0.95)),
    p99Ms: milliseconds(quantileOf(durations, 0.99)),
    meanMs: ran === 0 ? null : milliseconds((passed.durationUs + failed.durationUs) / ran),
    p50Bytes: whole(quantileOf(sizes, 0.5)),
    p95Bytes: whole(quantileOf(sizes, 0.95)),
    lastAt: lastAt === 0 ? null : lastAt,
  };
}

function merged(a: Sketch, b: Sketch): Sketch {
  const sum = createSketch();
  addSketch(sum, a);
  addSketch(sum, b);
  return sum;
}

function milliseconds(us: number | undefined): number | null {
  return us === undefined ? null : Math.round(us) / 1000;
}

function whole(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value);
}

const RANK: Readonly<Record<UsageSort, (group: UsageGroup) => number>> = {
  calls: ({ calls }) => calls,
  failed: ({ failed }) => failed,
  refused: ({ refused }) => refused,
  slow: ({ p95Ms }) => p95Ms ?? -1,
  large: ({ p95Bytes }) => p95Bytes ?? -1,
  last: ({ lastAt }) => lastAt ?? 0,
};

/** The first of them first; what has nothing of what is sorted by is left out. */
export function sorted(groups: readonly UsageGroup[], sort: UsageSort): UsageGroup[] {
  const rank = RANK[sort];
  const least = sort === "failed" || sort === "refused" ? 1 : 0;
  return groups
    .filter((group) => rank(group) >= least)
    .toSorted((a, b) => rank(b) - rank(a) || b.calls - a.calls || (a.key < b.key ? -1 : 1));
}
