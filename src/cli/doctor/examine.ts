import { writeFile } from "node:fs/promises";
import { parseConfig } from "../../config.ts";
import { examineServer, formatJson, formatMarkdown, formatText, type Examination } from "../../doctor/index.ts";
import { createGuardedFetch } from "../../lib/guarded-fetch.ts";
import { EXIT, ExitError } from "../exit.ts";
import { parseHeaders, reachOf } from "../wire/index.ts";
import type { DoctorFlags } from "./index.ts";

const TIMEOUT_MS = 15_000;

/** Examines a server from the outside and tells what was found. Throws ExitError when it cannot be reached. */
export async function examine(given: string, flags: DoctorFlags): Promise<void> {
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new ExitError(EXIT.usage, `${given} is no URL of a web server.`);
  if (url.username !== "" || url.password !== "") throw new ExitError(EXIT.usage, "Give the token with --token, not in the URL.");
  const { authorization, ...headers } = parseHeaders(flags.header);
  const token = flags.token ?? /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1] ?? process.env["REMIT_TOKEN"];
  const guarded = createGuardedFetch({ ...(await reachOf(url, parseConfig())), timeoutMs: TIMEOUT_MS });
  const examined = await examineServer({ url, headers, fetch: guarded, token: token === "" ? undefined : token });
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
