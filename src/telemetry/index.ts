/** What a server tells about itself to those who watch it: numbers for Prometheus, spans for a tracer. */
export { createMetrics, type Measured, type Metrics } from "./metrics.ts";
export { createTracing, type CallSpan, type Tracing } from "./tracing.ts";
