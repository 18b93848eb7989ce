import type { Kysely } from "kysely";
import type { ToolTables } from "../store/index.ts";

/** What the page of a link shows before the person confirms it. */
export interface LinkPage {
  readonly state: "open" | "used" | "expired";
  readonly workspaceId: string;
  /** What kind of link it is, for the record. */
  readonly kind: string;
  /** A sentence, as a heading. */
  readonly title: string;
  /** What confirming it does. */
  readonly text: string;
  readonly fields: readonly { readonly name: string; readonly label: string; readonly kind: "text" | "checkbox"; readonly value: string }[];
}

/**
 * What is behind the links `/links/TOKEN` of this server. Whoever has a link may use it, so the handle is confined to no workspace: look only
 * at what the token names.
 */
export interface LinkPages {
  /** Undefined for a token that never was. Changes nothing: mail programs open links too. */
  find(db: Kysely<ToolTables>, token: string, nowMs: number): Promise<LinkPage | undefined>;
  /** Does what the link says, for exactly one of any number of parallel callers. `form` has the page's fields. */
  confirm(
    db: Kysely<ToolTables>,
    token: string,
    given: { readonly nowMs: number; readonly form: Readonly<Record<string, string>> },
  ): Promise<{ readonly done: string } | { readonly problem: string }>;
}
