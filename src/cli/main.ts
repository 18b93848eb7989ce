/** The command line. Results go to stdout, everything else to stderr. */
import { Command, CommanderError } from "commander";
import { BootError } from "../index.ts";
import { addAccountCommands } from "./account.ts";
import { addAgentCommands } from "./agent.ts";
import { addAuditCommands } from "./audit.ts";
import { EXIT, ExitError } from "./exit.ts";
import { addExplainCommands } from "./explain/index.ts";
import { addFailureCommands } from "./failures/index.ts";
import { addGrantCommands } from "./grant.ts";
import { addKeyCommands, addUpstreamCommands } from "./key.ts";
import { addPolicyCommands } from "./policy/index.ts";
import { addStartCommand } from "./start.ts";
import { addStdioCommand } from "./stdio/index.ts";
import { addTokenCommands } from "./token.ts";
import { version } from "./version.ts";

const program = new Command("remit")
  .description("The auth-first MCP server: every tool scoped, every call decided and on record.")
  .version(version)
  .showSuggestionAfterError()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .exitOverride();

addStartCommand(program);
addStdioCommand(program);
addAccountCommands(program);
addAgentCommands(program);
addAuditCommands(program);
addExplainCommands(program);
addFailureCommands(program);
addGrantCommands(program);
addKeyCommands(program);
addPolicyCommands(program);
addTokenCommands(program);
addUpstreamCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong in plain words, and gives the exit code for it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof ExitError || error instanceof BootError) {
    process.stderr.write(`${error.message}\n`);
    return error instanceof ExitError ? error.code : EXIT.failed;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.internal;
}
