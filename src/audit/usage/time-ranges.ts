import type { UsageGrain } from "../../store/index.ts";
import { GRAIN_MS, startOf } from "./cells.ts";
import { keptFrom } from "./counter.ts";

/** Roll-ups of one grain that follow each other. */
export interface TimeRange {
  readonly grain: UsageGrain;
  readonly from: number;
  readonly until: number;
}

export interface TimeRanges {
  /** What is told of: at most as much more than was asked for as the roll-ups of that age are coarse. */
  readonly since: number;
  readonly until: number;
  readonly ranges: readonly TimeRange[];
}

const LARGEST_FIRST: readonly UsageGrain[] = ["day", "hour", "minute"];

/** The fewest roll-ups that cover a time: days, at its ends hours, at their ends minutes. Nothing is counted that lies after `now`. */
export function rangesOf(asked: { readonly since: number; readonly until: number }, now: number): TimeRanges {
  const since = startOf(asked.since, finestAt(asked.since, now));
  const isOpen = asked.until >= now;
  // What is still to come is empty, so a whole day is as good as a part of it.
  const until = isOpen ? ceil(Math.max(asked.until, now), "day") : ceil(asked.until, finestAt(asked.until, now));
  const ranges: TimeRange[] = [];
  for (let at = since; at < until;) {
    const grain = LARGEST_FIRST.find((each) => at % GRAIN_MS[each] === 0 && at + GRAIN_MS[each] <= until) ?? "minute";
    const end = at + GRAIN_MS[grain];
    const last = ranges.at(-1);
    if (last?.grain === grain) ranges[ranges.length - 1] = { ...last, until: end };
    else ranges.push({ grain, from: at, until: end });
    at = end;
  }
  return { since, until: isOpen ? asked.until : until, ranges };
}

/** The times of a series, all of one grain. */
export function seriesOf(asked: { readonly since: number; readonly until: number }, grain: UsageGrain): TimeRanges {
  const since = startOf(asked.since, grain);
  const until = ceil(asked.until, grain);
  return { since, until, ranges: [{ grain, from: since, until }] };
}

function finestAt(at: number, now: number): UsageGrain {
  return [...LARGEST_FIRST].reverse().find((grain) => at >= keptFrom(now)[grain]) ?? "day";
}

function ceil(at: number, grain: UsageGrain): number {
  return startOf(at + GRAIN_MS[grain] - 1, grain);
}
