import { useState } from "preact/hooks";
import { useStream } from "../../data/index.ts";
import { Badge, Empty, Failed, Icon, Panel, Time, type IconName, type Tone } from "../../kit/index.ts";
import type { ConnectAttempt } from "../../../contract.ts";
import { handshakeRows, withAttempt, type RowState } from "./handshake-rows.ts";

const STATES: Readonly<Record<ConnectAttempt["state"], readonly [Tone, IconName, string]>> = {
  connected: ["allow", "check", "connected"],
  stopped: ["deny", "warning", "stopped"],
  under_way: ["accent", "clock", "under way"],
};

const MARKS: Readonly<Record<RowState, readonly [IconName, string]>> = {
  passed: ["check", "allow"],
  waiting: ["clock", "accent"],
  failed: ["cross", "deny"],
  skipped: ["dash", "plain"],
  ahead: ["dash", "plain"],
};

/** The way of each client to its first call, ticked as it arrives. */
export function Handshakes() {
  const [attempts, setAttempts] = useState<readonly ConnectAttempt[]>([]);
  const { state, error } = useStream<ConnectAttempt>("connect/live", (line) => setAttempts((now) => withAttempt(now, line)));
  const word = state === "live" ? "watching" : state === "connecting" ? "connecting" : "not live";
  return (
    <Panel title="Handshakes" aside={<Badge tone={state === "live" ? "allow" : "plain"}>{word}</Badge>}>
      {error !== undefined && attempts.length === 0 && <Failed error={error} />}
      <div class="stack" aria-live="polite">
        {attempts.length === 0 && error === undefined && (
          <Empty icon="plug" title="Waiting for a first request">
            <p>Use a snippet in your client. Each step shows here as it happens, and where one fails, why and what helps.</p>
          </Empty>
        )}
        {attempts.map((attempt) => (
          <Attempt key={attempt.id} attempt={attempt} />
        ))}
      </div>
    </Panel>
  );
}

function Attempt({ attempt }: { readonly attempt: ConnectAttempt }) {
  const [tone, icon, word] = STATES[attempt.state];
  return (
    <article class="attempt stack" aria-label={`Attempt of ${attempt.client}`}>
      <div class="row">
        <h3 class="wrap">{attempt.client}</h3>
        <Badge tone={tone} icon={icon}>
          {word}
        </Badge>
        <span class="grow" />
        <Time at={attempt.startedAt} short />
      </div>
      <ol class="handshake">
        {handshakeRows(attempt).map(({ step, title, state }) => {
          const [mark, look] = MARKS[state];
          return (
            <li key={step} class={`handshake-step ${look}`}>
              <Icon name={mark} />
              <span>
                {title}
                <span class="unseen"> ({state === "ahead" ? "not yet" : state})</span>
              </span>
            </li>
          );
        })}
      </ol>
      {attempt.state !== "connected" && <p class="wrap">{attempt.says}</p>}
      {attempt.remedy !== "" && (
        <p class="wrap">
          <strong>What helps:</strong> {attempt.remedy}
        </p>
      )}
    </article>
  );
}
