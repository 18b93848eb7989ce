import { findBreak } from "../../audit/index.ts";
import { isLoopbackHost } from "../../config.ts";
import { canRecord, writeToStore } from "./can-write.ts";
import { checkChallenge, checkDocuments } from "./check-edge.ts";
import { failed, ok, warning, type Found, type HealthCheck, type HealthDeps } from "./health-check.ts";
import { checkKeys } from "./check-keys.ts";

type Check = (deps: HealthDeps) => Found | Promise<Found>;

/** In the order in which what is wrong should be mended: what stands further down stands on what is above it. */
const CHECKS: readonly (readonly [HealthCheck["name"], Check])[] = [
  ["config", checkConfig],
  ["clock", checkClock],
  ["store", checkStore],
  ["keys", checkKeys],
  ["documents", checkDocuments],
  ["challenge", checkChallenge],
  ["ledger", checkLedger],
];

/** Looks at every part of a running server. Changes nothing; never rejects. */
export async function runHealthChecks(deps: HealthDeps): Promise<readonly HealthCheck[]> {
  const found: HealthCheck[] = [];
  for (const [name, check] of CHECKS) found.push({ name, next: undefined, ...(await settle(check, deps)) });
  return found;
}

async function settle(check: Check, deps: HealthDeps): Promise<Found> {
  try {
    return await check(deps);
  } catch (error) {
    return failed(`The check could not be made: ${textOf(error)}.`, "See the log of the server.");
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : "of no known reason";
}

function checkConfig({ config, url }: HealthDeps): Found {
  const { hostname, protocol } = new URL(url);
  const isOpen = !isLoopbackHost(config.host.includes(":") ? `[${config.host}]` : config.host);
  if (isOpen && isLoopbackHost(hostname)) {
    return warning(
      `It listens on ${config.host}, but says that its address is ${url}, which no other machine can reach.`,
      "Set REMIT_URL to the https origin that clients use, or HOST to 127.0.0.1.",
    );
  }
  if (protocol === "https:" && isOpen && config.trustedProxies.length === 0) {
    return warning(
      `It listens on ${config.host} for a proxy, and every caller has the proxy's address in limits and records.`,
      "Set REMIT_TRUSTED_PROXIES to the addresses of the proxy.",
    );
  }
  return ok(`It listens on ${config.host} and is known as ${url}.`);
}

/** A clock may be off by so much without harm: tokens are accepted with a leeway of the same order. */
const CLOCK_LEEWAY_MS = 30_000;

/** A clock that was set back shows in what was written before. */
async function checkClock(deps: HealthDeps): Promise<Found> {
  const keys = await deps.store.signingKeys.list().catch(() => []);
  const newest = Math.max(await newestRecordAt(deps).catch(() => 0), ...keys.map(({ state_at }) => state_at));
  const behindMs = newest - deps.now();
  const shown = new Date(deps.now()).toISOString();
  if (behindMs <= CLOCK_LEEWAY_MS) return ok(`It is ${shown}, later than all that was written.`);
  const detail = `It says ${shown}, ${Math.round(behindMs / 1000)} s before something that was written already.`;
  return failed(detail, "Set the clock of this machine right (timedatectl set-ntp true): tokens expire by it.");
}

async function newestRecordAt({ records }: HealthDeps): Promise<number> {
  const head = await records.head();
  if (head === undefined) return 0;
  const [row] = await records.read(head.seq - 1, 1);
  const { at } = JSON.parse(row?.body ?? "{}") as { readonly at?: unknown };
  return typeof at === "number" ? at : 0;
}

async function checkStore(deps: HealthDeps): Promise<Found> {
  const where = deps.config.databaseUrl === undefined ? `the embedded database in ${deps.config.dataDir}` : "PostgreSQL";
  const startedMs = performance.now();
  try {
    await writeToStore(deps);
  } catch (error) {
    const next =
      deps.config.databaseUrl === undefined
        ? "Look for a full disk or a folder that cannot be written, then for another process that holds the database."
        : "Look whether the database of REMIT_DATABASE_URL runs, can be reached, and is no read-only replica.";
    return failed(`Nothing can be written to ${where}: ${textOf(error)}.`, next);
  }
  const tookMs = Math.round(performance.now() - startedMs);
  if (tookMs > SLOW_WRITE_MS)
    return warning(`A write to ${where} took ${tookMs} ms.`, "Look for a slow disk or network; each call waits for such a write.");
  return ok(`A row was written to ${where} in ${tookMs} ms.`);
}

const SLOW_WRITE_MS = 250;

/** So many records are verified; all of them by `remit audit verify`. */
const NEWEST = 500;

async function checkLedger(deps: HealthDeps): Promise<Found> {
  const { records } = deps;
  if (!(await canRecord(deps)))
    return failed("The ledger cannot be written, so calls are refused.", "Look for a full disk, then at the log of the server.");
  const head = await records.head();
  if (head === undefined) return ok("The ledger can be written; nothing is on record yet.");
  const rows = await records.read(Math.max(0, head.seq - NEWEST), NEWEST);
  const [first] = rows;
  const broken = first === undefined ? undefined : findBreak(rows, { seq: first.seq - 1, hash: first.prev });
  if (broken !== undefined)
    return failed(`The chain is broken: ${broken.why}.`, "Keep a copy of the data folder as it is, then run remit audit verify.");
  return ok(`The ledger can be written; the chain of the newest ${rows.length} of ${head.seq} records holds.`);
}
