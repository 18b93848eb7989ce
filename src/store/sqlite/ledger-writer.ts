import { Worker } from "node:worker_threads";
import type { LedgerAnswer, LedgerMessage } from "./ledger-worker.ts";

// The same file beside this one, from source and from the build.
const WORKER_URL = new URL(`./ledger-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

/** Caps, not reservations: a batch has at most 16 Mi characters, of which a few copies exist at once. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 160, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

/**
 * Threads whose ledger was closed, for the next ones: to start a thread takes 25 to 50 ms of computing, which tests that open many servers would
 * pay for each. They do not hold up the end of the process.
 */
const idle: LedgerWriter[] = [];
const MAX_IDLE = 2;

interface Waiter {
  resolve(answer: LedgerAnswer): void;
  reject(error: Error): void;
}

/** A running thread. */
interface LedgerWriter {
  /** Its answer; rejects when the thread ends before it. */
  ask(message: LedgerMessage): Promise<LedgerAnswer>;
  /** Whether the process stays while the thread runs. */
  hold(isHeld: boolean): void;
  end(): Promise<void>;
  readonly ended: Promise<void>;
}

/** Keeps one thread running that has the chain of a file open. */
interface Keeper {
  /** The writer that runs, or a new one after it died. Rejects when the file cannot be opened. */
  running(): LedgerWriter | Promise<LedgerWriter>;
  /** Closes the file when everything is written that was given. */
  close(): Promise<void>;
}

export function createKeeper(path: string): Keeper {
  let writer: LedgerWriter | undefined;
  let starting: Promise<LedgerWriter> | undefined;

  async function start(): Promise<LedgerWriter> {
    const started = idle.pop() ?? startWriter();
    started.hold(true);
    const problem = await started.ask({ open: path });
    if (problem !== null) {
      await giveBack(started);
      throw new Error(problem);
    }
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
      writer = undefined;
      if (last === undefined) return;
      try {
        await last.ask("close");
      } catch {
        // It died, and with it what it had open.
        return;
      }
      await giveBack(last);
    },
  };
}

async function giveBack(writer: LedgerWriter): Promise<void> {
  if (idle.length >= MAX_IDLE) return writer.end();
  writer.hold(false);
  idle.push(writer);
}

function startWriter(): LedgerWriter {
  const worker = new Worker(WORKER_URL, { resourceLimits: RESOURCE_LIMITS, execArgv: [], env: {} });
  /** Who waits for an answer, oldest first. */
  const waiting: Waiter[] = [];
  let fault = "it ended";
  worker.on("message", (answer: LedgerAnswer) => waiting.shift()?.resolve(answer));
  worker.on("error", (error: unknown) => {
    fault = error instanceof Error ? error.message : String(error);
  });
  const ended = new Promise<void>((resolve) => {
    worker.on("exit", () => {
      const at = idle.indexOf(writer);
      if (at >= 0) idle.splice(at, 1);
      for (const waiter of waiting.splice(0)) waiter.reject(new Error(`The ledger's writer stopped: ${fault}`));
      resolve();
    });
  });
  const writer: LedgerWriter = {
    ask: (message) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        worker.postMessage(message);
      }),
    hold(isHeld) {
      if (isHeld) worker.ref();
      else worker.unref();
    },
    async end() {
      await worker.terminate();
    },
    ended,
  };
  return writer;
}
