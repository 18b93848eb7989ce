import { monitorEventLoopDelay } from "node:perf_hooks";
import { memoryUsage } from "node:process";
import { ValueType, type Meter } from "@opentelemetry/api";
import { PrometheusSerializer, PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { errorTypeOf, type Measured } from "./measured.ts";
import * as names from "./names.ts";

/** The numbers of a server, as Prometheus reads them. Counting costs about a microsecond a call. */
export interface Metrics {
  began(): void;
  ended(measured: Measured): void;
  /** Something that the authorization server put on record. */
  event(name: string): void;
  records(count: number): void;
  answered(http: { readonly method: string; readonly route: string; readonly status: number; readonly durationMs: number }): void;
  /** Text format 0.0.4. */
  text(): Promise<string>;
  close(): Promise<void>;
}

/** Seconds; as the conventions of MCP advise. */
const BUCKETS_SECONDS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
const HTTP_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const SIZE_BUCKETS_BYTES = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
const EVENT_LOOP_RESOLUTION_MS = 20;

/** Prometheus wants the unit in the name (OpenTelemetry, Prometheus compatibility, metric metadata), and the exporter does not put it there. */
const UNITS = [
  [names.MCP_SERVER_OPERATION_DURATION, "seconds"],
  [names.HTTP_SERVER_REQUEST_DURATION, "seconds"],
  [names.NODEJS_EVENTLOOP_DELAY_P99, "seconds"],
  [names.TOOL_RESULT_SIZE, "bytes"],
  [names.V8JS_MEMORY_HEAP_USED, "bytes"],
].map(([instrumentName = "", unit = ""]) => ({ instrumentName, name: `${instrumentName}.${unit}` }));

export interface MetricsOptions {
  readonly name: string;
  readonly version: string;
  readonly instance: string;
}

/** Each instrument has at most 2,000 series; what is beyond is counted in one that says `otel_metric_overflow`. */
export function createMetrics({ name, version, instance }: MetricsOptions): Metrics {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const resource = resourceFromAttributes({
    [names.SERVICE_NAME]: name,
    [names.SERVICE_VERSION]: version,
    [names.SERVICE_INSTANCE_ID]: instance,
  });
  const provider = new MeterProvider({ resource, readers: [reader], views: UNITS });
  const meter = provider.getMeter("remit", version);
  const histogram = (metric: string, unit: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(metric, { unit, advice: { explicitBucketBoundaries } });
  const operations = histogram(names.MCP_SERVER_OPERATION_DURATION, "s", BUCKETS_SECONDS);
  const requests = histogram(names.HTTP_SERVER_REQUEST_DURATION, "s", HTTP_BUCKETS_SECONDS);
  const sizes = histogram(names.TOOL_RESULT_SIZE, "By", SIZE_BUCKETS_BYTES);
  // Counted here and told when they are read: a counter of the SDK sorts and prints the labels of each call.
  const decided = createTally();
  let [audited, underWay] = [0, 0];
  meter.createObservableCounter(names.AUTHZ_DECISIONS, { unit: "{decision}" }).addCallback((observed) => {
    for (const [labels, count] of decided.counts()) observed.observe(count, labels);
  });
  meter.createObservableCounter(names.AUDIT_RECORDS, { unit: "{record}" }).addCallback((observed) => observed.observe(audited));
  meter.createObservableUpDownCounter(names.INFLIGHT, { unit: "{request}" }).addCallback((observed) => observed.observe(underWay));
  const events = meter.createCounter(names.OAUTH_EVENTS, { unit: "{event}" });
  const process = watchProcess(meter);
  const serializer = new PrometheusSerializer("", false, undefined, false, true);
  return {
    began() {
      underWay++;
    },
    ended(measured) {
      const { tool, allowed, rule, resultBytes } = measured;
      underWay--;
      operations.record(measured.durationMs / 1000, labelsOf(measured));
      decided.add(allowed, rule, tool);
      if (tool !== undefined && resultBytes !== undefined) sizes.record(resultBytes, { [names.GEN_AI_TOOL_NAME]: tool });
    },
    event: (event) => events.add(1, { [names.OAUTH_EVENT]: event }),
    records(count) {
      audited += count;
    },
    answered({ method, route, status, durationMs }) {
      const labels = { [names.HTTP_REQUEST_METHOD]: method, [names.HTTP_ROUTE]: route, [names.HTTP_RESPONSE_STATUS_CODE]: status };
      requests.record(durationMs / 1000, labels);
    },
    async text() {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw new AggregateError(errors, "metrics could not be collected");
      return serializer.serialize(resourceMetrics);
    },
    async close() {
      process.end();
      await provider.shutdown();
    },
  };
}

/** How the process is doing, looked at when it is asked for. */
function watchProcess(meter: Meter) {
  const delay = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
  delay.enable();
  meter
    .createObservableGauge(names.NODEJS_EVENTLOOP_DELAY_P99, { unit: "s" })
    .addCallback((observed) => observed.observe(delay.count === 0 ? 0 : delay.percentile(99) / 1e9));
  meter
    .createObservableGauge(names.V8JS_MEMORY_HEAP_USED, { unit: "By", valueType: ValueType.INT })
    .addCallback((observed) => observed.observe(memoryUsage().heapUsed));
  return { end: () => delay.disable() };
}

/** Decisions by what was decided, by which rule, about which tool: as many as there are tools and rules. */
function createTally() {
  const tools = new Map<string, Map<string, { readonly labels: Record<string, string>; count: number }>>();
  return {
    add(allowed: boolean, rule: string, tool = ""): void {
      let rules = tools.get(tool);
      if (rules === undefined) tools.set(tool, (rules = new Map()));
      const key = allowed ? rule : `!${rule}`;
      let entry = rules.get(key);
      if (entry === undefined) {
        const named = tool === "" ? {} : { [names.GEN_AI_TOOL_NAME]: tool };
        entry = { labels: { [names.AUTHZ_DECISION]: allowed ? "allow" : "deny", [names.AUTHZ_RULE]: rule, ...named }, count: 0 };
        rules.set(key, entry);
      }
      entry.count++;
    },
    counts: () => [...tools.values()].flatMap((rules) => [...rules.values()].map(({ labels, count }) => [labels, count] as const)),
  };
}

function labelsOf({ method, tool, prompt, protocol, outcome, reason }: Measured): Record<string, string> {
  const failed = errorTypeOf(outcome, reason);
  return {
    [names.MCP_METHOD_NAME]: method,
    [names.MCP_PROTOCOL_VERSION]: protocol,
    ...(tool === undefined ? {} : { [names.GEN_AI_TOOL_NAME]: tool, [names.GEN_AI_OPERATION_NAME]: names.EXECUTE_TOOL }),
    ...(prompt === undefined ? {} : { [names.GEN_AI_PROMPT_NAME]: prompt }),
    ...(failed === undefined ? {} : { [names.ERROR_TYPE]: failed }),
  };
}
