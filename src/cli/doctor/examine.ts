import { readFile, writeFile } from "node:fs/promises";
import { parseConfig } from "../../config.ts";
import { examineServer, formatJson, formatMarkdown, formatText, type Examination } from "../../doctor/index.ts";
import { createGuardedFetch, type GuardedFetch } from "../../lib/guarded-fetch.ts";
import { EXIT, ExitError } from "../exit.ts";
import type { DoctorFlags } from "./index.ts";

const TIMEOUT_MS = 15_000;

/** Examines a server from the outside and tells what was found. Throws ExitError when it cannot be reached. */
export async function examine(given: string, flags: DoctorFlags): Promise<void> {
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new ExitError(EXIT.usage, `${given} is no URL of a web server.`);
  if (url.username !== "" || url.password !== "") throw new ExitError(EXIT.usage, "Give the token with --token, not in the URL.");
  const { authorization, ...headers } = headersOf(flags.header);
  const token = flags.token ?? /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1] ?? process.env["REMIT_TOKEN"];
  const examined = await examineServer({ url, headers, fetch: await fetchFor(url), token: token === "" ? undefined : token });
  if ("unreachable" in examined) throw new ExitError(EXIT.unreachable, `${given} cannot be examined: ${examined.unreachable}.`);
  // What a server sends back may repeat the token.
  const told = (format: (examination: Examination) => string) => withoutToken(format(examined), token);
  if (flags.report !== undefined) {
    await writeFile(flags.report, told(formatMarkdown));
    console.error(`The report is in ${flags.report}.`);
  }
  console.log(told(flags.json === true ? formatJson : formatText));
  if (examined.counts.error + examined.counts.warning > 0) process.exitCode = EXIT.failed;
}

function withoutToken(text: string, token: string | undefined): string {
  return token === undefined || token === "" ? text : text.replaceAll(token, "(token)");
}

/** The person named the URL, so an address that is not public is theirs to allow. */
async function fetchFor(url: URL): Promise<GuardedFetch> {
  const { fetchAllowedHosts, fetchCaFile } = parseConfig();
  const port = url.port === "" ? { "https:": "443", "http:": "80" }[url.protocol] : url.port;
  const ca = fetchCaFile === undefined ? {} : { ca: await readFile(fetchCaFile, "utf8") };
  return createGuardedFetch({ ...ca, allowedHosts: [...fetchAllowedHosts, `${url.hostname}:${port}`], timeoutMs: TIMEOUT_MS });
}

function headersOf(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((line) => {
      const [, name, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):\s*([^\r\n]*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new ExitError(EXIT.usage, `--header takes "Name: value", not ${line}.`);
      return [name.toLowerCase(), value];
    }),
  );
}
