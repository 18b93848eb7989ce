import { useState } from "preact/hooks";
import { invalidate, postJson, useMay, useQuery } from "../../data/index.ts";
import { Badge, Button, Confirm, Empty, Loaded, Time, toast } from "../../kit/index.ts";
import type { Kills as KillsAnswer } from "../../../contract-evidence.ts";

type Kill = KillsAnswer["kills"][number];

const KINDS = ["agent", "grant", "user", "tool", "environment", "workspace"] as const;

/** What was stopped, each with the receipt that shows it. */
export function Kills() {
  const query = useQuery<KillsAnswer>("kills");
  const [isStopping, setStopping] = useState(false);
  const mayKill = useMay("admin");
  return (
    <Loaded query={query}>
      {({ kills }) => (
        <div class="stack">
          <div class="row between">
            <p class="muted">Stops an agent, grant, person, tool, environment or the whole workspace within a second.</p>
            <Button kind="danger" icon="stop" disabled={!mayKill} onClick={() => setStopping(true)}>
              Stop something
            </Button>
          </div>
          {kills.length === 0 ? (
            <Empty icon="shield" title="Nothing was stopped">
              <p>When something is stopped, its receipt stands here: the last call that was let through, and the first that was refused.</p>
            </Empty>
          ) : (
            <ul class="stack">
              {kills.map((kill) => (
                <Receipt key={kill.id} kill={kill} mayLift={mayKill} />
              ))}
            </ul>
          )}
          {isStopping && <StopSomething onClose={() => setStopping(false)} />}
        </div>
      )}
    </Loaded>
  );
}

function Receipt({ kill, mayLift }: { readonly kill: Kill; readonly mayLift: boolean }) {
  const [isLifting, setLifting] = useState(false);
  const lift = async (): Promise<void> => {
    await postJson(`kill/${kill.id}/lift`);
    toast("Lifted. Tokens that had ended stay ended.");
    invalidate("kills", "clients");
  };
  return (
    <li class="panel panel-body stack">
      <div class="row between">
        <span class="row">
          {kill.lifted_at === null ? (
            <Badge tone="error" icon="stop">
              stopped
            </Badge>
          ) : (
            <Badge>lifted</Badge>
          )}
          <strong>{kill.kind}</strong>
          {kill.label !== null && <span class="wrap">{kill.label}</span>}
          <code class="wrap">{kill.value}</code>
        </span>
        {kill.lifted_at === null && kill.kind !== "grant" && (
          <Button disabled={!mayLift} onClick={() => setLifting(true)}>
            Lift
          </Button>
        )}
      </div>
      {kill.reason !== null && <p class="wrap">{kill.reason}</p>}
      <dl class="compare">
        <dt>ordered</dt>
        <dd>
          <Time at={kill.ordered_at} />
        </dd>
        <dt>in force</dt>
        <dd>{kill.applied_at === null ? "not yet" : <Time at={kill.applied_at} />}</dd>
        <dt>last let through</dt>
        <dd>
          <CallOf call={kill.accepted} none="none among the newest records" />
        </dd>
        <dt>first refused</dt>
        <dd>
          <CallOf call={kill.refused} none="none since" />
        </dd>
      </dl>
      {isLifting && (
        <Confirm title="Let it go on?" verb="Lift" onConfirm={lift} onClose={() => setLifting(false)}>
          <p class="wrap">
            {kill.kind} {kill.value} may be used again.
          </p>
        </Confirm>
      )}
    </li>
  );
}

function CallOf({ call, none }: { readonly call: Kill["accepted"]; readonly none: string }) {
  if (call === null) return <span class="muted">{none}</span>;
  return (
    <>
      <Time at={call.at} /> {call.seq !== null && <a href={`/console/ledger/${call.seq}`}>record {call.seq}</a>}
    </>
  );
}

function StopSomething({ onClose }: { readonly onClose: () => void }) {
  const [kind, setKind] = useState<string>("agent");
  const [value, setValue] = useState("");
  const stop = async (reason: string): Promise<void> => {
    await postJson("kill", { kind, value: value.trim(), reason });
    toast("Stopped");
    invalidate("kills", "clients", "grants");
  };
  return (
    <Confirm title="Stop something now?" verb="Stop it" isDangerous asksReason onConfirm={stop} onClose={onClose}>
      <label class="field">
        <span>What</span>
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
          {KINDS.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>Its id, email or name</span>
        <input type="text" value={value} onInput={(event) => setValue(event.currentTarget.value)} />
      </label>
    </Confirm>
  );
}
