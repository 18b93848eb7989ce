import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import { createId } from "../../lib/id.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { RegisteredTool, RoundTripInput } from "../../tool/index.ts";
import type { CallRequest, Sink } from "../call.ts";
import { hasCapability } from "../capability.ts";
import { createTaskCancellation, type TaskCancellation } from "./task-cancellation.ts";

/** Identifier of the extension, in the capabilities of both sides. */
export const TASKS_EXTENSION = "io.modelcontextprotocol/tasks";

const NEEDED = { extensions: { [TASKS_EXTENSION]: {} } };
/** The first revision for which the extension is defined. */
const SINCE = "2026-07-28";
const MAX_MESSAGE_CHARS = 500;

/** Whether the client of this very request takes tasks. What it declared in others counts for nothing. */
export function declaresTasks({ meta }: Pick<CallRequest, "meta">): boolean {
  return meta.protocol >= SINCE && hasCapability(meta.capabilities, NEEDED);
}

/** For a client that would have to take tasks (-32021). */
export function missingTasks(): Refusal {
  return refuse("missing_capability", {
    message: `This needs the extension ${TASKS_EXTENSION}, which the client did not declare for this request.`,
    data: { requiredCapabilities: NEEDED },
  });
}

/** A request that runs in a task: it has no stream, and its progress becomes the status message of the task. */
export interface TaskRequest extends CallRequest {
  readonly cancelled: TaskCancellation;
  readonly sink: StatusSink;
  readonly task: NonNullable<CallRequest["task"]>;
}

/** Takes the progress of a run and keeps the last message. */
export interface StatusSink extends Sink {
  message: string | undefined;
}

/** The request as one that may become a task, when its tool and its client agree to that; otherwise the request itself. */
export function admitTask(request: CallRequest, target: RegisteredTool | Refusal): CallRequest {
  if (isRefusal(target) || target.tool.task === undefined || !declaresTasks(request)) return request;
  return inTask(request, { id: createId("tsk"), target, cancelled: createTaskCancellation(request.cancelled) });
}

export interface InTask {
  readonly id: string;
  readonly target: RegisteredTool;
  readonly cancelled: TaskCancellation;
  readonly input?: RoundTripInput;
}

export function inTask(request: CallRequest, { id, target, cancelled, input }: InTask): TaskRequest {
  return {
    ...request,
    meta: { ...request.meta, progressToken: id, logLevel: undefined },
    cancelled,
    sink: createStatusSink(),
    task: { id, timeoutMs: target.taskTimeoutMs, input },
  };
}

function createStatusSink(): StatusSink {
  const sink: StatusSink = {
    message: undefined,
    send(notificationJson) {
      const { params } = JSON.parse(notificationJson) as { readonly params?: unknown };
      const message = isRecord(params) ? params["message"] : undefined;
      if (typeof message === "string" && message !== "") sink.message = message.slice(0, MAX_MESSAGE_CHARS);
      return Promise.resolve();
    },
  };
  return sink;
}
