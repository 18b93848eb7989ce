/** The command line. Results go to stdout, everything else to stderr. */
import { CommanderError } from "commander";
import { BootError } from "../errors.ts";
import { EXIT, ExitError } from "./exit.ts";
import { createProgram } from "./program.ts";

try {
  await createProgram().parseAsync();
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
