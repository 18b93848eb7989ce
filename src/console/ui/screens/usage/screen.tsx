import "./usage.css";
import "uplot/dist/uPlot.min.css";
import { useMemo } from "preact/hooks";
import { systemClock } from "../../../../lib/clock.ts";
import { queryOf, useQuery, useQueryState } from "../../data/index.ts";
import { count, duration, Empty, Loaded, Panel, percent, recordsOf, Table, Time, type Column } from "../../kit/index.ts";
import type { Usage } from "../../../contract-evidence.ts";
import { Chart, type Line } from "./chart.tsx";
import { Clusters } from "./clusters.tsx";
import { HeatMap } from "./heat-map.tsx";

const HOUR_MS = 3_600_000;
const RANGES = [
  { id: "1h", title: "Last hour", ms: HOUR_MS, every: "minute" },
  { id: "24h", title: "Last 24 hours", ms: 24 * HOUR_MS, every: "hour" },
  { id: "7d", title: "Last 7 days", ms: 7 * 24 * HOUR_MS, every: "hour" },
  { id: "30d", title: "Last 30 days", ms: 30 * 24 * HOUR_MS, every: "day" },
] as const;

export function Screen() {
  const [chosen, setRange] = useQueryState("range");
  const range = RANGES.find(({ id }) => id === chosen) ?? RANGES[1];
  // The begin holds still while the screen is shown: an address that changes with each render would be read for ever.
  const since = useMemo(() => Math.floor((systemClock() - range.ms) / 60_000) * 60_000, [range]);
  const shared = { since, every: range.every };
  const tools = useQuery<Usage>(`usage${queryOf({ by: "tool", limit: 50, ...shared })}`);
  const outcomes = useQuery<Usage>(`usage${queryOf({ by: "outcome", ...shared })}`);
  const hours = useQuery<Usage>(
    `usage${queryOf({ by: "tool", limit: 12, since: Math.max(since, since + range.ms - 24 * HOUR_MS), every: "hour" })}`,
  );
  return (
    <>
      <div class="row">
        <label class="range">
          <span class="muted">Time</span>
          <select value={range.id} onChange={(event) => setRange(event.currentTarget.value)}>
            {RANGES.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Loaded query={outcomes}>{(usage) => <Totals usage={usage} />}</Loaded>
      <Panel title="When tools are called" aside={<span class="muted small">the last 24 hours, UTC</span>}>
        <Loaded query={hours}>{(usage) => (usage.total.calls === 0 ? <NoCalls /> : <HeatMap usage={usage} />)}</Loaded>
      </Panel>
      <Panel title="Tools" flush>
        <Loaded query={tools}>{(usage) => <Groups usage={usage} by="Tool" />}</Loaded>
      </Panel>
      <div class="halves">
        <Agents since={since} />
        <Reasons since={since} />
      </div>
      <Clusters />
    </>
  );
}

function NoCalls() {
  return (
    <Empty icon="chart" title="No call in this time">
      <p>
        <a href="/console/connect">Connect an agent</a> or make a call in the <a href="/console/inspector">inspector</a>; it is counted here
        at once.
      </p>
    </Empty>
  );
}

function Totals({ usage }: { readonly usage: Usage }) {
  const { total, starts = [], countedFrom } = usage;
  const lines = useMemo(() => linesOf(usage), [usage]);
  const all = total.calls === 0 ? 1 : total.calls;
  return (
    <>
      <div class="kpis">
        <Kpi title="Calls" value={countedFrom === null ? "–" : count(total.calls)} search="outcome:*" usage={usage} />
        <Kpi
          title="Refused"
          value={percent(total.refused / all)}
          note={`${count(total.refused)} calls`}
          search="outcome:refused"
          usage={usage}
        />
        <Kpi
          title="Failed"
          value={percent(total.failed / all)}
          note={`${count(total.failed)} calls`}
          search="outcome:failed"
          usage={usage}
        />
        <Kpi
          title="95th percentile"
          value={total.p95Ms === null ? "–" : duration(total.p95Ms)}
          note={total.p50Ms === null ? "no call ran" : `half within ${duration(total.p50Ms)}`}
        />
      </div>
      <Panel
        title="Calls over time"
        aside={
          <p class="legend">
            <span>Calls</span>
            <span class="deny">Refused</span>
            <span class="error">Failed</span>
          </p>
        }
      >
        <Chart
          starts={starts}
          lines={lines}
          label={`Calls, refused calls and failed calls over time: ${count(total.calls)}, ${count(total.refused)} and ${count(total.failed)} in all`}
        />
        <p class="muted small">
          {countedFrom === null ? (
            "Nothing was counted yet."
          ) : (
            <>
              Counted since <Time at={countedFrom} /> UTC. A line is broken where nothing is known, and lies at the bottom where nothing was
              called.
            </>
          )}
        </p>
      </Panel>
    </>
  );
}

interface KpiProps {
  readonly title: string;
  readonly value: string;
  readonly note?: string;
  /** What finds the records behind it, the time aside. */
  readonly search?: string;
  readonly usage?: Usage;
}

function Kpi({ title, value, note, search, usage }: KpiProps) {
  const inside = (
    <>
      <span class="muted small">{title}</span>
      <strong>{value}</strong>
      <span class="muted small">{note}</span>
    </>
  );
  if (search === undefined || usage === undefined) return <div class="kpi">{inside}</div>;
  const time = `since:${new Date(usage.since).toISOString()} until:${new Date(usage.until).toISOString()}`;
  return (
    <a class="kpi" href={recordsOf(`${search} ${time}`)}>
      {inside}
    </a>
  );
}

/** Sums of the outcomes per time; a time of which no outcome knows anything stays unknown. */
function linesOf({ groups, starts = [] }: Usage): readonly Line[] {
  const sum = (keep: (key: string) => boolean, of: "calls" | "failed"): (number | null)[] =>
    starts.map((_, i) => {
      const known = groups.flatMap(({ series }) => series?.[of][i] ?? []);
      if (known.length === 0) return null;
      return groups.reduce((total, { key, series }) => total + (keep(key) ? (series?.[of][i] ?? 0) : 0), 0);
    });
  return [
    { label: "Calls", color: "--accent", values: sum(() => true, "calls") },
    { label: "Refused", color: "--deny", dash: [6, 4], values: sum((key) => key === "refused", "calls") },
    { label: "Failed", color: "--error", dash: [2, 3], values: sum(() => true, "failed") },
  ];
}

type Group = Usage["groups"][number];

function Groups({ usage, by }: { readonly usage: Usage; readonly by: string }) {
  const named = usage.groups.filter(({ key }) => key !== "");
  if (named.length === 0) return <NoCalls />;
  const number = (id: string, title: string, cell: (group: Group) => string): Column<Group> => ({ id, title, cell, isNumber: true });
  const columns: Column<Group>[] = [
    {
      id: "key",
      title: by,
      cell: ({ key, name, search }) => {
        const shown = name === undefined || name === null ? <code>{key}</code> : <span title={key}>{name}</span>;
        if (search === undefined) return shown;
        return (
          <a class="wrap" href={recordsOf(search)}>
            {shown}
          </a>
        );
      },
    },
    number("calls", "Calls", ({ calls }) => count(calls)),
    number("p50", "p50", ({ p50Ms }) => (p50Ms === null ? "–" : duration(p50Ms))),
    number("p95", "p95", ({ p95Ms }) => (p95Ms === null ? "–" : duration(p95Ms))),
    number("refused", "Refused", ({ refused, calls }) => (refused === 0 ? "0" : percent(refused / calls))),
    number("failed", "Failed", ({ failed, calls }) => (failed === 0 ? "0" : percent(failed / calls))),
  ];
  return <Table caption={by} columns={columns} rows={named.slice(0, 20)} rowKey={({ key }) => key} />;
}

function Agents({ since }: { readonly since: number }) {
  const query = useQuery<Usage>(`usage${queryOf({ by: "agent", since })}`);
  return (
    <Panel title="Agents" flush>
      <Loaded query={query}>{(usage) => <Groups usage={usage} by="Agent" />}</Loaded>
    </Panel>
  );
}

function Reasons({ since }: { readonly since: number }) {
  const query = useQuery<Usage>(`usage${queryOf({ by: "reason", since, sort: "refused" })}`);
  return (
    <Panel title="Why calls are refused">
      <Loaded query={query}>
        {({ groups }) => {
          const reasons = groups.filter(({ key }) => key !== "");
          const most = Math.max(1, ...reasons.map(({ calls }) => calls));
          if (reasons.length === 0) return <Empty icon="check" title="No call was refused in this time" />;
          return (
            <ul class="bars">
              {reasons.map(({ key, calls, search }) => (
                <li key={key}>
                  <div class="row between">
                    <code>{key}</code>
                    {search === undefined ? (
                      count(calls)
                    ) : (
                      <a href={recordsOf(search)}>
                        {count(calls)}
                        <span class="unseen"> calls refused for {key}</span>
                      </a>
                    )}
                  </div>
                  <progress value={calls} max={most} aria-label={`${key}: ${calls}`} />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
}
