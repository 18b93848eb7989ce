import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export type Tone = "plain" | "accent" | "allow" | "deny" | "error";

export function Badge({
  tone = "plain",
  icon,
  children,
}: {
  readonly tone?: Tone;
  readonly icon?: IconName;
  readonly children: ComponentChildren;
}) {
  return (
    <span class={`badge ${tone}`}>
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </span>
  );
}

export type Outcome = "allow" | "deny" | "error" | "pending";

const OUTCOMES: Readonly<Record<Outcome, readonly [Tone, IconName]>> = {
  allow: ["allow", "check"],
  deny: ["deny", "lock"],
  error: ["error", "warning"],
  pending: ["accent", "clock"],
};

/** A decision is never told by colour alone: its icon and its word stand with it. */
export function DecisionBadge({ decision, reason }: { readonly decision: Outcome; readonly reason?: string | null | undefined }) {
  const [tone, icon] = OUTCOMES[decision];
  return (
    <Badge tone={tone} icon={icon}>
      {decision}
      {reason !== undefined && reason !== null && reason !== "" && ` · ${reason}`}
    </Badge>
  );
}

/** A scope, held or missing where that is known. */
export function Scope({ name, held }: { readonly name: string; readonly held?: boolean | undefined }) {
  if (held === undefined) return <Badge>{name}</Badge>;
  return (
    <Badge tone={held ? "plain" : "deny"} icon={held ? "check" : "lock"}>
      {name}
      <span class="unseen">{held ? " (held)" : " (missing)"}</span>
    </Badge>
  );
}
