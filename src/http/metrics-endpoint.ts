import type { IncomingMessage, ServerResponse } from "node:http";
import { isEqualSecret } from "../lib/secret.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../telemetry/index.ts";

export interface MetricsEndpointDeps {
  readonly metrics: Pick<Metrics, "text">;
  /** Asked of who reads; nobody is asked when undefined. */
  readonly token: string | undefined;
  readonly log: Log;
}

/** `GET /metrics`, and nothing else, for a listener of its own. */
export function createMetricsEndpoint({ metrics, token, log }: MetricsEndpointDeps): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    req.resume();
    const path = (req.url ?? "/").split("?")[0];
    if (path !== "/metrics") return end(res, { status: 404, text: "Metrics are at /metrics.\n" });
    if (req.method !== "GET" && req.method !== "HEAD")
      return end(res, { status: 405, text: "Use GET.\n", headers: { allow: "GET, HEAD" } });
    if (token !== undefined && !isBearer(req.headers.authorization, token)) {
      return end(res, { status: 401, text: "Send the token of REMIT_METRICS_TOKEN.\n", headers: { "www-authenticate": "Bearer" } });
    }
    metrics.text().then(
      (text) => end(res, { status: 200, text, headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } }),
      (error: unknown) => {
        log.error({ err: error }, "metrics could not be collected");
        end(res, { status: 500, text: "Metrics could not be collected; the log says why.\n" });
      },
    );
  };
}

function isBearer(header: string | undefined, token: string): boolean {
  return header !== undefined && isEqualSecret(Buffer.from(header), Buffer.from(`Bearer ${token}`));
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function end(res: ServerResponse, { status, text, headers = {} }: Reply): void {
  const always = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", "x-content-type-options": "nosniff" };
  res.writeHead(status, { ...always, ...headers, "content-length": Buffer.byteLength(text) }).end(text);
}
