import { useState } from "preact/hooks";
import { invalidate, postJson, useMay, useQuery } from "../../data/index.ts";
import { Badge, Button, Confirm, count, Empty, Loaded, Scope, Table, Time, toast, type Column } from "../../kit/index.ts";
import type { LeastPrivilege as LeastPrivilegeAnswer } from "../../../contract-evidence.ts";

type Advice = LeastPrivilegeAnswer["grants"][number];

/** For each grant the smallest one that would have allowed all that was done with it. */
export function LeastPrivilege() {
  const query = useQuery<LeastPrivilegeAnswer>("least-privilege");
  const [applying, setApplying] = useState<Advice>();
  const mayApply = useMay("admin");
  const columns = columnsOf(mayApply ? setApplying : undefined);
  return (
    <Loaded query={query}>
      {({ days, grants }) => {
        const apply = async (): Promise<void> => {
          await postJson("least-privilege/apply", { agent: applying?.agent, days });
          toast("Narrowed to what was used");
          invalidate("least-privilege", "grants");
        };
        return (
          <>
            {grants.length === 0 ? (
              <Empty icon="shield" title="No grant is live, so there is nothing to narrow" />
            ) : (
              <Table
                caption={`Grants against what was used in ${days} days`}
                columns={columns}
                rows={grants}
                rowKey={({ grant }) => grant}
              />
            )}
            {applying !== undefined && (
              <Confirm
                title="Narrow the grants of this agent?"
                verb="Narrow"
                isDangerous
                onConfirm={apply}
                onClose={() => setApplying(undefined)}
              >
                <p>
                  They keep what calls of the last {days} days needed. Whatever else it tries is refused, and says which scope was missing.
                </p>
                <Scopes names={applying.proposed} />
              </Confirm>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function Scopes({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return <span class="muted">nothing</span>;
  return (
    <span class="row">
      {names.map((name) => (
        <Scope key={name} name={name} />
      ))}
    </span>
  );
}

function columnsOf(onApply: ((advice: Advice) => void) | undefined): readonly Column<Advice>[] {
  return [
    {
      id: "agent",
      title: "Agent",
      cell: ({ agent, agentName }) => (
        <>
          <strong class="wrap">{agentName}</strong>
          <div class="mono small wrap">{agent}</div>
        </>
      ),
    },
    {
      id: "state",
      title: "State",
      cell: ({ state }) => <Badge tone={state === "dormant" ? "deny" : "plain"}>{state.replaceAll("_", " ")}</Badge>,
    },
    { id: "granted", title: "Granted", cell: ({ granted }) => <Scopes names={granted} /> },
    { id: "proposed", title: "Enough would be", cell: ({ proposed }) => <Scopes names={proposed} /> },
    { id: "calls", title: "Calls", isNumber: true, cell: ({ calls }) => count(calls) },
    { id: "last", title: "Last used (UTC)", cell: ({ last_used_at: at }) => (at === null ? "never" : <Time at={at} />) },
    {
      id: "apply",
      title: <span class="unseen">Apply</span>,
      cell: (advice) =>
        advice.is_narrower && (
          <Button disabled={onApply === undefined} onClick={() => onApply?.(advice)}>
            Narrow
          </Button>
        ),
    },
  ];
}
