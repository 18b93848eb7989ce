import type { Command } from "commander";
import { order } from "./order.ts";

export function addKeyCommands(program: Command): void {
  program
    .command("key")
    .description("Keys that sign access tokens.")
    .command("rotate")
    .description("Let the next signing key take over now. Tokens of the old one stay valid until they expire.")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      await order({ order: "key.rotate" });
      console.log(options.json === true ? JSON.stringify({ rotated: true }) : "A new key signs from now on.");
    });
}
