/**
 * What is loaded only by the commands that need it: most talk to a server that runs already, and are there in a third of the time without
 * what a server is made of.
 */
import type { Server } from "../server/index.ts";
import type { Audit } from "../audit/index.ts";
import { parseConfig, type Config } from "../config.ts";

/** The tools of a module, of this project or of the control plane, in this process. */
export async function openDeclared(config: Config, given?: string): Promise<Server> {
  const [{ loadDeclared }, { createServer }] = await Promise.all([import("./project/index.ts"), import("../server/index.ts")]);
  const { options } = await loadDeclared(given);
  return createServer({ ...options, config });
}

/** The ledger of the data folder, to read. */
export async function openLedger(): Promise<Audit> {
  const { openAudit } = await import("../audit/index.ts");
  return openAudit(parseConfig());
}
