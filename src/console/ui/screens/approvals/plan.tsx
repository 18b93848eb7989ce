import type { Plan } from "../../../../tool/index.ts";
import { Badge, count, Json } from "../../kit/index.ts";

const TONES: Readonly<Record<string, "allow" | "deny" | "error">> = { create: "allow", update: "deny", delete: "error" };

/** What a call would do, before it is done: the sentence, how far it reaches, and each change with before and after. */
export function PlanView({ plan }: { readonly plan: Plan }) {
  return (
    <>
      <p class="wrap">
        <strong>{plan.summary}</strong>
      </p>
      <dl class="compare">
        <dt>rows</dt>
        <dd>{count(plan.rows)}</dd>
        <dt>lose access</dt>
        <dd class="wrap">{plan.losesAccess.length === 0 ? "nobody" : plan.losesAccess.join(", ")}</dd>
      </dl>
      <ul class="stack">
        {plan.changes.map((change, at) => (
          <li key={at} class="stack">
            <div class="row">
              <Badge tone={TONES[change.change] ?? "deny"}>{change.change}</Badge>
              <code class="wrap">{change.resource}</code>
            </div>
            <Difference change={change} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Difference({ change }: { readonly change: Plan["changes"][number] }) {
  const { before, after } = change;
  return (
    <div class="halves">
      {before !== undefined && (
        <div class="stack">
          <span class="muted small">before</span>
          <Json value={before} label={`${change.resource} before`} />
        </div>
      )}
      {after !== undefined && (
        <div class="stack">
          <span class="muted small">after</span>
          <Json value={after} label={`${change.resource} after`} />
        </div>
      )}
    </div>
  );
}
