import type { Log } from "../../lib/log.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Store, TaskRow } from "../../store/index.ts";
import type { RegisteredTool } from "../../tool/index.ts";
import type { Call } from "../call.ts";
import { isEndedBy, isStopped } from "../kill/index.ts";
import type { Policies } from "../policy/index.ts";
import type { Cause } from "./task-cancellation.ts";
import type { TaskRequest } from "./admit.ts";

/** A run of a task in this process. */
export interface Job {
  readonly call: Call & { readonly request: TaskRequest };
  readonly target: RegisteredTool;
  /** The row as this run knows it. */
  row: TaskRow;
}

export interface JobsDeps {
  readonly store: Pick<Store, "tasks" | "revocations">;
  readonly policies: Pick<Policies, "of">;
  readonly log: Log;
  readonly now: Clock;
  /** Random id of this process. */
  readonly instance: string;
  /** Told when the status message of a task has changed. */
  onNote(job: Job): void;
}

/** The runs of tasks in this process: keeps their leases, and ends those that may not go on. */
export interface Jobs {
  add(job: Job): void;
  delete(job: Job): void;
  find(taskId: string): Job | undefined;
  /** Ends the runs for which it is time. */
  cancel(cause: Cause, isMeant: (job: Job) => boolean): void;
  /** Waits until no run is left, but at most this long. */
  close(waitMs: number): Promise<void>;
}

const TICK_MS = 400;
const POLL_MS = 10;
const TICKS_PER_RENEWAL = 8;
/** After so long without renewal a process counts as gone. */
export const LEASE_MS = 15_000;
/** Revocations may be committed late and by clocks that differ. */
const OVERLAP_MS = 60_000;

export function createJobs(deps: JobsDeps): Jobs {
  const { store, log, now } = deps;
  const jobs = new Map<string, Job>();
  let timer: NodeJS.Timeout | undefined;
  let ticks = 0;
  let ticking: Promise<void> | undefined;

  function cancel(cause: Cause, isMeant: (job: Job) => boolean): void {
    for (const job of jobs.values()) if (isMeant(job)) job.call.request.cancelled.cancel(cause);
  }

  async function tick(): Promise<void> {
    const startedAt = now();
    cancel("lost", ({ row }) => row.expires_at <= startedAt);
    const revoked = await store.revocations.since(startedAt - OVERLAP_MS);
    cancel("revoked", ({ call }) => isStopped(deps.policies, call));
    if (revoked.length > 0) cancel("revoked", ({ call }) => revoked.some((row) => isEndedBy(row, call.request.principal)));
    await noteProgress([...jobs.values()], deps);
    if (++ticks % TICKS_PER_RENEWAL !== 0) return;
    // The next run of the same task may begin meanwhile, and is not meant.
    const held = new Set(jobs.values());
    if (held.size === 0) return;
    const ids = [...held].map(({ row }) => row.id);
    const renewed = new Set(await store.tasks.renew(ids, deps.instance, startedAt + LEASE_MS));
    cancel("lost", (job) => held.has(job) && !renewed.has(job.row.id));
  }

  function watch(): void {
    ticking ??= tick()
      .catch((error: unknown) => log.error({ err: error }, "running tasks cannot be watched"))
      .finally(() => (ticking = undefined));
  }

  return {
    add(job) {
      jobs.set(job.row.id, job);
      timer ??= setInterval(watch, TICK_MS).unref();
    },
    delete(job) {
      if (jobs.get(job.row.id) === job) jobs.delete(job.row.id);
      if (jobs.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
    find: (taskId) => jobs.get(taskId),
    cancel,
    async close(waitMs) {
      const until = performance.now() + waitMs;
      while (jobs.size > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      clearInterval(timer);
      await ticking;
    },
  };
}

/** Writes what runs said about their progress since the last time. */
async function noteProgress(jobs: readonly Job[], { store, now, onNote }: JobsDeps): Promise<void> {
  for (const job of jobs) {
    const { message } = job.call.request.sink;
    if (message === undefined || message === job.row.status_message) continue;
    job.row = { ...job.row, status_message: message, updated_at: now() };
    await store.tasks.note(job.row.id, job.row.version, { message, at: job.row.updated_at });
    onNote(job);
  }
}
