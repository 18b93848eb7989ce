/** The command that tells whether a server is well: ours from the inside, any from the outside. */
import type { Command } from "commander";

export interface DoctorFlags {
  readonly json?: boolean;
}

const HELP = `
Exit codes: 0 all is well, 1 something is wrong, 2 wrong usage, 4 unreachable, 6 no server has run in the data folder.`;

export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("Check this server: config, clock, store, keys, documents, challenge, ledger; what is wrong comes with what to do.")
    .option("--json", "print JSON")
    .addHelpText("after", HELP)
    .action(async (flags: DoctorFlags) => {
      const { checkLocally } = await import("./check-locally.ts");
      await checkLocally(flags);
    });
}
