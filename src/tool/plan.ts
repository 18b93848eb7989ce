/** What a call would change, and how it is taken back. */

/** A JSON object, as it stands in a plan for people and models to read. */
export type PlanValues = { readonly [name: string]: unknown };

export interface PlannedChange {
  readonly change: "create" | "update" | "delete";
  /** What it is about, such as `organization org_…`. */
  readonly resource: string;
  readonly before?: PlanValues;
  readonly after?: PlanValues;
}

/** What a call would change, found out without changing anything. */
export interface Plan {
  /** One sentence for a person. */
  readonly summary: string;
  /** At most 100; `rows` counts all. */
  readonly changes: readonly PlannedChange[];
  readonly rows: number;
  /** People or agents who lose access, at most 100. */
  readonly losesAccess: readonly string[];
  /** Version of each resource that the plan was computed from, by its id; a plan is applied only while they are the same. */
  readonly versions: Readonly<Record<string, number>>;
}

const UNDOABLE = Symbol("undoable");

/** An answer with what it takes to undo the call. */
export interface Undoable<V> {
  readonly [UNDOABLE]: true;
  readonly answer: V;
  readonly data: unknown;
}

/** The answer of a tool with `undo`, with what it takes to undo it (JSON, at most 1 MiB). */
export function undoable<V>(answer: V, data: unknown): Undoable<V> {
  return { [UNDOABLE]: true, answer, data };
}

export function isUndoable(value: unknown): value is Undoable<unknown> {
  return typeof value === "object" && value !== null && UNDOABLE in value;
}
