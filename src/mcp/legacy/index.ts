/** MCP 2024-11-05 to 2025-11-25 through the official SDK, stateless: every POST stands alone. */
import { SUPPORTED_PROTOCOL_VERSIONS } from "@modelcontextprotocol/server";
import type { CallRequest, Sink } from "../../call/index.ts";
import { isRefusal, refuse, type Refusal } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import { headerOf, takesStreams, type Exchange } from "../exchange.ts";
import type { McpDeps } from "../index.ts";
import type { Lists } from "../lists.ts";
import { refuseOnRecord } from "../refuse-on-record.ts";
import { replyRefusal } from "../wire.ts";
import { createMethods, type Methods } from "./methods.ts";
import { readPost, type Incoming, type Post } from "./read-post.ts";
import { serve } from "./serve.ts";

export type LegacyDeps = McpDeps & { readonly lists: Lists };

export interface Legacy {
  handle(exchange: Exchange, message: Record<string, unknown> | unknown[]): Promise<void>;
}

export function createLegacy(deps: LegacyDeps): Legacy {
  const methods = createMethods(deps);
  return {
    async handle(exchange, message) {
      const version = headerOf(exchange.headers, "mcp-protocol-version");
      const post = readPost(message, version, SUPPORTED_PROTOCOL_VERSIONS);
      if (isRefusal(post)) return refuseOnRecord(deps.path, exchange, { refusal: post });
      if (post.requests.length === 0) return exchange.reply.accepted();
      // The POST took one token of the caller's bucket; the other messages of a batch take theirs.
      const waitSeconds =
        post.requests.length > 1 ? deps.path.limiter.take(exchange.principal.caller.clientId, post.requests.length - 1) : 0;
      if (waitSeconds > 0)
        return refuseOnRecord(deps.path, exchange, {
          refusal: refuse("rate_limited", { headers: { "retry-after": String(waitSeconds) } }),
        });
      const toCall = callsOf(exchange, post, methods);
      const forbidden = await decideAll(deps, post, { methods, toCall });
      if (forbidden !== undefined) return replyRefusal(exchange, forbidden, idOf(post));
      const served = await serve(deps, { post, methods, takesStreams: takesStreams(exchange.headers), toCall });
      if (isRefusal(served)) {
        if (served.refused === "invalid_request") return refuseOnRecord(deps.path, exchange, { refusal: served });
        return replyRefusal(exchange, served, idOf(post));
      }
      try {
        await exchange.reply.relay(served.response);
      } finally {
        await served.close();
      }
    },
  };
}

type ToCall = (request: Incoming, sink: Sink | undefined) => CallRequest;

function callsOf({ principal }: Exchange, post: Post, methods: Methods): ToCall {
  return ({ method, params }, sink) => {
    const meta = params["_meta"];
    const token = isRecord(meta) ? meta["progressToken"] : undefined;
    // Only initialize says in its parameters which version it means.
    const asked = method === "initialize" ? params["protocolVersion"] : undefined;
    const protocol = typeof asked === "string" ? asked : post.protocol;
    const progressToken = typeof token === "string" || typeof token === "number" ? token : undefined;
    return {
      principal,
      method,
      params,
      sink,
      // In these revisions a client that goes away has not cancelled its call, and no other POST can: ids mean something only within one.
      cancelled: { isCancelled: false, onCancel: undefined },
      meta: { protocol, capabilities: {}, progressToken, logLevel: methods.logLevelOf(principal) },
    };
  };
}

/**
 * Decides on every request of the POST before any of them runs. When one is refused nothing runs, whatever it stands beside in a batch, and
 * the POST is answered 403: a client steps up only when it sees the status. The refused ones go on record by going their usual way.
 */
async function decideAll(
  { path }: LegacyDeps,
  post: Post,
  { methods, toCall }: { methods: Methods; toCall: ToCall },
): Promise<Refusal | undefined> {
  let first: Refusal | undefined;
  for (const request of post.requests) {
    const call = toCall(request, undefined);
    if (path.precheck(call) === undefined) continue;
    const answer = await methods.find(request.method)?.(call);
    if (isRefusal(answer)) first ??= answer;
  }
  return first;
}

function idOf({ requests, isBatch }: Post): Incoming["id"] | undefined {
  return isBatch ? undefined : requests[0]?.id;
}
