import { Worker } from "node:worker_threads";
import type { LedgerStore } from "../index.ts";
import { prepareFile } from "./files.ts";
import { packBatch } from "./ledger-batch.ts";
import { createLedgerReader, LEDGER_FILE } from "./ledger-reader.ts";
import type { LedgerAnswer, LedgerWorkerData } from "./ledger-worker.ts";

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
export async function openSqliteLedger(dataDir: string, chain: string): Promise<LedgerStore> {
  const path = prepareFile(dataDir, LEDGER_FILE);
  let writer: Writer | undefined;
  let isClosed = false;

  async function start(): Promise<Writer> {
    const started = startWriter({ path, chain });
    writer = started;
    void started.ended.then(() => {
      if (writer === started) writer = undefined;
    });
    // The worker speaks first, when the file is open.
    await new Promise<void>((resolve, reject) => started.waiting.push({ resolve, reject }));
    return started;
  }

  let starting: Promise<Writer> | undefined = start();
  await starting;
  starting = undefined;
  const reader = createLedgerReader(path, chain);

  /** The worker that runs, or a new one after it died. */
  function running(): Writer | Promise<Writer> {
    if (starting !== undefined) return starting;
    if (writer !== undefined) return writer;
    starting = start().finally(() => {
      starting = undefined;
    });
    return starting;
  }

  return {
    head: () => reader.head(),
    read: (after, limit) => reader.read(after, limit),
    openIntents: () => reader.openIntents(),
    async append(rows) {
      if (isClosed) throw new Error("The ledger is closed.");
      if (rows.length === 0) return;
      const batch = packBatch(rows);
      const target = running();
      const { worker, waiting } = target instanceof Promise ? await target : target;
      await new Promise<void>((resolve, reject) => {
        waiting.push({ resolve, reject });
        worker.postMessage(batch);
      });
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await starting?.catch(() => undefined);
      // Closed before the writer, which then tidies the file up. What was handed over before is written first.
      await reader.close();
      writer?.worker.postMessage("close");
      await writer?.ended;
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
