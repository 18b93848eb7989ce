import { useQuery } from "../../data/index.ts";
import { Badge, count, Empty, Loaded, Panel, recordsOf, Time } from "../../kit/index.ts";
import type { Failures as FailuresAnswer } from "../../../contract-evidence.ts";

/** What agents get wrong, and what would make it right. */
export function Clusters() {
  const query = useQuery<FailuresAnswer>("failures");
  return (
    <Panel title="What agents get wrong" flush>
      <Loaded query={query}>
        {({ failures }) =>
          failures.length === 0 ? (
            <Empty icon="check" title="No call went wrong">
              <p>Calls with wrong names, arguments or scopes are gathered here by what was wrong, each with a fix.</p>
            </Empty>
          ) : (
            <ul class="clusters">
              {failures.slice(0, 8).map((each) => (
                <li key={each.id} class="stack">
                  <div class="row between">
                    <span class="row">
                      <code class="wrap">{each.target}</code>
                      <Badge tone={each.cause === "missing_scope" ? "deny" : "error"}>{each.cause.replaceAll("_", " ")}</Badge>
                    </span>
                    <a href={recordsOf(`decision:${each.decision}`)}>
                      {count(each.calls)} calls<span class="unseen"> of {each.target}: the newest</span>
                    </a>
                  </div>
                  <p class="wrap">{each.likely}</p>
                  <p class="muted wrap">
                    <strong>Fix:</strong> {each.fix.text}
                  </p>
                  <p class="muted small">
                    {each.agents.length} {each.agents.length === 1 ? "agent" : "agents"}, last <Time at={each.lastAt} />
                  </p>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}
