import { useQuery } from "../../data/index.ts";
import { Badge, Empty, Loaded, Table, type Column } from "../../kit/index.ts";
import type { LeastPrivilege as LeastPrivilegeAnswer, Clients as ClientsAnswer } from "../../../contract-evidence.ts";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly allowed: ReadonlySet<string>;
  readonly granted: ReadonlySet<string>;
  readonly used: ReadonlySet<string>;
}

/** What each agent may be granted, was granted and used. */
export function ScopeMatrix() {
  const clients = useQuery<ClientsAnswer>("clients");
  const advice = useQuery<LeastPrivilegeAnswer>("least-privilege");
  return (
    <Loaded query={clients}>
      {(known) => (
        <Loaded query={advice}>
          {({ days, grants }) => {
            const rows = known.clients.map(({ id, name, scopes }): Row => {
              const own = grants.filter(({ agent }) => agent === id);
              return {
                id,
                name,
                allowed: new Set(scopes),
                granted: new Set(own.flatMap(({ granted }) => granted)),
                used: new Set(own.flatMap(({ used }) => used)),
              };
            });
            if (rows.length === 0) return <Empty icon="key" title="No agent is known yet" />;
            return (
              <div class="stack">
                <p class="muted">
                  Used: a call that was let through in the last {days} days needed it. Granted and not used is what least privilege takes
                  away.
                </p>
                <Table caption="Scopes of each agent" columns={columnsOf(known.scopes)} rows={rows} rowKey={({ id }) => id} />
              </div>
            );
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

function columnsOf(scopes: readonly string[]): readonly Column<Row>[] {
  return [
    { id: "name", title: "Agent", cell: ({ name }) => <strong class="wrap">{name}</strong> },
    ...scopes.map((scope): Column<Row> => ({ id: scope, title: <code>{scope}</code>, cell: (row) => <Mark row={row} scope={scope} /> })),
  ];
}

function Mark({ row: { allowed, granted, used }, scope }: { readonly row: Row; readonly scope: string }) {
  if (used.has(scope))
    return (
      <Badge tone="allow" icon="check">
        used
      </Badge>
    );
  if (granted.has(scope)) return <Badge tone="deny">granted</Badge>;
  if (allowed.has(scope)) return <Badge>allowed</Badge>;
  return (
    <span class="muted">
      –<span class="unseen"> not allowed</span>
    </span>
  );
}
