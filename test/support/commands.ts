import type { Command } from "commander";
import { createProgram } from "../../src/cli/program.ts";

/** Every command of the command line with its long options, sorted by name. */
export function commands(): readonly { readonly name: string; readonly options: readonly string[] }[] {
  return leaves(createProgram(), "remit").sort((a, b) => a.name.localeCompare(b.name));
}

/** A command that only holds others is none; one that also does something by itself has options. */
function leaves(command: Command, name: string): { name: string; options: string[] }[] {
  const below = command.commands.flatMap((child) => leaves(child, `${name} ${child.name()}`));
  const options = command.options.map(({ long }) => long ?? "").filter((long) => long !== "--version");
  if (below.length > 0 && options.length === 0) return below;
  return [{ name, options: options.sort() }, ...below];
}
