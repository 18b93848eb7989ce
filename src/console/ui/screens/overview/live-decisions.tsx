import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";
import { useStream, type StreamState } from "../../data/index.ts";
import { Badge, DecisionBadge, duration, Empty, Panel, Table, Time, type Column, type Tone } from "../../kit/index.ts";
import type { LiveDecision } from "../../../contract.ts";
import { withNewest } from "./with-newest.ts";

const COLUMNS: readonly Column<LiveDecision>[] = [
  { id: "at", title: "Time (UTC)", cell: ({ at }) => <Time at={at} short /> },
  { id: "agent", title: "Agent", cell: ({ agent }) => <span class="wrap live-agent">{agent}</span> },
  {
    id: "tool",
    title: "Tool",
    cell: ({ tool, seq }) => (
      <a class="mono wrap" href={`/console/ledger/${seq}`} tabIndex={-1}>
        {tool}
      </a>
    ),
  },
  { id: "decision", title: "Decision", cell: ({ decision, reason }) => <DecisionBadge decision={decision} reason={reason} /> },
  { id: "ms", title: "Took", isNumber: true, cell: ({ ms }) => (ms === null ? "–" : duration(ms)) },
];

const STATES: Readonly<Record<StreamState, readonly [Tone, string]>> = {
  connecting: ["plain", "connecting"],
  live: ["allow", "live"],
  lost: ["deny", "not live"],
};

export function LiveDecisions({ recent }: { readonly recent: readonly LiveDecision[] }) {
  const { route } = useLocation();
  const [seen, setSeen] = useState<readonly LiveDecision[]>([]);
  const { state } = useStream<LiveDecision>("overview/live", (line) => setSeen((now) => withNewest(now, [line])));
  const rows = withNewest(recent, seen);
  const [tone, word] = STATES[state];
  return (
    <Panel title="Decisions" aside={<Badge tone={tone}>{word}</Badge>} flush>
      {rows.length === 0 ? (
        <Empty icon="list" title="No decision yet">
          <p>Each call that an agent makes is decided, and comes here at once.</p>
        </Empty>
      ) : (
        <Table
          caption="Newest decisions"
          columns={COLUMNS}
          rows={rows}
          rowKey={({ seq }) => seq}
          onOpen={({ seq }) => route(`/console/ledger/${seq}`)}
        />
      )}
    </Panel>
  );
}
