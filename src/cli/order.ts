import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseConfig, type Config } from "../config.ts";
import { sendOrder } from "./channel.ts";
import { EXIT, ExitError } from "./exit.ts";
import { openDeclared } from "./load.ts";
import { carryOut, type Order } from "./orders.ts";

/** Has an order carried out by the running server, or here when none runs. Throws ExitError with the problems. */
export async function order(order: Order): Promise<unknown> {
  const config = parseConfig();
  const done = (await sendOrder(config.dataDir, order)) ?? (await alone(order, config));
  if (!done.ok) throw new ExitError(EXIT.failed, done.problems.join("\n"));
  return done.value;
}

/** Throws ExitError when nothing was ever started with these settings. */
export function requireStore({ dataDir, databaseUrl }: Config): void {
  if (databaseUrl === undefined && !existsSync(join(dataDir, "remit.db"))) {
    throw new ExitError(EXIT.notFound, `No server has run in ${dataDir}. Start one there first, or set REMIT_DATA.`);
  }
}

async function alone(order: Order, config: Config) {
  requireStore(config);
  const server = await openDeclared({ ...config, logLevel: "silent" });
  try {
    return await carryOut(server.operator, order);
  } finally {
    await server.close();
  }
}
