import type { Compilable, CompiledQuery, Kysely } from "kysely";
import type { CoreTables } from "./tables.ts";

type Values = Readonly<Record<string, unknown>>;

/** A query with the values that it is run with. */
export type PreparedQuery<V extends Values, R> = (values: V) => CompiledQuery<R>;

/** Stands for a value that is known only when the query runs. */
class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/**
 * Builds and compiles a query once, as both take longer than running it. `build` is given a function that names a value where one belongs;
 * its result fits everywhere, since only the database sees what takes its place.
 */
export function prepareQuery<V extends Values, R>(build: (value: (name: keyof V & string) => never) => Compilable<R>): PreparedQuery<V, R> {
  let compiled: CompiledQuery<R> | undefined;
  return (values) => {
    compiled ??= build((name) => new Placeholder(name) as never).compile();
    const parameters = compiled.parameters.map((parameter) => (parameter instanceof Placeholder ? values[parameter.name] : parameter));
    return { ...compiled, parameters };
  };
}

/** The first row of a prepared query. */
export async function takeFirst<R>(db: Kysely<CoreTables>, query: CompiledQuery<R>): Promise<R | undefined> {
  return (await db.executeQuery(query)).rows[0];
}
