import { Command } from "commander";
import { addAccountCommands } from "../../src/cli/account.ts";
import { addAgentCommands } from "../../src/cli/agent.ts";
import { addAuditCommands } from "../../src/cli/audit.ts";
import { addGrantCommands } from "../../src/cli/grant.ts";
import { addKeyCommands, addUpstreamCommands } from "../../src/cli/key.ts";
import { addPolicyCommands } from "../../src/cli/policy/index.ts";
import { addStartCommand } from "../../src/cli/start.ts";
import { addStdioCommand } from "../../src/cli/stdio/index.ts";
import { addTokenCommands } from "../../src/cli/token.ts";

/** Every command of the command line with its long options, sorted by name. */
export function commands(): readonly { readonly name: string; readonly options: readonly string[] }[] {
  const program = new Command("remit");
  const adders = [
    addStartCommand,
    addStdioCommand,
    addAccountCommands,
    addAgentCommands,
    addAuditCommands,
    addGrantCommands,
    addKeyCommands,
    addPolicyCommands,
    addTokenCommands,
    addUpstreamCommands,
  ];
  for (const add of adders) add(program);
  return leaves(program, "remit").sort((a, b) => a.name.localeCompare(b.name));
}

function leaves(command: Command, name: string): { name: string; options: string[] }[] {
  if (command.commands.length > 0) return command.commands.flatMap((child) => leaves(child, `${name} ${child.name()}`));
  return [{ name, options: command.options.map(({ long }) => long ?? "").sort() }];
}
