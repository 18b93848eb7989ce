import { useState } from "preact/hooks";
import { invalidate, postJson, useMay, useQuery } from "../../data/index.ts";
import { Badge, Button, Confirm, Empty, Loaded, Table, Time, toast, type Column } from "../../kit/index.ts";
import type { Client, Clients as ClientsAnswer } from "../../../contract-evidence.ts";
import { NewAgent } from "./new-agent.tsx";

type Act = { readonly verb: "disable" | "enable" | "kill"; readonly client: Client };

export function Clients() {
  const query = useQuery<ClientsAnswer>("clients");
  const [isCreating, setCreating] = useState(false);
  const [act, setAct] = useState<Act>();
  const mayChange = useMay("admin");
  return (
    <Loaded query={query}>
      {({ clients, scopes }) => (
        <div class="stack">
          <div class="row between">
            <p class="muted">A name is what a client says of itself; its id is who it is.</p>
            <Button kind="primary" icon="plus" disabled={!mayChange} onClick={() => setCreating(true)}>
              New agent
            </Button>
          </div>
          {clients.length === 0 ? (
            <Empty icon="key" title="No agent is known yet">
              <p>Create one for a machine, or connect a client that registers itself when a person lets it in.</p>
            </Empty>
          ) : (
            <Table caption="Agents" columns={columnsOf(mayChange ? setAct : undefined)} rows={clients} rowKey={({ id }) => id} />
          )}
          {isCreating && <NewAgent scopes={scopes} onClose={() => setCreating(false)} />}
          {act !== undefined && <ConfirmAct act={act} onClose={() => setAct(undefined)} />}
        </div>
      )}
    </Loaded>
  );
}

function columnsOf(onAct: ((act: Act) => void) | undefined): readonly Column<Client>[] {
  return [
    {
      id: "name",
      title: "Agent",
      cell: ({ id, name }) => (
        <>
          <strong class="wrap">{name}</strong>
          <div>
            <a class="mono small wrap" href={`/console/ledger?q=${encodeURIComponent(`agent:${id}`)}`}>
              {id}
            </a>
          </div>
        </>
      ),
    },
    { id: "kind", title: "Kind", cell: ({ kind }) => <Badge>{kind.replaceAll("_", " ")}</Badge> },
    { id: "used", title: "Last used (UTC)", cell: ({ usedAt }) => (usedAt === null ? "never" : <Time at={usedAt} />) },
    {
      id: "state",
      title: "State",
      cell: ({ disabledAt }) =>
        disabledAt === null ? (
          <Badge tone="allow" icon="check">
            active
          </Badge>
        ) : (
          <Badge tone="deny" icon="lock">
            disabled
          </Badge>
        ),
    },
    ...(onAct === undefined
      ? []
      : [
          {
            id: "acts",
            title: <span class="unseen">Change</span>,
            cell: (client: Client) => (
              <div class="row">
                <Button onClick={() => onAct({ verb: client.disabledAt === null ? "disable" : "enable", client })}>
                  {client.disabledAt === null ? "Disable" : "Enable"}
                </Button>
                {client.disabledAt === null && (
                  <Button kind="danger" icon="stop" onClick={() => onAct({ verb: "kill", client })}>
                    Stop
                  </Button>
                )}
              </div>
            ),
          },
        ]),
  ];
}

const TEXTS = {
  disable: ["Disable this agent?", "Disable", "Its tokens are refused from now on. It can be enabled again; people then let it in anew."],
  enable: ["Enable this agent?", "Enable", "It may ask for tokens again. Those that it had stay refused."],
  kill: [
    "Stop this agent now?",
    "Stop it",
    "Every token of it is refused at once and calls under way are ended. The receipt names the last call that was let through.",
  ],
} as const;

function ConfirmAct({ act: { verb, client }, onClose }: { readonly act: Act; readonly onClose: () => void }) {
  const [title, button, text] = TEXTS[verb];
  const confirm = async (reason: string): Promise<void> => {
    if (verb === "kill") await postJson("kill", { kind: "agent", value: client.id, reason });
    else await postJson(`agents/${client.id}/${verb}`);
    toast(`${button}: done`);
    invalidate("clients", "kills", "grants", "least-privilege");
  };
  return (
    <Confirm title={title} verb={button} isDangerous={verb !== "enable"} asksReason={verb === "kill"} onConfirm={confirm} onClose={onClose}>
      <p class="wrap">
        <strong>{client.name}</strong> <span class="mono">{client.id}</span>
      </p>
      <p>{text}</p>
    </Confirm>
  );
}
