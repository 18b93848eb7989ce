/**
 * What is loaded only by the commands that need it: most talk to a server that runs already, and are there in a third of the time without
 * what a server is made of.
 */
import type { Server } from "../server/index.ts";
import type { Audit } from "../audit/index.ts";
import { parseConfig, type Config } from "../config.ts";
import { version } from "./version.ts";

/** The control plane in this process. */
export async function openControlPlane(config: Config): Promise<Server> {
  const [{ controlPlane }, { createServer }] = await Promise.all([import("../control-plane/index.ts"), import("../server/index.ts")]);
  return createServer({ ...controlPlane, name: "remit", title: "Remit control plane", version, config });
}

/** The ledger of the data folder, to read. */
export async function openLedger(): Promise<Audit> {
  const { openAudit } = await import("../audit/index.ts");
  return openAudit(parseConfig());
}
