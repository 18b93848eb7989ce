import type { Config } from "../config.ts";
import { createListener, createMetricsEndpoint } from "../http/index.ts";
import type { Log } from "../lib/log.ts";
import { createTracing, openMetrics, type Metrics, type Tracing } from "../telemetry/index.ts";

export interface TelemetryOptions {
  readonly config: Pick<Config, "metrics" | "tracing" | "nodeId">;
  readonly name: string;
  readonly version: string;
  readonly log: Log;
}

export interface OpenedTelemetry {
  readonly metrics: Metrics | undefined;
  readonly tracing: Tracing | undefined;
  /** Where the metrics are; undefined when they are not measured. */
  readonly metricsUrl: string | undefined;
}

/** Who watches the server: nobody, unless the settings say so. Metrics have a listener of their own, which the public one does not reach. */
export async function openTelemetry(
  { config, name, version, log }: TelemetryOptions,
  closing: AsyncDisposableStack,
): Promise<OpenedTelemetry> {
  const tracing = createTracing(config.tracing, version);
  if (config.metrics === undefined) return { metrics: undefined, tracing, metricsUrl: undefined };
  const { host, port, token } = config.metrics;
  const metrics = closing.adopt(await openMetrics({ name, version, instance: config.nodeId }), (opened) => opened.close());
  const listener = closing.adopt(await createListener({ host, port }), (opened) => opened.close(0));
  listener.serve(createMetricsEndpoint({ metrics, token, log }));
  const metricsUrl = `http://${host.includes(":") ? `[${host}]` : host}:${listener.port}/metrics`;
  log.info({ metrics: metricsUrl }, "metrics are served");
  return { metrics, tracing, metricsUrl };
}
