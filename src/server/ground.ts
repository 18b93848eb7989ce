import { readFile } from "node:fs/promises";
import { openLedger, recoverIntents, type Ledger } from "../audit/index.ts";
import { createKillWatch, createPolicies } from "../call/index.ts";
import type { Config } from "../config.ts";
import { BootError } from "../errors.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { createGuardedFetch } from "../lib/guarded-fetch.ts";
import { createLog, type Log } from "../lib/log.ts";
import { loadMasterKey } from "../lib/master-key.ts";
import { deriveKey } from "../lib/secret.ts";
import { createChallenges } from "../oauth/index.ts";
import { openStore, type Store } from "../store/index.ts";
import type { createRegistry } from "../tool/index.ts";
import { openKeeping } from "./open-keeping.ts";
import { createEventRecorder, createIssuerRecorder } from "./event-records.ts";

export interface Base {
  readonly registry: ReturnType<typeof createRegistry>;
  readonly config: Config;
  readonly url: string;
}

/** What everything else stands on: rows, the ledger, keys, the way out. */
export async function openGround({ registry, config, url }: Base, closing: AsyncDisposableStack) {
  const now = systemClock;
  const log = createLog(config.logLevel);
  const resource = `${url}/mcp`;
  // The same resource by its other transport: clients compare the name in the metadata with the URL that they were given (RFC 9728 §3.3).
  const sseResource = `${url}/sse`;
  const otherResourceNames = config.hasSse ? [sseResource] : [];
  const masterKey = await loadMasterKey(config.masterKey, config.dataDir);
  if (typeof masterKey === "string") throw new BootError([masterKey]);
  const ca = await readCa(config);
  const guardedFetch = createGuardedFetch({ allowedHosts: config.fetchAllowedHosts, ...(ca === undefined ? {} : { ca }) });
  const store = closing.adopt(await openStore(config), (opened) => opened.close());
  await store.migrate(registry.tables);
  const { records, ledger, heard, record } = await openRecords(store, { log, now, closing });
  const asksByDefault = config.approvalsFor === "destructive";
  const policies = closing.adopt(await createPolicies({ store, asksByDefault, log }), (opened) => opened.close());
  const onEvent = createIssuerRecorder(record);
  const shared = {
    ...config,
    resource,
    otherResourceNames,
    store,
    scopes: registry.scopes,
    now,
    masterKey,
    log,
    fetch: guardedFetch,
    url,
    onEvent,
  };
  const killWatch = closing.adopt(createKillWatch({ ledger, store, isStopping: policies.isStopping, record, now, log }), (opened) =>
    opened.close(),
  );
  const key = (purpose: string) => deriveKey(masterKey, purpose);
  const kept = await openKeeping({ store, ledger, records, log, now, url, key, config, post: guardedFetch, ca }, closing);
  const challenges = createChallenges({ resource, baseline: registry.scopes.baseline });
  return {
    registry,
    config,
    url,
    now,
    log,
    resource,
    sseResource,
    masterKey,
    guardedFetch,
    store,
    ledger,
    records,
    policies,
    record,
    ...kept,
    heard,
    killWatch,
    onEvent,
    shared,
    challenges,
    key,
  };
}

interface RecordsDeps {
  readonly log: Log;
  readonly now: Clock;
  readonly closing: AsyncDisposableStack;
}

/** The ledger, with an end to what was under way when it was last closed, and what puts events on it. */
async function openRecords(store: Store, { log, now, closing }: RecordsDeps) {
  const records = await store.openLedger();
  const ledger = closing.adopt(await openLedger(records), (opened) => opened.close());
  await closeIntents(ledger, log, now);
  /** Told of each event that is on record, by its name. */
  const heard: ((event: string) => void)[] = [];
  return { records, ledger, heard, record: createEventRecorder(ledger, now, heard) };
}

export type Ground = Awaited<ReturnType<typeof openGround>>;

async function readCa({ fetchCaFile: file }: Config): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return readFile(file, "utf8").catch(() => {
    throw new BootError([`REMIT_FETCH_CA: there is no file ${file} that can be read`]);
  });
}

/** Puts an outcome to what was under way when the server last stopped. */
async function closeIntents(ledger: Ledger, log: Log, now: Clock): Promise<void> {
  const unknown = await recoverIntents(ledger, now());
  if (unknown > 0) log.warn({ unknown }, "calls were under way when the server last stopped; their outcome is on record as unknown");
}
