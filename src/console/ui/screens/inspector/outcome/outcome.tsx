import { useState } from "preact/hooks";
import { Badge, Button, Empty, Failed, Json, Tabs } from "../../../kit/index.ts";
import { Decision } from "./decision.tsx";
import { Wire } from "./wire.tsx";
import { AgentView } from "./agent-view.tsx";
import type { SurfaceTool } from "../../../../contract.ts";
import { summaryOf, type Summary } from "./summary.ts";
import type { RunningCall } from "../use-call.ts";

const TABS = [
  { id: "decision", label: "Decision" },
  { id: "response", label: "Response" },
  { id: "request", label: "Request" },
  { id: "stream", label: "Stream" },
  { id: "agent", label: "What the agent sees" },
];

const ICONS = { allow: "check", deny: "lock", error: "warning" } as const;

/** `tool` is left out for resources and prompts. */
export function Outcome({ call, tool }: { readonly call: RunningCall; readonly tool?: SurfaceTool }) {
  const [tab, setTab] = useState("decision");
  const summary = summaryOf(call.lines, call.explained);
  return (
    <section class="outcome panel" aria-label="Outcome">
      <div class="outcome-head row" aria-live="polite">
        <Head call={call} summary={summary} />
      </div>
      <Tabs label="Outcome" tabs={tool === undefined ? TABS.filter(({ id }) => id !== "agent") : TABS} selected={tab} onSelect={setTab}>
        {call.error === undefined ? (
          <Shown tab={tab} call={call} summary={summary} {...(tool === undefined ? {} : { tool })} />
        ) : (
          <Failed error={call.error} />
        )}
      </Tabs>
    </section>
  );
}

function Head({ call, summary }: { readonly call: RunningCall; readonly summary: Summary | undefined }) {
  if (call.isRunning) {
    return (
      <>
        <Badge tone="accent" icon="clock">
          running
        </Badge>
        <span class="grow" />
        <Button icon="stop" onClick={call.stop}>
          Stop
        </Button>
      </>
    );
  }
  if (summary === undefined) return <span class="muted">No call yet</span>;
  return (
    <>
      <Badge tone={summary.look} icon={ICONS[summary.look]}>
        {summary.word}
      </Badge>
      <span class="grow wrap">{summary.text}</span>
    </>
  );
}

interface ShownProps {
  readonly tab: string;
  readonly call: RunningCall;
  readonly tool?: SurfaceTool;
  readonly summary: Summary | undefined;
}

function Shown({ tab, call, tool, summary }: ShownProps) {
  if (tab === "agent" && tool !== undefined) return <AgentView tool={tool} message={summary?.message} />;
  if (tab === "decision") {
    return call.explained === undefined ? (
      <Empty title={call.isRunning ? "Waiting for the decision" : "No decision yet"}>
        <p>
          {tool === undefined ? (
            "It comes with the call."
          ) : (
            <>
              <kbd>Ctrl Enter</kbd> calls, <kbd>Shift Ctrl Enter</kbd> explains without running.
            </>
          )}
        </p>
      </Empty>
    ) : (
      <Decision explained={call.explained} />
    );
  }
  if (call.lines.length === 0)
    return <Empty title={call.explained === undefined ? "No call yet" : "Nothing was sent: it was only explained"} />;
  if (tab !== "response") return <Wire lines={call.lines} part={tab === "request" ? "request" : "stream"} />;
  return summary?.message === undefined ? (
    <Wire lines={call.lines} part="response" />
  ) : (
    <div class="stack">
      <Json value={summary.message} label="Response" />
      <Wire lines={call.lines} part="response" />
    </div>
  );
}
