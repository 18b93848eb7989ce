import type { Clock } from "../../lib/clock.ts";
import type { LedgerReader, Store } from "../../store/index.ts";
import type { Registry } from "../../tool/index.ts";
import type { Policies } from "../policy/index.ts";

/** What explanations are made from. Nothing here can run a tool. */
export interface ExplainDeps {
  readonly registry: Pick<Registry, "tools" | "prompts" | "resources" | "templates" | "skills" | "scopes">;
  readonly store: Pick<Store, "db" | "clients" | "inWorkspace">;
  readonly ledger: Pick<LedgerReader, "head" | "read" | "scan">;
  readonly policies: Pick<Policies, "of">;
  /** What clients that no operator made may be granted, space-separated; undefined for all. */
  readonly selfRegisteredScopes: string | undefined;
  readonly now: Clock;
}

export interface Problems {
  readonly problems: readonly string[];
}

export function problem(text: string): Problems {
  return { problems: [text] };
}
