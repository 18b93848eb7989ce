/** `remit stdio`: the server for hosts that start it as a program and speak MCP over its input and output. */
import type { Command } from "commander";

export interface StdioOptions {
  readonly url?: string;
  readonly remote?: boolean;
}

export function addStdioCommand(program: Command): void {
  program
    .command("stdio")
    .description(
      "Speak MCP over stdin and stdout, for hosts that start servers as programs. The access token is read from REMIT_TOKEN. Sign-in, consent and other pages need HTTP: they work only while a server listens (remit start).",
    )
    .option(
      "--url <url>",
      "MCP URL of the server to reach, https or loopback; without it the one of the data folder, in this process when none runs",
    )
    .option("--remote", "reach the server at REMIT_URL")
    .action(async (options: StdioOptions) => (await import("./run.ts")).stdio(options));
}
