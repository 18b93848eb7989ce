/** `remit dev`: the server while its tools are being written. */
import type { Command } from "commander";
import { DEFAULT_OWNER } from "../project/index.ts";

export interface DevFlags {
  readonly owner: string;
}

export function addDevCommand(program: Command): void {
  program
    .command("dev")
    .argument("[module]", "module that exports scopes and tools; that of this project without, or else the control plane")
    .description("Run the server and start it again whenever a file of it changes; show each decision as it is made, and what lint finds.")
    .option("--owner <email>", "who owns the workspace that the first start makes", DEFAULT_OWNER)
    .action(async (module: string | undefined, flags: DevFlags) => (await import("./dev.ts")).dev(module, flags));
}
