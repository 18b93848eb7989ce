/** The methods and notifications of `io.modelcontextprotocol/tasks` (SEP-2663). */
import {
  declaresTasks,
  missingTasks,
  type Answer,
  type CallPath,
  type CallRequest,
  type Principal,
  type TaskNews,
} from "../../call/index.ts";
import { refuse, type Refusal } from "../../errors.ts";

const MAX_IDS = 100;
const MAX_ID_CHARS = 128;

/** The methods that name a task in `params.taskId`. */
const METHODS = new Set(["tasks/get", "tasks/update", "tasks/cancel"]);

export function namesTask(method: string): boolean {
  return METHODS.has(method);
}

export function taskMethods({
  tasks,
}: Pick<CallPath, "tasks">): [string, (exchange: unknown, request: CallRequest) => Promise<Answer | Refusal>][] {
  return [
    ["tasks/get", (_exchange, request) => tasks.get(request)],
    ["tasks/update", (_exchange, request) => tasks.update(request)],
    ["tasks/cancel", (_exchange, request) => tasks.cancel(request)],
  ];
}

/** The tasks of which `subscriptions/listen` asks for news. */
export function parseTaskIds(request: CallRequest, value: unknown): readonly string[] | Refusal {
  if (value === undefined) return [];
  if (!declaresTasks(request)) return missingTasks();
  if (!Array.isArray(value) || value.length > MAX_IDS || !value.every((id) => typeof id === "string" && id.length <= MAX_ID_CHARS))
    return refuse("invalid_arguments", { message: `taskIds must be a list of at most ${MAX_IDS} ids.` });
  return [...new Set(value as readonly string[])];
}

/** News of tasks for a principal: ids that are not its own are left out as if they were unknown. */
export interface TaskFollowing {
  readonly taskIds: readonly string[];
  /** Sends how each task stands, and from then on each change. Returns the function that ends it. */
  begin(send: (news: TaskNews) => void): () => void;
}

const NONE: TaskFollowing = { taskIds: [], begin: () => () => undefined };

export async function followTasks(
  { tasks }: Pick<CallPath, "tasks">,
  principal: Principal,
  wanted: readonly string[],
): Promise<TaskFollowing> {
  if (wanted.length === 0) return NONE;
  const taskIds = (await tasks.visible(principal, wanted)).map(({ taskId }) => taskId);
  if (taskIds.length === 0) return NONE;
  return {
    taskIds,
    begin(send) {
      const told = new Set<string>();
      let isOpen = true;
      const unsubscribe = tasks.news.subscribe(new Set(taskIds), (news) => {
        told.add(news.taskId);
        send(news);
      });
      // What changed while this is read is newer than what is read.
      const tell = (standing: readonly TaskNews[]) => standing.forEach((news) => isOpen && !told.has(news.taskId) && send(news));
      void tasks.visible(principal, taskIds).then(tell, () => undefined);
      return () => {
        isOpen = false;
        unsubscribe();
      };
    },
  };
}
