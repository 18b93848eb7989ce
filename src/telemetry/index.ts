/** What a server tells about itself to those who watch it: numbers for Prometheus, spans for a tracer. */
import type { Metrics, MetricsOptions } from "./metrics.ts";

export type { Measured } from "./measured.ts";
export type { Metrics } from "./metrics.ts";
export { createTracing, type CallSpan, type Tracing } from "./tracing.ts";

/** Loads what it takes to measure: servers that nobody watches do without. */
export async function openMetrics(options: MetricsOptions): Promise<Metrics> {
  const { createMetrics } = await import("./metrics.ts");
  return createMetrics(options);
}
