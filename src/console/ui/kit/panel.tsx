import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { ApiError, Query } from "../data/index.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

interface PanelProps {
  readonly title: ComponentChildren;
  /** Beside the title: buttons, a count. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
  /** Without padding, for tables and lists that reach the edge. */
  readonly flush?: boolean;
}

export function Panel({ title, aside, children, flush = false }: PanelProps) {
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <div class="panel-head row between">
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div class="row">{aside}</div>}
      </div>
      <div class={flush ? "panel-body flush" : "panel-body stack"}>{children}</div>
    </section>
  );
}

/** Nothing is there yet: says what will be, and what to do for it. */
export function Empty({
  title,
  icon,
  children,
}: {
  readonly title: string;
  readonly icon?: IconName;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      {icon !== undefined && <Icon name={icon} />}
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function Failed({ error, onRetry }: { readonly error: ApiError; readonly onRetry?: () => void }) {
  return (
    <div class="failed" role="alert">
      <p>
        <Icon name="warning" /> {error.message}
      </p>
      {error.next !== undefined && <p class="muted">{error.next}</p>}
      {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

/** Shows what a query brought; until then that it loads, or why it failed. */
export function Loaded<T>({ query, children }: { readonly query: Query<T>; readonly children: (data: T) => ComponentChildren }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error !== undefined) return <Failed error={query.error} onRetry={query.reload} />;
  return (
    <p class="loading muted" aria-busy="true">
      Loading…
    </p>
  );
}
