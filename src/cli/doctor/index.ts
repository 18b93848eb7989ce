/** The command that tells whether a server is well: ours from the inside, any from the outside. */
import type { Command } from "commander";
import { EXIT, ExitError } from "../exit.ts";

export interface DoctorFlags {
  readonly json?: boolean;
  readonly token?: string;
  readonly header: readonly string[];
  readonly report?: string;
}

const HELP = `
What is checked:
  (nothing)  this server, from the inside: the one that runs on the data folder, or what is in the folder
  URL        any MCP server over HTTP, ours or not, as clients and attackers see it; only the origin of the URL is contacted,
             and no tool is called but such as say that they only read

Exit codes: 0 no error and no warning, 1 at least one (without a URL: a failed check), 2 wrong usage, 4 unreachable,
6 no server has run in the data folder.`;

export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("Tell what is wrong with this server, or with any MCP server, and how to mend it.")
    .argument("[url]", "URL of an MCP endpoint")
    .option("--token <token>", "sent to the URL as a bearer token; REMIT_TOKEN without")
    .option("--header <header>", 'sent to the URL, "Name: value"; may be given more than once', collect, [])
    .option("--report <file>", "write a report in Markdown, to share; it holds no token")
    .option("--json", "print JSON")
    .addHelpText("after", HELP)
    .action(async (url: string | undefined, flags: DoctorFlags) => {
      if (url !== undefined) return (await import("./examine.ts")).examine(url, flags);
      for (const name of ["token", "header", "report"] as const)
        if (flags[name] !== undefined && flags[name].length > 0)
          throw new ExitError(EXIT.usage, `--${name} is for the examination of a URL.`);
      return (await import("./check-locally.ts")).checkLocally(flags);
    });
}

function collect(given: string, before: readonly string[]): readonly string[] {
  return [...before, given];
}
