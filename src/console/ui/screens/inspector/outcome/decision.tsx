import { Icon, type IconName } from "../../../kit/index.ts";
import type { DecisionCheck, Explained } from "../../../../contract.ts";

const LOOKS: Readonly<Record<DecisionCheck["outcome"], readonly [icon: IconName, look: string]>> = {
  pass: ["check", "allow"],
  fail: ["cross", "deny"],
  ask: ["clock", "deny"],
  skipped: ["dash", "plain"],
};

/** The checks in their order: what each wanted, what it found, and what would change it. */
export function Decision({ explained }: { readonly explained: Explained }) {
  const changes = explained.checks.flatMap(({ change }) => (change === undefined ? [] : [change]));
  return (
    <div class="stack">
      <ol class="checks">
        {explained.checks.map((check) => {
          const [icon, look] = LOOKS[check.outcome];
          return (
            <li key={check.check} class="check-row">
              <span class={`check-mark ${look}`}>
                <Icon name={icon} />
              </span>
              <div class="grow">
                <p>
                  <strong>{check.check}</strong> <span class="muted small">{check.outcome}</span>
                </p>
                {check.needs !== "" && <p class="muted small wrap">needs {check.needs}</p>}
                {check.has !== "" && <p class="muted small wrap">has {check.has}</p>}
              </div>
            </li>
          );
        })}
      </ol>
      {changes.length > 0 && (
        <div class="fix">
          <h3>How to fix</h3>
          {changes.map((change) => (
            <p key={change} class="wrap">
              {change}
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
