import type { Command } from "commander";
import { order } from "./order.ts";
import { readSecret } from "./secret-input.ts";

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

export function addUpstreamCommands(program: Command): void {
  program
    .command("upstream")
    .description("Systems that tools call with secrets of their own.")
    .command("set")
    .description("Store the secret for an upstream of kind vault, encrypted. It is read from stdin or REMIT_UPSTREAM_SECRET.")
    .argument("<name>", "as the server declares it")
    .option("--json", "print JSON")
    .action(async (name: string, options: { readonly json?: boolean }) => {
      await order({ order: "upstream.set", name, secret: await readSecret("REMIT_UPSTREAM_SECRET", "Secret") });
      console.log(options.json === true ? JSON.stringify({ set: true }) : `The secret for ${name} is stored, encrypted.`);
    });
}
