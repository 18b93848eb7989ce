import type { ColumnDataType, CreateTableBuilder, Expression, Kysely } from "kysely";
import type { ToolTables } from "./tables.ts";

/** What a migration is given beside the database: the few things in which the engines differ. */
export interface MigrationContext {
  /** Column type of a whole number up to 2^53, such as an instant in milliseconds. */
  readonly bigint: ColumnDataType;
  /** Column type of bytes. */
  readonly bytes: ColumnDataType;
  /** Column type of text that is ordered byte by byte, so that an index finds what begins with a word. */
  readonly bytewise: ColumnDataType | Expression<unknown>;
  /** `createTable` with the engine's strictest checking. */
  createTable(name: string): CreateTableBuilder<string>;
}

/** Tables declared beside tools. `T` is their row types by table name. */
export interface TablesModule<T = unknown> {
  readonly name: string;
  /** Each of these tables has a `workspace_id` column; the handle that tools get confines every query to it. */
  readonly tables: readonly string[];
  /** For each table whose rows belong to one environment each, the column that holds its id. Access limited to environments sees their rows only. */
  readonly environmentColumns?: Readonly<Partial<Record<string, string>>>;
  /** Migrations by name; they run once each, in the order of their names. */
  readonly migrations: Readonly<Record<string, (db: Kysely<unknown>, context: MigrationContext) => Promise<void>>>;
  /** Called about once an hour, with a handle on all workspaces: removes what has become useless by that instant (epoch milliseconds). */
  sweep?(db: Kysely<unknown>, nowMs: number): Promise<void>;
  /** Only in types: the row types. */
  readonly rows?: T;
}

/**
 * Declares tables of your own. Every one needs a `workspace_id text not null` column; one with an `environment_id` column names it (or
 * another that holds an environment's id) in `environmentColumns`.
 */
export function defineTables<T extends object>(declaration: {
  readonly name: string;
  readonly tables: readonly (keyof T & string)[];
  readonly environmentColumns?: { readonly [K in keyof T & string]?: keyof T[K] & string };
  readonly migrations: TablesModule["migrations"];
  sweep?(db: Kysely<ToolTables & T>, nowMs: number): Promise<void>;
}): TablesModule<T> {
  return declaration as TablesModule<T>;
}
