import type { CallPath, CallRequest, Change, Principal } from "../../call/index.ts";
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { Clock } from "../../lib/clock.ts";
import type { EventStream, Exchange } from "../exchange.ts";
import { replyRefusal, type RequestId } from "../wire.ts";

/** The open `subscriptions/listen` streams of this process. */
export interface Listening {
  open(exchange: Exchange, request: CallRequest, id: RequestId): Promise<void>;
  /** Ends every stream with its result. */
  close(): void;
}

/** Streams that one agent may hold open. */
const MAX_STREAMS_PER_CLIENT = 8;
/** A reader that leaves more than this unread is dropped. */
const MAX_BACKLOG_BYTES = 256 * 1024;

interface Filter {
  readonly toolsListChanged: boolean;
  readonly promptsListChanged: boolean;
  readonly resourcesListChanged: boolean;
  readonly resources: ReadonlySet<string>;
}

interface Open {
  readonly principal: Principal;
  end(): void;
}

/** How often it is looked whether the tokens of open streams still hold. */
const WATCH_MS = 250;

/** `isValid` says whether the token that opened a stream still holds. */
export function createListening(path: CallPath, now: Clock, isValid: (principal: Principal) => boolean): Listening {
  const open = new Map<string, Set<Open>>();
  let watch: NodeJS.Timeout | undefined;

  function all(): Open[] {
    return [...open.values()].flatMap((streams) => [...streams]);
  }

  /** A stream may not outlive what its token held when it was opened. */
  function endStale(): void {
    for (const stream of all()) {
      const { principal } = stream;
      if (now() >= principal.caller.expiresAt || !isValid(principal)) stream.end();
    }
    if (open.size > 0) return;
    clearInterval(watch);
    watch = undefined;
  }

  async function start(exchange: Exchange, request: CallRequest, id: RequestId): Promise<void> {
    const { principal } = request;
    const { clientId } = principal.caller;
    const filter = parseFilter(request.params["notifications"]);
    const isFull = (open.get(clientId)?.size ?? 0) >= MAX_STREAMS_PER_CLIENT;
    const refusal = isRefusal(filter) ? filter : isFull ? tooMany() : forbidden(path, request, filter);
    const answer = await path.observe(request, refusal ?? { type: "complete", json: "{}" });
    if (isRefusal(answer) || isRefusal(filter)) return replyRefusal(exchange, isRefusal(answer) ? answer : refuse("fault"), id);
    if (exchange.cancelled.isCancelled) return;
    // Another stream of this client may have opened meanwhile.
    const mine = open.get(clientId) ?? new Set();
    const stream = exchange.reply.stream();
    const meta = { "io.modelcontextprotocol/subscriptionId": id };
    void stream.send(notification("notifications/subscriptions/acknowledged", { notifications: honoured(filter), _meta: meta }));
    const unsubscribe = path.changes.subscribe((change) => deliver(stream, filter, { change, meta, drop: () => entry.end() }));
    const entry: Open = {
      principal,
      end() {
        if (!mine.delete(entry)) return;
        if (mine.size === 0) open.delete(clientId);
        unsubscribe();
        void stream.send(JSON.stringify({ jsonrpc: "2.0", id, result: { resultType: "complete", _meta: meta } }));
        stream.end();
      },
    };
    mine.add(entry);
    open.set(clientId, mine);
    watch ??= setInterval(endStale, WATCH_MS).unref();
    exchange.cancelled.onCancel = () => entry.end();
  }

  return {
    open: start,
    close() {
      for (const stream of all()) stream.end();
      clearInterval(watch);
    },
  };
}

function tooMany(): Refusal {
  return refuse("rate_limited", {
    message: `This agent already holds ${MAX_STREAMS_PER_CLIENT} subscription streams. Close one first.`,
    headers: { "retry-after": "1" },
  });
}

/** News of a resource are for those who may read it. */
function forbidden(path: CallPath, request: CallRequest, { resources }: Filter): Refusal | undefined {
  for (const uri of resources) {
    const refusal = path.precheck({ ...request, method: "resources/read", params: { uri } });
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function parseFilter(value: unknown): Filter | Refusal {
  if (!isRecord(value)) return refuse("invalid_arguments", { message: "params.notifications must say what to listen for." });
  const uris = value["resourceSubscriptions"] ?? [];
  if (!Array.isArray(uris) || uris.length > 100 || !uris.every((uri) => typeof uri === "string" && uri.length <= 2048)) {
    return refuse("invalid_arguments", { message: "resourceSubscriptions must be a list of at most 100 URIs." });
  }
  return {
    toolsListChanged: value["toolsListChanged"] === true,
    promptsListChanged: value["promptsListChanged"] === true,
    resourcesListChanged: value["resourcesListChanged"] === true,
    resources: new Set(uris as string[]),
  };
}

function honoured(filter: Filter): Record<string, unknown> {
  return {
    ...(filter.toolsListChanged ? { toolsListChanged: true } : {}),
    ...(filter.promptsListChanged ? { promptsListChanged: true } : {}),
    ...(filter.resourcesListChanged ? { resourcesListChanged: true } : {}),
    ...(filter.resources.size > 0 ? { resourceSubscriptions: [...filter.resources] } : {}),
  };
}

interface Delivery {
  readonly change: Change;
  readonly meta: object;
  drop(): void;
}

function deliver(stream: EventStream, filter: Filter, { change, meta, drop }: Delivery): void {
  const json = notificationOf(filter, change, meta);
  if (json === undefined) return;
  if (stream.backlogBytes() > MAX_BACKLOG_BYTES) return drop();
  void stream.send(json);
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
