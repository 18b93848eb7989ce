import { useState } from "preact/hooks";
import { invalidate, postJson, useMay, useQuery } from "../../data/index.ts";
import { Badge, Button, Confirm, Empty, Loaded, Scope, Table, Time, toast, type Column } from "../../kit/index.ts";
import type { Grant, Grants as GrantsAnswer } from "../../../contract-evidence.ts";

export function Grants() {
  const query = useQuery<GrantsAnswer>("grants");
  const [revoking, setRevoking] = useState<Grant>();
  const mayRevoke = useMay("admin");
  const columns = columnsOf(mayRevoke ? setRevoking : undefined);
  const revoke = async (): Promise<void> => {
    await postJson(`grants/${revoking?.id ?? ""}/revoke`);
    toast("Revoked: its tokens are refused from now on");
    invalidate("grants", "least-privilege");
  };
  return (
    <Loaded query={query}>
      {({ grants }) => (
        <>
          {grants.length === 0 ? (
            <Empty icon="key" title="No grant is live">
              <p>
                A grant is what an agent was allowed, by a person or for itself. Its tokens last minutes; the grant lasts until it is
                revoked.
              </p>
            </Empty>
          ) : (
            <Table caption="Live grants, newest first" columns={columns} rows={grants} rowKey={({ id }) => id} />
          )}
          {revoking !== undefined && (
            <Confirm title="Revoke this grant?" verb="Revoke" isDangerous onConfirm={revoke} onClose={() => setRevoking(undefined)}>
              <p class="wrap">
                {revoking.clientName} can no longer act for {revoking.subject ?? "itself"} with {revoking.scopes.join(", ")}, nor can
                anything that it handed on.
              </p>
            </Confirm>
          )}
        </>
      )}
    </Loaded>
  );
}

function columnsOf(onRevoke: ((grant: Grant) => void) | undefined): readonly Column<Grant>[] {
  return [
    { id: "client", title: "Agent", cell: ({ clientName }) => <strong class="wrap">{clientName}</strong> },
    { id: "subject", title: "Acts for", cell: ({ subject }) => <span class="wrap">{subject ?? "itself"}</span> },
    { id: "kind", title: "Kind", cell: ({ kind }) => <Badge>{kind.replaceAll("_", " ")}</Badge> },
    {
      id: "scopes",
      title: "Scopes",
      cell: ({ scopes }) => (
        <span class="row">
          {scopes.map((scope) => (
            <Scope key={scope} name={scope} />
          ))}
        </span>
      ),
    },
    { id: "since", title: "Since (UTC)", cell: ({ createdAt }) => <Time at={createdAt} /> },
    { id: "until", title: "Until (UTC)", cell: ({ expiresAt }) => (expiresAt === null ? "no end" : <Time at={expiresAt} />) },
    {
      id: "revoke",
      title: <span class="unseen">Revoke</span>,
      cell: (grant) => (
        <Button kind="danger" disabled={onRevoke === undefined} onClick={() => onRevoke?.(grant)}>
          Revoke
        </Button>
      ),
    },
  ];
}
