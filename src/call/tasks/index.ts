/** Tool calls that go on after they were answered (MCP extension `io.modelcontextprotocol/tasks`, SEP-2663). */
import type { Refusal } from "../../errors.ts";
import { createId } from "../../lib/id.ts";
import { decide } from "../authorize.ts";
import type { Answer, Call, CallRequest, Ended } from "../call.ts";
import type { Principal } from "../principal.ts";
import type { Input } from "../validate.ts";
import type { TaskRequest } from "./admit.ts";
import { createJobs, type Job } from "./jobs.ts";
import { cancelTask, getTask, isRepeatable, ownerOf, serve, updateTask } from "./methods.ts";
import { createNews, type News, type TaskNews } from "./news.ts";
import { startTask, type TaskParts } from "./run-task.ts";
import type { TaskDeps } from "./task-deps.ts";
import { detailedTask } from "./task-json.ts";

export { admitTask, declaresTasks, missingTasks, TASKS_EXTENSION } from "./admit.ts";
export type { TaskNews } from "./news.ts";
export type { TaskDeps } from "./task-deps.ts";

/** Tasks, for the principal that each belongs to. To everybody else they do not exist. */
export interface Tasks {
  /** Goes on with a validated call as a task. */
  start(call: Call, input: Input): Promise<Ended>;
  /** `tasks/get`. A task whose process has gone is run again here if that can do no harm, and has failed otherwise. */
  get(request: CallRequest): Promise<Answer | Refusal>;
  /** `tasks/update`. */
  update(request: CallRequest): Promise<Answer | Refusal>;
  /** `tasks/cancel`. */
  cancel(request: CallRequest): Promise<Answer | Refusal>;
  /** Those of the tasks that the principal may ask for. */
  visible(principal: Principal, taskIds: readonly string[]): Promise<readonly TaskNews[]>;
  readonly news: Pick<News, "subscribe">;
  /** Ends the runs that can be taken up again by another process. */
  stopRepeatable(): void;
  /** Ends every run, and waits a moment until that is stored. */
  close(): Promise<void>;
}

const SWEEP_MS = 60_000;
/** How long runs get that were told to stop. */
const STOPPING_MS = 1000;

export function createTasks(deps: TaskDeps): Tasks {
  const instance = createId("ins");
  const news = createNews();
  const onNote = ({ row }: Job) => news.publish(row.id, () => detailedTask(deps.taskKey, row));
  const jobs = createJobs({ ...deps, instance, onNote });
  const parts: TaskParts = { deps, instance, jobs, news };
  const sweeper = setInterval(
    () =>
      void deps.store.tasks.sweep(deps.now()).catch((error: unknown) => deps.log.error({ err: error }, "expired tasks cannot be deleted")),
    SWEEP_MS,
  ).unref();
  return {
    start: (call, input) => startTask(parts, call as Call & { readonly request: TaskRequest }, input),
    get: (request) => serve(parts, request, getTask),
    update: (request) => serve(parts, request, updateTask),
    cancel: (request) => serve(parts, request, cancelTask),
    async visible(principal, taskIds) {
      const rows = await deps.store.tasks.findAll(taskIds, ownerOf(principal), deps.now());
      const allowed = rows.filter(({ tool }) => {
        const target = deps.registry.tools.get(tool);
        return target !== undefined && decide(principal.authority, target).allowed;
      });
      return allowed.map((row) => ({ taskId: row.id, detail: detailedTask(deps.taskKey, row) }));
    },
    news,
    stopRepeatable: () => jobs.cancel("stopping", ({ target }) => isRepeatable(target)),
    async close() {
      clearInterval(sweeper);
      jobs.cancel("stopping", () => true);
      await jobs.close(STOPPING_MS);
    },
  };
}
