import type { UsageAddition, UsageCut, UsageGrain, UsageKey } from "../../store/index.ts";
import { factOf, type CallFact, type FollowedRow } from "../call-fact.ts";
import { addPacked } from "./add-packed.ts";
import { tallyOf, type Tallies } from "./packed.ts";
import { addValue } from "./sketch.ts";
import { addTally, createTally, type Tally } from "./tally.ts";

/** Calls of one minute that have everything in common that is counted by. */
export interface Cell {
  readonly workspace: string;
  /** Epoch milliseconds. */
  readonly minuteAt: number;
  readonly environment: string;
  readonly agent: string;
  readonly user: string;
  readonly tool: string;
  readonly method: string;
  readonly client: string;
  readonly protocol: string;
  readonly outcome: string;
  readonly reason: string;
  readonly tally: Tally;
}

/** What a tally of a cut is told apart by. */
type Dimension = Exclude<keyof Cell, "workspace" | "minuteAt" | "tally">;

export interface Cells {
  /** Counts the call of a record, if it is of one. */
  count(row: Pick<FollowedRow, "body" | "fact">): void;
  list(): readonly Cell[];
}

/** Stands for what is not told apart: names that callers may make up without end, and what is beyond the room of a roll-up. */
export const OTHER = "(other)";

export const GRAIN_MS: Readonly<Record<UsageGrain, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const GRAINS: readonly UsageGrain[] = ["minute", "hour", "day"];

export function startOf(at: number, grain: UsageGrain): number {
  return at - (at % GRAIN_MS[grain]);
}

type Texts = readonly string[];

/** What the tallies of a cut are told apart by, in this order; and where an addition goes that has no room. */
export const CUTS: Readonly<Record<UsageCut, readonly Dimension[]>> = {
  tool: ["tool", "method", "outcome", "reason"],
  user: ["user", "outcome", "reason"],
  agent: ["agent", "client", "protocol", "outcome", "reason"],
  of_tool: ["agent", "user", "outcome", "reason"],
  of_user: ["tool", "method", "agent", "outcome", "reason"],
  of_agent: ["tool", "method", "user", "outcome", "reason"],
};

/** What a roll-up is of in the cuts that are of one tool, user or agent. */
export const OF: Readonly<Partial<Record<UsageCut, "tool" | "user" | "agent">>> = { of_tool: "tool", of_user: "user", of_agent: "agent" };
const FOLDED: ReadonlySet<string> = new Set(["user", "agent", "client"]);

/** Cells of the calls that were counted. `shorten` says which client and protocol are told apart. */
export function createCells(shorten: (fact: CallFact) => Texts): Cells {
  const cells = new Map<string, Cell>();
  /** An agent mostly does again what it did last, and to compare that is far cheaper than to make the name of a cell. */
  const latest = new Map<string, { readonly fact: CallFact; readonly cell: Cell }>();

  function cellOf(fact: CallFact): Cell {
    const { workspace, agent, target, environment, subject, outcome, at, reason = "" } = fact;
    // Nothing has that name, so that there is no end to them.
    const method = reason === "method_not_found" ? OTHER : fact.method;
    const [client = "", protocol = ""] = shorten(fact);
    const minuteAt = startOf(at, "minute");
    const name = [workspace, minuteAt, environment, agent, subject, target, method, client, protocol, outcome, reason].join("\u0000");
    let cell = cells.get(name);
    if (cell === undefined) {
      const place = { workspace, minuteAt, environment, agent, user: subject, tool: target, method };
      cells.set(name, (cell = { ...place, client, protocol, outcome, reason, tally: createTally() }));
    }
    latest.set(agent, { fact, cell });
    return cell;
  }

  return {
    count(row) {
      const fact = factOf(row);
      if (fact === undefined || fact.workspace === "") return;
      const last = latest.get(fact.agent);
      const cell = last !== undefined && isAlike(last.fact, fact) ? last.cell : cellOf(fact);
      countFact(cell.tally, fact);
    },
    list: () => [...cells.values()],
  };
}

/** Whether two calls of one agent belong in the same cell. */
function isAlike(one: CallFact, other: CallFact): boolean {
  return (
    one.target === other.target &&
    one.outcome === other.outcome &&
    one.reason === other.reason &&
    one.workspace === other.workspace &&
    one.environment === other.environment &&
    one.subject === other.subject &&
    one.method === other.method &&
    one.client === other.client &&
    one.protocol === other.protocol &&
    startOf(one.at, "minute") === startOf(other.at, "minute")
  );
}

function countFact(tally: Tally, { at, durationMs, resultBytes }: CallFact): void {
  const durationUs = Math.max(0, Math.round(durationMs * 1000));
  tally.calls++;
  tally.lastAt = Math.max(tally.lastAt, at);
  tally.durationUs += durationUs;
  addValue(tally.durations, durationUs);
  if (resultBytes === undefined) return;
  tally.results++;
  tally.bytes += resultBytes;
  addValue(tally.sizes, resultBytes);
}

interface RollUp {
  readonly key: UsageKey;
  readonly tallies: Tallies;
}

type RollUps = Map<string, RollUp>;

/** So many cells are worked before others may go on. */
const CELLS_AT_ONCE = 100;

/** What the cells add to the roll-ups: each of them to one of every cut and grain, where that is kept for so long at all. */
export async function additionsOf(cells: readonly Cell[], keptFrom: Readonly<Record<UsageGrain, number>>): Promise<UsageAddition[]> {
  const additions: UsageAddition[] = [];
  const minutes: RollUps = new Map();
  for (let i = 0; i < cells.length; i += CELLS_AT_ONCE) {
    for (const cell of cells.slice(i, i + CELLS_AT_ONCE)) addCell(minutes, cell);
    await new Promise((resolve) => setImmediate(resolve));
  }
  let rollUps = minutes;
  for (const grain of GRAINS) {
    if (grain !== "minute") rollUps = await coarser(rollUps, grain);
    for (const { key, tallies } of rollUps.values()) {
      if (key.start_at >= keptFrom[grain]) additions.push({ key, merge: (packed) => merged(packed, key, tallies) });
    }
  }
  return additions;
}

function merged(packed: Uint8Array | undefined, { cut, start_at }: UsageKey, tallies: Tallies): Uint8Array {
  return addPacked(packed, { tallies, startAt: start_at, fold: (texts) => folded(cut, texts) });
}

function addCell(rollUps: RollUps, cell: Cell): void {
  for (const cut of Object.keys(CUTS) as UsageCut[]) {
    const of = OF[cut];
    const of_id = of === undefined ? "" : cell[of];
    // Calls about no tool are of none.
    if (of !== undefined && of_id === "") continue;
    const { workspace: workspace_id, minuteAt: start_at, environment: environment_id } = cell;
    const texts = CUTS[cut].map((dimension) => cell[dimension]);
    addTally(tallyOf(talliesOf(rollUps, { workspace_id, cut, grain: "minute", start_at, environment_id, of_id }), texts), cell.tally);
  }
}

async function coarser(finer: RollUps, grain: UsageGrain): Promise<RollUps> {
  const rollUps: RollUps = new Map();
  let worked = 0;
  for (const { key, tallies } of finer.values()) {
    const into = talliesOf(rollUps, { ...key, grain, start_at: startOf(key.start_at, grain) });
    for (const { texts, tally } of tallies.values()) addTally(tallyOf(into, texts), tally);
    if (++worked % CELLS_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return rollUps;
}

function talliesOf(rollUps: RollUps, key: UsageKey): Tallies {
  const name = [key.workspace_id, key.cut, key.start_at, key.environment_id, key.of_id].join("\u0000");
  let found = rollUps.get(name);
  if (found === undefined) rollUps.set(name, (found = { key, tallies: new Map() }));
  return found.tallies;
}

function folded(cut: UsageCut, texts: Texts): Texts {
  return texts.map((text, i) => (FOLDED.has(CUTS[cut][i] ?? "") ? OTHER : text));
}
