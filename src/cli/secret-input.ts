import { text } from "node:stream/consumers";
import { EXIT, ExitError } from "./exit.ts";

/** A secret from the environment or else from stdin; never from an argument, which every user of the machine could read. */
export async function readSecret(variable: string, what: string): Promise<string> {
  const given = process.env[variable];
  if (given !== undefined && given !== "") return given;
  if (process.stdin.isTTY) process.stderr.write(`${what}, then Enter and Ctrl-D: `);
  const read = (await text(process.stdin)).trim();
  if (read === "") throw new ExitError(EXIT.usage, `Give the ${what.toLowerCase()} on stdin or in ${variable}.`);
  return read;
}
