import { useQuery } from "../../data/index.ts";
import { Badge, Empty, Loaded, Time } from "../../kit/index.ts";
import type { ConnectionList as ConnectionListAnswer } from "../../../contract-evidence.ts";

const EVERY_MS = 5_000;
const STATES = {
  connected: ["allow", "check"],
  stopped: ["error", "warning"],
  under_way: ["accent", "clock"],
} as const;
const MARKS = { passed: ["allow", "check"], waiting: ["accent", "clock"], failed: ["error", "cross"] } as const;

type Step = ConnectionListAnswer["connections"][number]["steps"][number];

/** A step that somebody was waited for in, and that went on, is shown as it went on. */
function isLast({ step, outcome }: Step, at: number, steps: readonly Step[]): boolean {
  return outcome !== "waiting" || !steps.slice(at + 1).some((later) => later.step === step);
}

/** How clients came to be connected, or where they stopped and what helps. */
export function Connections() {
  const query = useQuery<ConnectionListAnswer>("connections", { everyMs: EVERY_MS });
  return (
    <Loaded query={query}>
      {({ connections }) =>
        connections.length === 0 ? (
          <Empty icon="plug" title="No client has tried to connect">
            <p>
              Each attempt stands here step by step, and where it stopped. <a href="/console/connect">Connect a client</a>.
            </p>
          </Empty>
        ) : (
          <ul class="stack">
            {connections.map(({ id, client, started_at, finding, steps }) => (
              <li key={id} class="panel panel-body stack">
                <div class="row between">
                  <span class="row">
                    <Badge tone={STATES[finding.state][0]} icon={STATES[finding.state][1]}>
                      {finding.state.replaceAll("_", " ")}
                    </Badge>
                    <strong class="wrap">{client}</strong>
                  </span>
                  <Time at={started_at} />
                </div>
                <ol class="steps">
                  {steps.filter(isLast).map(({ step, outcome, at, times }) => (
                    <li key={`${step}${at}`}>
                      <Badge tone={MARKS[outcome][0]} icon={MARKS[outcome][1]}>
                        {step.replaceAll("_", " ")}
                        {times > 1 && ` ×${times}`}
                      </Badge>
                    </li>
                  ))}
                </ol>
                <p class="wrap">
                  {finding.says} <span class="muted">{finding.remedy}</span>
                </p>
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}
