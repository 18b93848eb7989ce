import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse } from "../errors.ts";
import { replyRefusal } from "../mcp/index.ts";
import type { Endpoint } from "./mcp-endpoint.ts";
import { createReply } from "./reply.ts";

/** `leaving` while the server stops; `unavailable` while it cannot decide or put on record. */
export type Readiness = "ready" | "leaving" | "unavailable";

/** For supervisors: the process is alive and answers. */
export const serveAlive: Endpoint = (req, res) => {
  if (!isRead(req.method)) return refuseMethod(req, res);
  createReply(res).json(200, '{"status":"alive"}');
};

/** For load balancers: whether to send requests here. Anybody may ask, so it does not say what is wrong. */
export function createReadyEndpoint(read: () => Promise<Readiness>): Endpoint {
  return (req, res) => {
    if (!isRead(req.method)) return refuseMethod(req, res);
    read()
      .catch((): Readiness => "unavailable")
      .then((status) => {
        const retry = status === "ready" ? {} : { "Retry-After": "1" };
        createReply(res).json(status === "ready" ? 200 : 503, JSON.stringify({ status }), retry);
      })
      .catch(() => res.destroy());
  };
}

function isRead(method: string | undefined): boolean {
  return method === "GET" || method === "HEAD";
}

function refuseMethod(req: IncomingMessage, res: ServerResponse): void {
  replyRefusal({ reply: createReply(res) }, refuse("method_not_allowed", { message: "Use GET.", headers: { allow: "GET, HEAD" } }));
  req.resume();
}
