import type { Clock } from "../../lib/clock.ts";
import type { UsageCut, UsageRange, UsageRow, UsageStore } from "../../store/index.ts";
import type { EvidenceProblems, UsageBy, UsageFilter, UsageFound, UsageGroup, UsageQuery } from "../../tool/index.ts";
import { CUTS, GRAIN_MS, OF, OTHER } from "./cells.ts";
import { addRow, figuresOf, sorted, sumOf, type Group } from "./groups.ts";
import { keptFrom } from "./counter.ts";
import { rangesOf, seriesOf, type TimeRanges } from "./time-ranges.ts";

export interface UsageReader {
  readonly store: Pick<UsageStore, "read" | "firstAt">;
  readonly now: Clock;
}

/** Whose calls are looked at. */
export interface UsageScope {
  readonly workspaceId: string;
  /** Only calls in these; undefined for all, also those in none. */
  readonly environments?: readonly string[] | undefined;
}

const DAY_MS = 86_400_000;
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1000;
const MAX_POINTS = 2000;
const MAX_ALL_POINTS = 50_000;
/** Cheapest first. */
const WHOLE: readonly UsageCut[] = ["tool", "user", "agent"];
const OF_ONE: readonly UsageCut[] = ["of_agent", "of_tool", "of_user"];
const DIMENSIONS: readonly UsageBy[] = ["tool", "method", "agent", "user", "environment", "outcome", "reason", "client", "protocol"];

export async function queryUsage(
  { store, now }: UsageReader,
  { workspaceId, environments }: UsageScope,
  query: UsageQuery,
): Promise<UsageFound | EvidenceProblems> {
  const { by = "tool", every, sort = "calls", limit = DEFAULT_LIMIT } = query;
  const filter = filterOf(query);
  const cut = cutFor(by, filter);
  if (cut === undefined) return problem("calls are not counted by client or protocol together with tool, method or user");
  const of = OF[cut];
  const at = now();
  const until = query.until ?? at;
  const since = query.since ?? until - DAY_MS;
  if (!(since < until)) return problem("the time begins after its end");
  const times = every === undefined ? rangesOf({ since, until }, at) : seriesOf({ since, until }, every);
  const points = every === undefined ? 0 : (times.until - times.since) / GRAIN_MS[every];
  if (points > MAX_POINTS) return problem(`a series has at most ${MAX_POINTS} numbers; take longer ones than each ${every}, or less time`);
  if (points * limit > MAX_ALL_POINTS)
    return problem(`all series together have at most ${MAX_ALL_POINTS} numbers; take fewer groups or longer steps`);
  const step = every === undefined ? undefined : GRAIN_MS[every];
  const placeOf = step === undefined ? undefined : (startAt: number) => (startAt - times.since) / step;
  const groups = new Map<string, Group>();
  const within = {
    workspaceId,
    cut,
    environments: narrowed(environments, filter.environment),
    of: of === undefined ? undefined : filter[of],
  };
  for (const row of await readRows(store, within, times))
    addRow(groups, row, { by, filter, ...(placeOf === undefined ? {} : { placeOf }) });
  const countedFrom = (await store.firstAt()) ?? null;
  const starts = step === undefined ? undefined : startsOf(times, step);
  const isKnown = (start: number) =>
    isCounted(start, { step: step ?? 0, countedFrom, from: every === undefined ? 0 : keptFrom(at)[every], now: at });
  const search = searchOf({ workspaceId, filter, times });
  const all = [...groups].map(([key, group]): UsageGroup => {
    const found = search(by, key);
    const series = starts === undefined ? {} : { series: pointsOf(group, starts, isKnown) };
    return { key, ...figuresOf(group), ...(found === undefined ? {} : { search: found }), ...series };
  });
  const ordered = sorted(all, sort);
  const shown = ordered.slice(0, Math.min(limit, MAX_LIMIT));
  const total = figuresOf(sumOf(groups.values()));
  const told = { since: times.since, until: times.until, countedFrom, by, total, groups: shown, omitted: ordered.length - shown.length };
  return starts === undefined ? told : { ...told, starts };
}

function problem(text: string): EvidenceProblems {
  return { problems: [text] };
}

function filterOf(query: UsageQuery): UsageFilter {
  return Object.fromEntries(DIMENSIONS.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])));
}

/** The cut that tells apart all that is asked about: one that is of the tool, user or agent that is meant, if there is one. */
function cutFor(by: UsageBy, filter: UsageFilter): UsageCut | undefined {
  const needed = [by, ...Object.keys(filter)].filter((name) => name !== "environment");
  const tells = (cut: UsageCut) => needed.every((name) => OF[cut] === name || CUTS[cut].some((dimension) => dimension === name));
  const isOfOne = (cut: UsageCut) => OF_ONE.includes(cut) && filter[OF[cut] ?? "tool"] !== undefined;
  return WHOLE.find(tells) ?? OF_ONE.find((cut) => tells(cut) && isOfOne(cut)) ?? OF_ONE.find(tells);
}

function narrowed(environments: readonly string[] | undefined, one: string | undefined): readonly string[] | undefined {
  if (one === undefined) return environments;
  return environments === undefined || environments.includes(one) ? [one] : [];
}

export async function readRows(
  store: Pick<UsageStore, "read">,
  within: Pick<UsageRange, "workspaceId" | "cut" | "environments" | "of">,
  { ranges }: Pick<TimeRanges, "ranges">,
): Promise<readonly UsageRow[]> {
  if (within.environments?.length === 0) return [];
  const rows: UsageRow[] = [];
  for (const range of ranges) for (const row of await store.read({ ...within, ...range })) rows.push(row);
  return rows;
}

function startsOf({ since, until }: TimeRanges, step: number): readonly number[] {
  return Array.from({ length: Math.round((until - since) / step) }, (_, i) => since + i * step);
}

interface Known {
  readonly step: number;
  readonly countedFrom: number | null;
  /** Of before, roll-ups are kept no more. */
  readonly from: number;
  readonly now: number;
}

/** Whether calls were counted in a time: none is then zero, and otherwise unknown. */
function isCounted(start: number, { step, countedFrom, from, now }: Known): boolean {
  return countedFrom !== null && start + step > countedFrom && start >= from && start <= now;
}

function pointsOf({ series }: Group, starts: readonly number[], isKnown: (start: number) => boolean) {
  const numbers = (name: "calls" | "failed") => starts.map((start, i) => series.get(i)?.[name] ?? (isKnown(start) ? 0 : null));
  return { calls: numbers("calls"), failed: numbers("failed") };
}

interface Asked {
  readonly workspaceId: string;
  readonly filter: UsageFilter;
  readonly times: TimeRanges;
}

/** How the records of a group are found; undefined for groups that no search tells apart. */
function searchOf({ workspaceId, filter, times }: Asked): (by: UsageBy, key: string) => string | undefined {
  const instant = (at: number) => new Date(at).toISOString();
  const ends = [`workspace:${workspaceId}`, `since:${instant(times.since)}`, `until:${instant(times.until)}`];
  return (by, key) => {
    const terms = { ...filter, [by]: key };
    const values = Object.values(terms);
    if (values.some((value) => value === "" || value === OTHER || value?.includes('"'))) return undefined;
    // Intents are told of by their outcomes.
    const ended = terms.outcome === undefined ? ["outcome:*"] : [];
    const words = Object.entries(terms).map(([name, value = ""]) => `${name}:${/\s/.test(value) ? `"${value}"` : value}`);
    return [...words, ...ended, ...ends].join(" ");
  };
}
