import { Command } from "commander";
import { addAgentCommands } from "../../src/cli/agent.ts";
import { addAuditCommands } from "../../src/cli/audit.ts";
import { addKeyCommands } from "../../src/cli/key.ts";
import { addStartCommand } from "../../src/cli/start.ts";

/** Every command of the command line with its long options, sorted by name. */
export function commands(): readonly { readonly name: string; readonly options: readonly string[] }[] {
  const program = new Command("remit");
  for (const add of [addStartCommand, addAgentCommands, addAuditCommands, addKeyCommands]) add(program);
  return leaves(program, "remit").sort((a, b) => a.name.localeCompare(b.name));
}

function leaves(command: Command, name: string): { name: string; options: string[] }[] {
  if (command.commands.length > 0) return command.commands.flatMap((child) => leaves(child, `${name} ${child.name()}`));
  return [{ name, options: command.options.map(({ long }) => long ?? "").sort() }];
}
