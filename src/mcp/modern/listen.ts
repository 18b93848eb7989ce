import type { CallPath, CallRequest, Change } from "../../call/index.ts";
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { EventStream, Exchange } from "../exchange.ts";
import type { OpenStreams } from "../open-streams.ts";
import { replyRefusal, type RequestId } from "../wire.ts";
import { followTasks, parseTaskIds } from "./tasks.ts";

/** `subscriptions/listen` (MCP 2026-07-28). */
export interface Listening {
  open(exchange: Exchange, request: CallRequest, id: RequestId): Promise<void>;
}

interface Filter {
  readonly toolsListChanged: boolean;
  readonly promptsListChanged: boolean;
  readonly resourcesListChanged: boolean;
  readonly resources: ReadonlySet<string>;
  readonly tasks: readonly string[];
}

const LISTS = ["tools", "prompts", "resources"] as const;

export function createListening(path: CallPath, streams: OpenStreams): Listening {
  return {
    async open(exchange, request, id) {
      const { principal } = request;
      const filter = parseFilter(request, request.params["notifications"]);
      const refusal = isRefusal(filter) ? filter : (streams.check(principal) ?? forbidden(path, request, filter));
      const answer = await path.observe(request, refusal ?? { type: "complete", json: "{}" });
      if (isRefusal(answer) || isRefusal(filter)) return replyRefusal(exchange, isRefusal(answer) ? answer : refuse("fault"), id);
      const following = await followTasks(path, principal, filter.tasks);
      if (exchange.cancelled.isCancelled) return;
      const stream = exchange.reply.stream();
      const meta = { "io.modelcontextprotocol/subscriptionId": id };
      void stream.send(
        notification("notifications/subscriptions/acknowledged", { notifications: honoured(filter, following.taskIds), _meta: meta }),
      );
      const unsubscribe = path.changes.subscribe((change) => deliver(stream, filter, { change, meta }));
      const release = streams.add(principal, (isStopping) => {
        // What the caller may use has changed, or it has to show its token anew.
        if (!isStopping) for (const change of LISTS) deliver(stream, filter, { change, meta });
        stream.end(JSON.stringify({ jsonrpc: "2.0", id, result: { resultType: "complete", _meta: meta } }));
      });
      const unfollow = following.begin(({ detail }) => void stream.send(notification("notifications/tasks", { ...detail, _meta: meta })));
      stream.onClose(() => {
        unsubscribe();
        unfollow();
        release();
      });
    },
  };
}

/** News of a resource are for those who may read it. */
function forbidden(path: CallPath, request: CallRequest, { resources }: Filter): Refusal | undefined {
  for (const uri of resources) {
    const refusal = path.precheck({ ...request, method: "resources/read", params: { uri } });
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function parseFilter(request: CallRequest, value: unknown): Filter | Refusal {
  if (!isRecord(value)) return refuse("invalid_arguments", { message: "params.notifications must say what to listen for." });
  const uris = value["resourceSubscriptions"] ?? [];
  if (!Array.isArray(uris) || uris.length > 100 || !uris.every((uri) => typeof uri === "string" && uri.length <= 2048)) {
    return refuse("invalid_arguments", { message: "resourceSubscriptions must be a list of at most 100 URIs." });
  }
  const tasks = parseTaskIds(request, value["taskIds"]);
  if (isRefusal(tasks)) return tasks;
  return {
    toolsListChanged: value["toolsListChanged"] === true,
    promptsListChanged: value["promptsListChanged"] === true,
    resourcesListChanged: value["resourcesListChanged"] === true,
    resources: new Set(uris as string[]),
    tasks,
  };
}

function honoured(filter: Filter, taskIds: readonly string[]): Record<string, unknown> {
  return {
    ...(filter.toolsListChanged ? { toolsListChanged: true } : {}),
    ...(filter.promptsListChanged ? { promptsListChanged: true } : {}),
    ...(filter.resourcesListChanged ? { resourcesListChanged: true } : {}),
    ...(filter.resources.size > 0 ? { resourceSubscriptions: [...filter.resources] } : {}),
    ...(taskIds.length > 0 ? { taskIds } : {}),
  };
}

interface Delivery {
  readonly change: Change;
  readonly meta: object;
}

function deliver(stream: EventStream, filter: Filter, { change, meta }: Delivery): void {
  const json = notificationOf(filter, change, meta);
  if (json !== undefined) void stream.send(json);
}

function notificationOf(filter: Filter, change: Change, meta: object): string | undefined {
  if (typeof change === "object") {
    if (!filter.resources.has(change.resource)) return undefined;
    return notification("notifications/resources/updated", { uri: change.resource, _meta: meta });
  }
  return filter[`${change}ListChanged`] ? notification(`notifications/${change}/list_changed`, { _meta: meta }) : undefined;
}

function notification(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: "2.0", method, params });
}
