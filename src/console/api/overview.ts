/** Is it healthy, who is here, and what needs a person. */
import type { AttentionItem, LiveDecision, Overview } from "../contract.ts";
import type { ConsoleContext, Endpoint } from "../endpoint.ts";
import { decisionOf } from "./live-decision.ts";
import { agentNames, workspaceClients } from "../workspace-clients.ts";
import { visibleConnections } from "../visible-connections.ts";

const DAY_MS = 86_400_000;
const MOST_RECENT = 20;
const PAGE = 100;
/** Lists and reads without a target are no decisions to show; so many pages are looked through for those that are. */
const MAX_PAGES = 10;
const CONNECTIONS = 50;

export const OVERVIEW_ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: "overview", role: "viewer", run: showOverview },
  { method: "GET", path: "overview/live", role: "viewer", run: tellDecisions },
];

async function showOverview(context: ConsoleContext): Promise<Overview> {
  const { evidence, store, by, now } = context;
  const clients = await workspaceClients(store, by.workspaceId);
  const names = new Map(clients.map(({ id, name }) => [id, name]));
  const [usage, health, attention, recent] = await Promise.all([
    evidence.usage({ by: "agent", since: now() - DAY_MS, limit: 1 }),
    healthOf(context),
    attentionFor(context),
    recentDecisions(context, names),
  ]);
  const found = "problems" in usage || usage.countedFrom === null ? undefined : usage;
  return {
    calls: found?.total.calls ?? null,
    denied: found?.total.refused ?? null,
    errors: found?.total.failed ?? null,
    p95Ms: found?.total.p95Ms ?? null,
    agents: found === undefined ? null : found.groups.length + found.omitted,
    health,
    attention,
    steps: { isConnected: clients.some(({ used_at }) => used_at !== null), hasCalled: recent.length > 0 },
    recent,
  };
}

async function healthOf({ ledger, store }: ConsoleContext): Promise<Overview["health"]> {
  if (!ledger.isWritable()) return { state: "bad", text: "The ledger cannot be written. Calls are refused until it can." };
  const answers = await store.ping().then(
    () => true,
    () => false,
  );
  if (!answers) return { state: "bad", text: "The store does not answer." };
  return { state: "good", text: "Calls are decided, and each decision is on record." };
}

async function recentDecisions({ evidence }: ConsoleContext, names: ReadonlyMap<string, string>): Promise<readonly LiveDecision[]> {
  const recent: LiveDecision[] = [];
  let beforeSeq: number | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const found = await evidence.records({ search: "", limit: PAGE, beforeSeq });
    if ("problems" in found) return recent;
    for (const record of found.records) {
      const decision = decisionOf(record, names);
      if (decision !== undefined) recent.push(decision);
      if (recent.length === MOST_RECENT) return recent;
    }
    beforeSeq = found.nextBeforeSeq;
    if (beforeSeq === undefined) return recent;
  }
  return recent;
}

async function attentionFor(context: ConsoleContext): Promise<readonly AttentionItem[]> {
  const found = await Promise.all([waiting(context), widened(context), stuck(context), goingWrong(context)]);
  return found.flat();
}

/** Calls that wait for this person. */
async function waiting({ approvals, by }: ConsoleContext): Promise<readonly AttentionItem[]> {
  const queue = await approvals.queue(by.accountId, by.workspaceId);
  const mine = queue.filter(({ state, hasApproved }) => state === "pending" && !hasApproved).length;
  if (mine === 0) return [];
  const text = mine === 1 ? "A call waits for your approval." : `${mine} calls wait for your approval.`;
  return [{ id: "approvals", text, path: "approvals", verb: "Decide" }];
}

/** Agents that can do more than before although nobody was asked, of the last week. */
async function widened({ evidence }: ConsoleContext): Promise<readonly AttentionItem[]> {
  const found = await evidence.records({ search: "event:surface.widened since:7d", limit: 1 });
  const [record] = "problems" in found ? [] : found.records;
  const agents = Array.isArray(record?.["agents"]) ? record["agents"].length : 0;
  if (record === undefined || agents === 0) return [];
  const who = agents === 1 ? "An agent" : `${agents} agents`;
  return [{ id: `surface-${record.seq}`, text: `${who} can do more than before: tools changed.`, path: "ledger", verb: "See what" }];
}

/** Clients that came and could not get in, of the last day. */
async function stuck(context: ConsoleContext): Promise<readonly AttentionItem[]> {
  const attempts = await visibleConnections(context, CONNECTIONS);
  const stopped = attempts
    .filter(({ finding, updated_at }) => finding.state === "stopped" && updated_at > context.now() - DAY_MS)
    .map(({ id, client, finding }) => ({
      id,
      text: `${client} could not connect: ${finding.says}`,
      path: "access?tab=connections",
      verb: "See why",
    }));
  // Who tries again and again is told of once.
  return [...new Map(stopped.toReversed().map((item) => [item.text, item])).values()].toReversed().slice(0, 3);
}

/** What agents get wrong most, of the last day. */
async function goingWrong({ evidence }: ConsoleContext): Promise<readonly AttentionItem[]> {
  const clusters = await evidence.failures({ withinMs: DAY_MS, limit: 2 });
  if ("problems" in clusters) return [];
  return clusters
    .filter(({ calls }) => calls >= 5)
    .map(({ id, calls, target, likely }) => ({
      id,
      text: `${calls} calls of ${target} went wrong. ${likely}`,
      path: "usage",
      verb: "See the fix",
    }));
}

async function* tellDecisions({ tail, store, by }: ConsoleContext): AsyncGenerator<LiveDecision> {
  let names = await agentNames(store, by.workspaceId);
  for await (const record of tail()) {
    const agent = record["agent"];
    // Made since the page was opened.
    if (typeof agent === "string" && !names.has(agent)) names = await agentNames(store, by.workspaceId);
    const decision = decisionOf(record, names);
    if (decision !== undefined) yield decision;
  }
}
