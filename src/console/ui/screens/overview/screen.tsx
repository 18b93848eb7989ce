import "./overview.css";
import { useMay, useQuery } from "../../data/index.ts";
import { Badge, count, duration, Empty, Icon, Loaded, Panel, percent, recordsOf, type Tone } from "../../kit/index.ts";
import type { AttentionItem, Overview } from "../../../contract.ts";
import { FirstSteps } from "./first-steps.tsx";
import { LiveDecisions } from "./live-decisions.tsx";

const REFRESH_MS = 15_000;

export function Screen() {
  const overview = useQuery<Overview>("overview", { everyMs: REFRESH_MS });
  return (
    <Loaded query={overview}>
      {(data) => (
        <>
          <Health health={data.health} />
          {!(data.steps.isConnected && data.steps.hasCalled) && <FirstSteps steps={data.steps} />}
          <Figures overview={data} />
          <div class="overview-columns">
            <LiveDecisions recent={data.recent} />
            <Attention items={data.attention} />
          </div>
        </>
      )}
    </Loaded>
  );
}

const HEALTH: Readonly<Record<Overview["health"]["state"], readonly [Tone, string]>> = {
  good: ["allow", "healthy"],
  attention: ["deny", "needs attention"],
  bad: ["error", "not healthy"],
};

function Health({ health }: { readonly health: Overview["health"] }) {
  const [tone, word] = HEALTH[health.state];
  return (
    <p class="row health">
      <Badge tone={tone} icon={health.state === "good" ? "check" : "warning"}>
        {word}
      </Badge>
      <span class="grow wrap">{health.text}</span>
      <a href="/console/health">Checks</a>
    </p>
  );
}

/** "–" where nothing was measured; 0 is a figure. */
function Figures({ overview: { calls, denied, errors, p95Ms, agents } }: { readonly overview: Overview }) {
  const share = (part: number | null): string | undefined =>
    part === null || calls === null || calls === 0 ? undefined : `${percent(part / calls)} of the calls`;
  const figures: readonly (readonly [name: string, value: string | null, note: string | undefined, href: string])[] = [
    ["Calls", calls === null ? null : count(calls), undefined, recordsOf("outcome:* since:24h")],
    ["Denied", denied === null ? null : count(denied), share(denied), recordsOf("outcome:refused since:24h")],
    ["Errors", errors === null ? null : count(errors), share(errors), recordsOf("outcome:failed since:24h")],
    ["95 % of calls within", p95Ms === null ? null : duration(p95Ms), undefined, "/console/usage"],
    ["Active agents", agents === null ? null : count(agents), undefined, "/console/access"],
  ];
  return (
    <section aria-label="The last 24 hours">
      <ul class="figures">
        {figures.map(([name, value, note, href]) => (
          <li key={name}>
            <a class="figure panel" href={href}>
              <span class="muted small">{name}</span>
              <span class="figure-value">{value ?? "–"}</span>
              <span class="muted small">{value === null ? "nothing measured" : (note ?? "in 24 hours")}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Attention({ items }: { readonly items: readonly AttentionItem[] }) {
  const mayAct = useMay("operator");
  return (
    <Panel title="Needs attention" flush>
      {items.length === 0 ? (
        <Empty icon="check" title="Nothing needs you">
          <p>Approvals, stuck clients, unverified records and lint problems come here.</p>
        </Empty>
      ) : (
        <ul class="attention">
          {items.map(({ id, text, path, verb }) => (
            <li key={id} class="row">
              <Icon name="warning" />
              <span class="grow wrap">{text}</span>
              <a href={path === "" ? "/console" : `/console/${path}`}>{mayAct ? verb : "Look"}</a>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
