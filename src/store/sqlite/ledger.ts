import { Worker, type Transferable } from "node:worker_threads";
import { BootError } from "../../errors.ts";
import type { LedgerStore } from "../index.ts";
import type { StoreOptions } from "../open.ts";
import { prepareFile } from "./files.ts";
import { packBatch } from "./ledger-batch.ts";
import { createLedgerReader, ledgerFile } from "./ledger-reader.ts";
import type { LedgerAnswer, LedgerMessage, LedgerWorkerData } from "./ledger-worker.ts";

// The same file beside this one, from source and from the build.
const WORKER_URL = new URL(`./ledger-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

/** Caps, not reservations: a batch has at most 16 Mi characters, of which a few copies exist at once. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 160, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** A running worker and the batches that it has not answered yet, oldest first. */
interface Writer {
  readonly worker: Worker;
  readonly waiting: Waiter[];
  readonly ended: Promise<void>;
}

/** Opens the chain for writing. Its caller holds the data folder, so there is no other writer. */
export async function openSqliteLedger(options: StoreOptions): Promise<LedgerStore> {
  const path = prepareFile(options.dataDir, ledgerFile(options));
  const keeper = createKeeper({ path });
  try {
    await keeper.running();
  } catch (error) {
    throw new BootError([`${path} cannot be opened: ${String(error)}. Restore it from a backup, or set REMIT_DATA to another folder.`]);
  }
  const reader = createLedgerReader(path);
  let isClosed = false;

  async function tell(message: LedgerMessage, transfer: readonly Transferable[] = []): Promise<void> {
    const running = keeper.running();
    const { worker, waiting } = running instanceof Promise ? await running : running;
    await new Promise<void>((resolve, reject) => {
      waiting.push({ resolve, reject });
      worker.postMessage(message, transfer);
    });
  }

  return {
    head: () => reader.head(),
    read: (after, limit) => reader.read(after, limit),
    scan: (range, limit) => reader.scan(range, limit),
    openIntents: () => reader.openIntents(),
    async append(rows) {
      if (isClosed) throw new Error("The ledger is closed.");
      if (rows.length === 0) return;
      const batch = packBatch(rows);
      await tell(batch, [batch.hashes.buffer]);
    },
    async prune(rows) {
      if (isClosed) throw new Error("The ledger is closed.");
      if (rows.length > 0) await tell({ pruned: rows });
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      // Closed before the writer, which then tidies the file up.
      await reader.close();
      await keeper.close();
    },
  };
}

/** Keeps one worker running. */
interface Keeper {
  /** The worker that runs, or a new one after it died. */
  running(): Writer | Promise<Writer>;
  /** Ends the worker when it has written what it was given. */
  close(): Promise<void>;
}

function createKeeper(data: LedgerWorkerData): Keeper {
  let writer: Writer | undefined;
  let starting: Promise<Writer> | undefined;

  async function start(): Promise<Writer> {
    const started = startWriter(data);
    // The worker speaks first, when the file is open.
    await new Promise<void>((resolve, reject) => started.waiting.push({ resolve, reject }));
    writer = started;
    void started.ended.then(() => {
      if (writer === started) writer = undefined;
    });
    return started;
  }

  return {
    running() {
      if (writer !== undefined) return writer;
      starting ??= start().finally(() => {
        starting = undefined;
      });
      return starting;
    },
    async close() {
      await starting?.catch(() => undefined);
      const last = writer;
      last?.worker.postMessage("close");
      await last?.ended;
    },
  };
}

function startWriter(data: LedgerWorkerData): Writer {
  const worker = new Worker(WORKER_URL, { workerData: data, resourceLimits: RESOURCE_LIMITS, execArgv: [], env: {} });
  const waiting: Waiter[] = [];
  let fault = "it ended";
  worker.on("message", (answer: LedgerAnswer) => {
    const waiter = waiting.shift();
    if (answer === null) waiter?.resolve();
    else waiter?.reject(new Error(`The ledger was not written: ${answer}`));
  });
  worker.on("error", (error: unknown) => {
    fault = error instanceof Error ? error.message : String(error);
  });
  const ended = new Promise<void>((resolve) => {
    worker.on("exit", () => {
      for (const waiter of waiting.splice(0)) waiter.reject(new Error(`The ledger's writer stopped: ${fault}`));
      resolve();
    });
  });
  return { worker, waiting, ended };
}
