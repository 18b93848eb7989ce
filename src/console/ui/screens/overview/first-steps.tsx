import { Icon, Panel } from "../../kit/index.ts";
import type { Overview } from "../../../contract.ts";

/** What a new installation still lacks; each tick comes by itself. */
export function FirstSteps({ steps }: { readonly steps: Overview["steps"] }) {
  const all: readonly (readonly [isDone: boolean, title: string, text: string, href: string, verb: string])[] = [
    [steps.isConnected, "Connect an agent", "A snippet for each client, and the handshake as it happens.", "/console/connect", "Connect"],
    [steps.hasCalled, "Call a tool", "From the agent, or as the agent in the Inspector.", "/console/inspector", "Open the Inspector"],
    [steps.hasCalled, "See it here", "Each decision is on record the moment it is made.", "/console", "Look"],
  ];
  return (
    <Panel title="Three steps to the first call">
      <ol class="first-steps">
        {all.map(([isDone, title, text, href, verb], at) => (
          <li key={title} class="step">
            <span class={isDone ? "step-mark done" : "step-mark"}>
              {isDone ? <Icon name="check" label="done" /> : <span aria-hidden="true">{at + 1}</span>}
            </span>
            <div class="stack">
              <h3>{title}</h3>
              <p class="muted">{text}</p>
              {!isDone && at < 2 && (
                <p>
                  <a class="button" href={href}>
                    {verb}
                  </a>
                </p>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
