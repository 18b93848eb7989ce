import "./health.css";
import type { Health, HealthCheck as Check } from "../../../contract-evidence.ts";
import { useQuery } from "../../data/index.ts";
import { Badge, Button, Empty, Loaded, Panel, Table, type Column } from "../../kit/index.ts";

const STATES = {
  ok: ["allow", "check"],
  warn: ["deny", "warning"],
  fail: ["error", "cross"],
} as const;

const COLUMNS: readonly Column<Check>[] = [
  {
    id: "state",
    title: "State",
    cell: ({ state }) => (
      <Badge tone={STATES[state][0]} icon={STATES[state][1]}>
        {state}
      </Badge>
    ),
  },
  { id: "title", title: "Check", cell: ({ title }) => <strong>{title}</strong> },
  {
    id: "says",
    title: "What was found",
    cell: ({ says, next }) => (
      <>
        <span class="wrap">{says}</span>
        {next !== undefined && <p class="muted wrap">{next}</p>}
      </>
    ),
  },
];

/** The same checks as `remit doctor`, in the order in which what is wrong should be mended. */
export function Screen() {
  const query = useQuery<Health>("health");
  return (
    <Loaded query={query}>
      {({ checks, about }) => (
        <div class="stack">
          <Panel title={summary(checks)} aside={<Button onClick={query.reload}>Check again</Button>} flush>
            {checks.length === 0 ? (
              <Empty title="Nothing was checked" />
            ) : (
              <Table caption="Checks" columns={COLUMNS} rows={checks} rowKey={({ id }) => id} />
            )}
          </Panel>
          <div class="health-about">
            {about.map(({ title, facts }) => (
              <Panel key={title} title={title}>
                <dl class="health-facts">
                  {facts.map(({ name, value }) => (
                    <Fact key={name} name={name} value={value} />
                  ))}
                </dl>
              </Panel>
            ))}
          </div>
        </div>
      )}
    </Loaded>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt class="wrap">{name}</dt>
      <dd class="wrap">{value}</dd>
    </>
  );
}

function summary(checks: readonly Check[]): string {
  const bad = checks.filter(({ state }) => state === "fail" || state === "warn").length;
  return bad === 0 ? "All is well" : `${bad} of ${checks.length} checks need a look`;
}
