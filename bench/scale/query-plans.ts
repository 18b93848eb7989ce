import { DatabaseSync, StatementSync } from "node:sqlite";

/** The statements that this process has had SQLite run since the last look. */
export interface Statements {
  take(): readonly string[];
  stop(): void;
}

/** Listens to every statement of this process, wherever it is made: what a tool runs is not repeated here by hand. */
export function listenToStatements(): Statements {
  const texts = new WeakMap<StatementSync, string>();
  let ran = new Set<string>();
  const { prepare } = DatabaseSync.prototype;
  const { all, get, run, iterate } = StatementSync.prototype;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
    const statement = prepare.call(this, sql);
    texts.set(statement, sql);
    return statement;
  };
  const heard = { all, get, run, iterate } as const;
  for (const name of ["all", "get", "run", "iterate"] as const) {
    StatementSync.prototype[name] = function (this: StatementSync, ...parameters: never[]) {
      ran.add(texts.get(this) ?? "");
      return (heard[name] as (...parameters: never[]) => never).apply(this, parameters);
    };
  }
  return {
    take() {
      const taken = [...ran].filter((sql) => sql !== "");
      ran = new Set();
      return taken;
    },
    stop() {
      DatabaseSync.prototype.prepare = prepare;
      Object.assign(StatementSync.prototype, heard);
    },
  };
}

/** Tables that grow with the customers of a workspace; of the others a workspace has few rows. */
const LARGE =
  /\b(organization|organization_user|search_word|environment_role|environment_scope|connected_account|link|change_entry|o|u|r|found|earlier|other|w)\b/;
const SORT = /USE TEMP B-TREE/;

/** What a statement would read in full or sort, in SQLite's words (EXPLAIN QUERY PLAN); empty for one that finds its rows by an index. */
export function explainScans(db: DatabaseSync, sql: string): readonly string[] {
  const steps = db
    .prepare(`explain query plan ${sql}`)
    .all()
    .map(({ detail }) => String(detail));
  // A scan of an index reads all of it too, unless a limit ends it; a condition that narrows it makes it a search.
  const scans = steps.filter((step) => step.startsWith("SCAN ") && LARGE.test(step));
  const sorts =
    steps.some((step) => SORT.test(step)) && steps.some((step) => LARGE.test(step)) ? steps.filter((step) => SORT.test(step)) : [];
  return [...scans, ...sorts];
}

/** Throws unless statements that do scan are found out. */
export function proveExplain(db: DatabaseSync): void {
  const bad = [
    "select id from organization where name = ?",
    "select id from organization_user where email like ?",
    "select id from organization order by name limit 1",
  ];
  for (const sql of bad) if (explainScans(db, sql).length === 0) throw new Error(`not found out: ${sql}`);
  const good = "select id from organization where workspace_id = ? and environment_id = ? and id = ?";
  if (explainScans(db, good).length > 0) throw new Error(`taken for a scan: ${good}`);
}
