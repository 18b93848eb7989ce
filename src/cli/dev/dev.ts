import { parseConfig } from "../../config.ts";
import { BootError } from "../../errors.ts";
import { EXIT, ExitError } from "../exit.ts";
import { openLedger } from "../load.ts";
import { printRecords } from "../print-records.ts";
import { greeting, serve, type Listening } from "../start/index.ts";
import type { DevFlags } from "./index.ts";
import { watchModules } from "./watch-modules.ts";

/** Calls in flight hold a restart up no longer than this. */
const DRAIN_SECONDS = 1;
/** When a change was seen, in milliseconds since 1970; for the process that comes after it. */
const CHANGED_AT = "REMIT_DEV_CHANGED_AT";

/**
 * On a change the process becomes a new one, so nothing of the old code stays in memory, whatever it was. Sessions, tokens and tasks are in the
 * store, so clients go on. What cannot start says why and waits for the next change.
 */
export async function dev(module: string | undefined, { owner }: DevFlags): Promise<void> {
  if (process.execve === undefined || process.platform === "win32")
    throw new ExitError(
      EXIT.usage,
      "Here a process cannot become another one. Run instead: node --watch node_modules/remit/bin/remit.js start",
    );
  const watching = watchModules();
  const changedAt = Number(process.env[CHANGED_AT] ?? Number.NaN);
  const config = { ...parseConfig(), drainSeconds: DRAIN_SECONDS, leaveSeconds: 0 };
  let seenAt: number | undefined;
  const until = watching.changed.then((file) => {
    seenAt = now();
    return `${file} changed`;
  });
  try {
    const onListening = (listening: Listening, stopping: AbortSignal) => void tell(listening, { changedAt, stopping }).catch(console.error);
    await serve({ module, owner, config, until, onListening });
  } catch (error) {
    if (!(error instanceof ExitError || error instanceof BootError)) throw error;
    console.error(`${error.message}\nWaiting for a change.`);
    await until;
  } finally {
    watching.close();
  }
  if (seenAt === undefined) return;
  const { execPath: node, execArgv, argv, env } = process;
  process.execve(node, [node, ...execArgv, ...argv.slice(1)], { ...env, [CHANGED_AT]: String(seenAt) });
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

interface Telling {
  readonly changedAt: number;
  readonly stopping: AbortSignal;
}

async function tell({ declared, server, first }: Listening, { changedAt, stopping }: Telling): Promise<void> {
  const took = Number.isNaN(changedAt) ? `ready in ${performance.now().toFixed(0)} ms` : `reloaded in ${(now() - changedAt).toFixed(0)} ms`;
  if (first !== undefined) console.log(greeting(server, first));
  const { tools = [] } = declared.options;
  const where = server.consoleUrl === undefined ? "" : `, console at ${server.consoleUrl}`;
  console.log(`${tools.length} tools at ${server.mcpUrl}${where}; ${took}.`);
  const audit = await openLedger();
  try {
    const decisions = printRecords(audit, { after: await audit.records(), isFollowing: true, signal: stopping });
    await lint(declared);
    await decisions;
  } finally {
    await audit.close();
  }
}

/** What is worth mending; what is only for information is `remit lint`'s to tell. */
async function lint({ module, options }: Listening["declared"]): Promise<void> {
  const { catalogueOfSurface, formatText, lintTools } = await import("../../lint/index.ts");
  const report = lintTools(catalogueOfSurface(options));
  const findings = report.findings.filter(({ severity }) => severity !== "info");
  if (findings.length === 0) return console.log(`remit lint${module === undefined ? "" : ` ${module}`}: nothing to mend.`);
  console.log(formatText({ ...report, findings }));
}
