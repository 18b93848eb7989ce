import { Command } from "commander";
import { addAccountCommands, addAgentCommands, addGrantCommands, addTokenCommands } from "./access/index.ts";
import { addAuditCommands } from "./audit.ts";
import { addBackupCommands } from "./backup/index.ts";
import { addCallCommands } from "./call/index.ts";
import { addConnectCommand } from "./connect/index.ts";
import { addConnectionCommands } from "./connections/index.ts";
import { addDoctorCommand } from "./doctor/index.ts";
import { addDevCommand } from "./dev/index.ts";
import { addExplainCommands } from "./explain/index.ts";
import { addFailureCommands } from "./failures/index.ts";
import { addImportCommands } from "./import/index.ts";
import { addInitCommand } from "./init/index.ts";
import { addKeyCommands, addUpstreamCommands } from "./key.ts";
import { addKillCommands } from "./kill/index.ts";
import { addLintCommand } from "./lint/index.ts";
import { addManifestCommands } from "./manifest/index.ts";
import { addNewCommands } from "./new-tool/index.ts";
import { addPolicyCommands } from "./policy/index.ts";
import { addStartCommand } from "./start/index.ts";
import { addStdioCommand } from "./stdio/index.ts";
import { addUsageCommands } from "./usage/index.ts";
import { version } from "./version.ts";

/** The whole command line: every command with its options, none of it run yet. */
export function createProgram(): Command {
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
  addBackupCommands(program);
  addCallCommands(program);
  addConnectCommand(program);
  addConnectionCommands(program);
  addDoctorCommand(program);
  addDevCommand(program);
  addExplainCommands(program);
  addFailureCommands(program);
  addGrantCommands(program);
  addImportCommands(program);
  addInitCommand(program);
  addKeyCommands(program);
  addKillCommands(program);
  addManifestCommands(program);
  addLintCommand(program);
  addNewCommands(program);
  addPolicyCommands(program);
  addTokenCommands(program);
  addUpstreamCommands(program);
  addUsageCommands(program);
  return program;
}
