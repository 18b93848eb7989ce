import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";
import { systemClock } from "../../../../lib/clock.ts";
import { invalidate, postJson, useMay, useQuery, useQueryState } from "../../data/index.ts";
import { Badge, Button, Confirm, Dialog, Empty, Json, Loaded, Table, Tabs, Time, toast, type Column } from "../../kit/index.ts";
import type {
  Approval,
  Approvals as ApprovalsAnswer,
  Change,
  Changes as ChangesAnswer,
  WaitingApproval,
} from "../../../contract-evidence.ts";
import { PlanView } from "./plan.tsx";

const EVERY_MS = 5_000;
const TABS = [
  { id: "waiting", label: "Waiting" },
  { id: "changes", label: "Changes" },
] as const;

export function Screen() {
  const [chosen, setTab] = useQueryState("tab");
  const { path, route } = useLocation();
  const id = /^\/console\/approvals\/([\w-]+)/.exec(path)?.[1];
  const tab = chosen === "changes" ? "changes" : "waiting";
  return (
    <section class="panel" aria-label="Approvals">
      <Tabs label="Approvals" tabs={TABS} selected={tab} onSelect={(to) => setTab(to === "waiting" ? "" : to)}>
        {tab === "waiting" ? <Queue /> : <Changes />}
      </Tabs>
      {id !== undefined && <ApprovalDialog id={id} onClose={() => route("/console/approvals")} />}
    </section>
  );
}

const COLUMNS: readonly Column<WaitingApproval>[] = [
  {
    id: "tool",
    title: "Call",
    cell: ({ id, tool }) => (
      <a class="mono" href={`/console/approvals/${id}`}>
        {tool}
      </a>
    ),
  },
  { id: "plan", title: "What it would do", cell: ({ summary }) => <span class="wrap">{summary}</span> },
  { id: "client", title: "Agent", cell: ({ clientName }) => <span class="wrap">{clientName}</span> },
  { id: "for", title: "Acts for", cell: ({ actsFor }) => actsFor ?? "nobody" },
  {
    id: "state",
    title: "State",
    cell: ({ state, approvedBy, approversNeeded }) => (
      <Badge tone={state === "pending" ? "accent" : "plain"} icon="clock">
        {approversNeeded > 1 ? `${state} ${approvedBy.length} of ${approversNeeded}` : state}
      </Badge>
    ),
  },
  { id: "until", title: "Ends (UTC)", cell: ({ expiresAt }) => <Time at={expiresAt} /> },
];

function Queue() {
  const { route } = useLocation();
  const query = useQuery<ApprovalsAnswer>("approvals", { everyMs: EVERY_MS });
  return (
    <Loaded query={query}>
      {({ approvals }) =>
        approvals.length === 0 ? (
          <Empty icon="inbox" title="Nothing waits for you">
            <p>
              A call that would destroy something is held and shown here, with the plan of what it would do, until a person approves or
              refuses it.
            </p>
          </Empty>
        ) : (
          <Table
            caption="Calls that wait"
            columns={COLUMNS}
            rows={approvals}
            rowKey={({ id }) => id}
            onOpen={({ id }) => route(`/console/approvals/${id}`)}
          />
        )
      }
    </Loaded>
  );
}

function ApprovalDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const query = useQuery<Approval>(`approvals/${encodeURIComponent(id)}`);
  return (
    <Dialog title="A call that waits" onClose={onClose} side>
      <Loaded query={query}>
        {(approval) => (
          <>
            <p class="wrap">
              <strong>{approval.clientName}</strong> <span class="muted">(its own name; id {approval.clientId})</span> wants to call{" "}
              <code>{approval.tool}</code>, acting for {approval.actsFor ?? "nobody: it is a machine"}.
            </p>
            {approval.madeBy !== null && (
              <p class="wrap">
                The call was made as it by <strong>{approval.madeBy}</strong> from the console, who cannot approve it.
              </p>
            )}
            <PlanView plan={approval.plan} />
            <h3>Arguments</h3>
            <Json value={approval.arguments} label="Arguments" />
            <Decide approval={approval} onDone={onClose} />
          </>
        )}
      </Loaded>
    </Dialog>
  );
}

function Decide({ approval, onDone }: { readonly approval: Approval; readonly onDone: () => void }) {
  const [reason, setReason] = useState("");
  if (!useMay("operator")) return <p class="muted">An operator of this workspace decides about it.</p>;
  if (approval.state !== "pending" || approval.hasApproved)
    return (
      <p>
        {approval.hasApproved ? "You approved this." : `This is ${approval.state}.`}
        {approval.reason !== null && ` Reason: ${approval.reason}`}
      </p>
    );
  const decide = (verb: "approve" | "refuse") => async (): Promise<void> => {
    await postJson(`approvals/${approval.id}/${verb}`, { digest: approval.digest, reason: reason.trim() });
    toast(verb === "approve" ? "Approved: the agent's next try goes through" : "Refused");
    invalidate("approvals", "changes", "overview");
    onDone();
  };
  return (
    <>
      <label class="field">
        <span>Reason</span>
        <textarea rows={2} maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <div class="row">
        <Button kind="primary" icon="check" onClick={decide("approve")}>
          Approve
        </Button>
        <Button kind="danger" icon="cross" disabled={reason.trim() === ""} onClick={decide("refuse")}>
          Refuse
        </Button>
        {reason.trim() === "" && <span class="muted small">To refuse, say why: the agent is told.</span>}
      </div>
    </>
  );
}

function Changes() {
  const query = useQuery<ChangesAnswer>("changes");
  const [undoing, setUndoing] = useState<Change>();
  const mayUndo = useMay("operator");
  const columns: Column<Change>[] = [
    { id: "at", title: "Done (UTC)", cell: ({ at }) => <Time at={at} /> },
    { id: "tool", title: "Call", cell: ({ tool }) => <code>{tool}</code> },
    { id: "summary", title: "What it did", cell: ({ summary }) => <span class="wrap">{summary}</span> },
    { id: "until", title: "Can be undone until", cell: ({ until }) => <Time at={until} /> },
    {
      id: "undo",
      title: <span class="unseen">Undo</span>,
      cell: (change) =>
        change.undoneAt !== null ? (
          <Badge icon="undo">undone</Badge>
        ) : (
          <Button icon="undo" disabled={!mayUndo || change.until < systemClock()} onClick={() => setUndoing(change)}>
            Undo
          </Button>
        ),
    },
  ];
  const undo = async (): Promise<void> => {
    await postJson(`changes/${undoing?.id ?? ""}/undo`);
    toast("Taken back");
    invalidate("changes");
  };
  return (
    <Loaded query={query}>
      {({ changes }) => (
        <>
          {changes.length === 0 ? (
            <Empty icon="undo" title="Nothing was changed that can be taken back">
              <p>What agents change with tools that know how to undo stands here for as long as it can be taken back.</p>
            </Empty>
          ) : (
            <Table caption="Changes, newest first" columns={columns} rows={changes} rowKey={({ id }) => id} />
          )}
          {undoing !== undefined && (
            <Confirm title="Take this change back?" verb="Undo" onConfirm={undo} onClose={() => setUndoing(undefined)}>
              <p class="wrap">{undoing.summary}</p>
            </Confirm>
          )}
        </>
      )}
    </Loaded>
  );
}
