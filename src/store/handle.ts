import { type Driver, Kysely, type QueryCompiler } from "kysely";
import type { Engine } from "./engine.ts";

/**
 * A Kysely handle over the engine's driver, which is open already and shared by all handles: destroying a handle leaves
 * it open. `driver` and `compiler` may stand in front of the engine's own.
 */
export function createHandle<T>(engine: Engine, driver: Driver, compiler: () => QueryCompiler): Kysely<T> {
  return new Kysely<T>({
    dialect: {
      createDriver: () => driver,
      createAdapter: () => engine.createAdapter(),
      createQueryCompiler: compiler,
      createIntrospector: (db) => engine.createIntrospector(db),
    },
  });
}
