import type { CompiledQuery, DatabaseConnection, Driver, Kysely, QueryCompiler } from "kysely";
import type { Engine } from "../engine.ts";
import { createHandle } from "../handle.ts";
import type { TablesModule } from "../tables-module.ts";
import type { ToolTables } from "../tables.ts";
import { ConfinementError, type Scope, type TableRule } from "./confinement.ts";
import { ConfiningTransformer } from "./confining-transformer.ts";

export { ConfinementError } from "./confinement.ts";

const MAX_HANDLES = 1_000;

const TOOL_TABLES: Readonly<Record<keyof ToolTables, TableRule>> = {
  workspace: { column: "id" },
  environment: { column: "workspace_id", environmentColumn: "id" },
  member: { column: "workspace_id" },
  // How its owner signs in is no business of tools.
  account: { visible: ["id", "email", "name", "created_at"] satisfies (keyof ToolTables["account"])[] },
};

/** Handles on which every query is confined to one workspace, or to some environments of it. */
export interface WorkspaceHandles {
  open(workspaceId: string, environmentIds?: readonly string[]): Kysely<ToolTables>;
  /** From now on, tools may use the tables of these modules. */
  admit(modules: readonly TablesModule[]): void;
}

export function createWorkspaceHandles(engine: Engine): WorkspaceHandles {
  const rules = new Map<string, TableRule>(Object.entries(TOOL_TABLES));
  const handles = new Map<string, Kysely<ToolTables>>();
  return {
    open(workspaceId, environmentIds) {
      const key = environmentIds === undefined ? workspaceId : JSON.stringify([workspaceId, ...environmentIds.toSorted()]);
      let handle = handles.get(key);
      if (handle === undefined) {
        if (workspaceId === "") throw new ConfinementError("it has no workspace.");
        handle = createConfinedHandle(engine, rules, { workspaceId, environmentIds: environmentIds && [...environmentIds] });
        handles.set(key, handle);
        if (handles.size > MAX_HANDLES) handles.delete(handles.keys().next().value ?? "");
      }
      return handle;
    },
    admit(modules) {
      for (const { tables, environmentColumns } of modules) {
        for (const table of tables) {
          const environmentColumn = environmentColumns?.[table];
          rules.set(table, { column: "workspace_id", ...(environmentColumn !== undefined && { environmentColumn }) });
        }
      }
    },
  };
}

/**
 * The confinement is in the compiler, below all plugins, and the connection runs nothing that this compiler did not make:
 * neither `withoutPlugins` nor `executeQuery` with SQL of one's own gets around it.
 */
function createConfinedHandle(engine: Engine, rules: ReadonlyMap<string, TableRule>, scope: Scope): Kysely<ToolTables> {
  const compiled = new WeakSet<CompiledQuery>();
  const transformer = new ConfiningTransformer(rules, scope);
  const compiler = engine.createQueryCompiler();
  const confining: QueryCompiler = {
    compileQuery(node, queryId) {
      const query = compiler.compileQuery(transformer.confine(node), queryId);
      Object.freeze(query.parameters);
      compiled.add(Object.freeze(query));
      return query;
    },
  };
  return createHandle<ToolTables>(
    engine,
    confineDriver(engine, (query) => compiled.has(query)),
    () => confining,
  );
}

function confineDriver(engine: Engine, isCompiledHere: (query: CompiledQuery) => boolean): Driver {
  const { driver } = engine;
  const inner = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const open = (connection: DatabaseConnection): DatabaseConnection => {
    const found = inner.get(connection);
    if (found === undefined) throw new ConfinementError("its connection is not one of this handle's.");
    return found;
  };
  const check = (query: CompiledQuery): CompiledQuery => {
    if (!isCompiledHere(query)) throw new ConfinementError("it was not made with this handle's query builder.");
    return query;
  };
  const compiler = engine.createQueryCompiler();
  const compile: QueryCompiler["compileQuery"] = (node, queryId) => compiler.compileQuery(node, queryId);
  return {
    init: async () => {},
    async acquireConnection(options) {
      const found = await driver.acquireConnection(options);
      const connection: DatabaseConnection = {
        executeQuery: async (query, more) => found.executeQuery(check(query), more),
        streamQuery: (query, chunkSize, more) => found.streamQuery(check(query), chunkSize, more),
      };
      inner.set(connection, found);
      return connection;
    },
    beginTransaction: (connection, settings) => driver.beginTransaction(open(connection), settings),
    commitTransaction: (connection) => driver.commitTransaction(open(connection)),
    rollbackTransaction: (connection) => driver.rollbackTransaction(open(connection)),
    // The names come from Kysely's own commands, which the confining compiler would refuse.
    savepoint: async (connection, name) => driver.savepoint?.(open(connection), name, compile),
    rollbackToSavepoint: async (connection, name) => driver.rollbackToSavepoint?.(open(connection), name, compile),
    releaseSavepoint: async (connection, name) => driver.releaseSavepoint?.(open(connection), name, compile),
    releaseConnection: (connection, options) => driver.releaseConnection(open(connection), options),
    destroy: async () => {},
  };
}
