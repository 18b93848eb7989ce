/** `remit tools` and `remit call`: what an agent would see and do, through all that it would go through itself. */
import type { Command } from "commander";

export interface CallerFlags {
  readonly as?: string;
  readonly scope?: string;
  readonly json?: boolean;
}

export interface CallFlags extends CallerFlags {
  readonly explain?: boolean;
  readonly timeout: number;
}

const HELP = `
Arguments:
  name=text                a text
  count:=3 tags:='["a"]'   anything that is JSON
  '{"name":"text"}'        all of them as one JSON object
  -                        the same from stdin

Exit codes: 0 done, 1 the call failed, 2 wrong usage, 3 refused, 4 no server could be reached, 5 the tool says what is wrong, or that a person
must approve the call, 6 there is no such tool for this agent.

Examples:
  remit call list_organizations environment_id=env_1 --as "Demo agent"
  remit call delete_organization organization_id=org_1 --scope org:read --explain`;

const AS = "an agent's client id or name; needed when there are several";
const SCOPE = "hold only these of its scopes, separated by spaces";

export function addCallCommands(program: Command): void {
  program
    .command("tools")
    .argument("[name]", "one tool, with everything that is said about it")
    .description("List the tools: all that are declared, or what an agent is shown.")
    .option("--as <agent>", "what this agent is shown: client id or name")
    .option("--scope <scopes>", SCOPE)
    .option("--json", "print JSON; with --as the tools exactly as the agent gets them")
    .action(async (name: string | undefined, flags: CallerFlags) => (await import("./tools.ts")).listTools(name, flags));
  program
    .command("call")
    .argument("<tool>", "its name")
    .argument("[arguments...]", "its arguments; see below")
    .description("Call a tool as an agent, with a token of two minutes. It is decided and recorded like every call.")
    .option("--as <agent>", AS)
    .option("--scope <scopes>", SCOPE)
    .option("--explain", "say what would be decided and why; nothing runs")
    .option("--timeout <seconds>", "give up after so long", Number, 120)
    .option("--json", "print the whole answer as JSON")
    .addHelpText("after", HELP)
    .action(async (tool: string, words: readonly string[], flags: CallFlags) =>
      (await import("./call-tool.ts")).callTool(tool, words, flags),
    );
}
