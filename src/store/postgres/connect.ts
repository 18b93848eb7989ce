import pg from "pg";
import { BootError } from "../../errors.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const { INT8, NUMERIC } = pg.types.builtins;

/** Counts, sums and instants come back as numbers, as they do from SQLite. All that Remit stores is below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (id: Parameters<typeof pg.types.getTypeParser>[0], format?: "text" | "binary") =>
    format !== "binary" && (id === INT8 || id === NUMERIC) ? Number : pg.types.getTypeParser(id, format),
};

function configOf(url: string): pg.ClientConfig {
  return { connectionString: url, application_name: "remit", keepAlive: true, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, types };
}

/** A pool of connections, of which one has been made. Throws a BootError when none can be. */
export async function connectPool(url: string, maxConnections: number): Promise<pg.Pool> {
  return explain(url, async () => {
    const pool = new pg.Pool({ ...configOf(url), max: maxConnections });
    // An idle connection that breaks is replaced when the next one is needed.
    pool.on("error", () => {});
    try {
      await pool.query("select 1");
      return pool;
    } catch (error) {
      await pool.end();
      throw error;
    }
  });
}

/** One connection of its own. Throws a BootError when it cannot be made. */
export async function connectClient(url: string): Promise<pg.Client> {
  return explain(url, async () => {
    const client = new pg.Client(configOf(url));
    // A broken connection shows itself in the next query; without a listener it would end the process.
    client.on("error", () => {});
    await client.connect();
    return client;
  });
}

async function explain<T>(url: string, connect: () => Promise<T>): Promise<T> {
  try {
    return await connect();
  } catch (error) {
    throw new BootError([
      `PostgreSQL at ${placeOf(url)} cannot be reached: ${reasonOf(error)}. Check the database URL and that the server runs.`,
    ]);
  }
}

/** Host, port and database only: the URL may hold a password. */
function placeOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? "the given URL" : `${parsed.host}${parsed.pathname}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
