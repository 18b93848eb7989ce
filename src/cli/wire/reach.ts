import { readFile } from "node:fs/promises";
import type { Config } from "../../config.ts";
import { EXIT, ExitError } from "../exit.ts";

export interface Reach {
  readonly allowedHosts: readonly string[];
  readonly ca?: string;
}

/** What a guarded fetch may reach for the person at the terminal: the server that they named too, public or not. Throws ExitError. */
export async function reachOf(
  { protocol, hostname, port }: URL,
  config: Pick<Config, "fetchAllowedHosts" | "fetchCaFile">,
): Promise<Reach> {
  const usual = protocol === "https:" ? "443" : "80";
  const allowedHosts = [...config.fetchAllowedHosts, `${hostname}:${port === "" ? usual : port}`];
  if (config.fetchCaFile === undefined) return { allowedHosts };
  const ca = await readFile(config.fetchCaFile, "utf8").catch(() => {
    throw new ExitError(EXIT.notFound, `REMIT_FETCH_CA: there is no file ${config.fetchCaFile} that can be read.`);
  });
  return { allowedHosts, ca };
}

/** Headers as they are typed, `Name: value` each. Throws ExitError. */
export function parseHeaders(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((line) => {
      const [, name, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):\s*([^\r\n]*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new ExitError(EXIT.usage, `--header takes "Name: value", not ${line}.`);
      return [name.toLowerCase(), value];
    }),
  );
}
