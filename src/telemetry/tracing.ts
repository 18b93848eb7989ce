import type { Context, Span } from "@opentelemetry/api";
import { loadApi } from "./load-api.ts";
import { errorTypeOf, type Measured } from "./measured.ts";
import * as names from "./names.ts";

/** `native`: spans are made; `propagation_only`: the client's trace is passed on and no span is made; `off`: neither. */
export type TracingMode = "native" | "propagation_only" | "off";

/** What a span says from its start. Neither arguments nor results are in it. */
export interface Traced {
  readonly method: string;
  readonly tool: string | undefined;
  readonly prompt: string | undefined;
  readonly protocol: string;
  readonly clientId: string;
  readonly decision: string;
  /** As it came in `_meta` (W3C Trace Context), well formed. */
  readonly traceparent: string | undefined;
}

export interface CallSpan {
  /** Runs code in the span, so that what it calls belongs to it. */
  run<R>(act: () => R): R;
  end(measured: Measured): void;
}

/** Spans through the OpenTelemetry API. */
export interface Tracing {
  /** Undefined where there is nothing to be in and nobody to be told: no trace came, and no SDK is in the process. */
  start(traced: Traced): CallSpan | undefined;
}

type Api = NonNullable<ReturnType<typeof loadApi>>;

/** Asked on each call: an SDK may be registered later than the server was made. */
function hasSdk({ ProxyTracerProvider, trace }: Api): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegate() !== new ProxyTracerProvider().getDelegate();
}

export function createTracing(mode: TracingMode, version: string): Tracing | undefined {
  if (mode === "off") return undefined;
  return {
    start(traced) {
      const api = loadApi();
      if (api === undefined) return undefined;
      if (mode === "propagation_only" || !hasSdk(api)) return propagated(api, traced.traceparent);
      return started(api, version, traced);
    },
  };
}

function started(api: Api, version: string, traced: Traced): CallSpan {
  const { context, trace, SpanKind } = api;
  // The request that carried it may belong to another trace, made by the client's HTTP library or a proxy.
  const carrier = trace.getSpanContext(context.active());
  const links = carrier === undefined || traced.traceparent === undefined ? [] : [{ context: carrier }];
  const from = traced.traceparent === undefined ? context.active() : parentOf(api, traced.traceparent);
  const tracer = trace.getTracer("remit", version);
  const span = tracer.startSpan(nameOf(traced), { kind: SpanKind.SERVER, attributes: attributesOf(traced), links }, from);
  const within = trace.setSpan(from, span);
  return { run: (act) => context.with(within, act), end: (measured) => endSpan(api, span, measured) };
}

function nameOf({ method, tool, prompt }: Traced): string {
  const name = tool ?? prompt;
  return name === undefined ? method : `${method} ${name}`;
}

function attributesOf({ method, tool, prompt, protocol, clientId, decision }: Traced): Record<string, string> {
  return {
    [names.MCP_METHOD_NAME]: method,
    [names.MCP_PROTOCOL_VERSION]: protocol,
    [names.OAUTH_CLIENT_ID]: clientId,
    [names.DECISION_ID]: decision,
    ...(tool === undefined ? {} : { [names.GEN_AI_TOOL_NAME]: tool, [names.GEN_AI_OPERATION_NAME]: names.EXECUTE_TOOL }),
    ...(prompt === undefined ? {} : { [names.GEN_AI_PROMPT_NAME]: prompt }),
  };
}

/** A denial is the caller's affair: the span says it and is no error. */
function endSpan({ SpanStatusCode }: Api, span: Span, { outcome, reason, allowed, rule }: Measured): void {
  span.setAttributes({ [names.AUTHZ_DECISION]: allowed ? "allow" : "deny", [names.AUTHZ_RULE]: rule });
  const failed = errorTypeOf(outcome, reason);
  if (failed !== undefined) span.setAttribute(names.ERROR_TYPE, failed);
  if (reason !== undefined) span.setAttribute(names.AUTHZ_REASON, reason);
  if (outcome === "fault" || outcome === "timeout") span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** What a call calls belongs to the trace that the client named. */
function propagated(api: Api, traceparent: string | undefined): CallSpan | undefined {
  if (traceparent === undefined) return undefined;
  const parent = parentOf(api, traceparent);
  return { run: (act) => api.context.with(parent, act), end: () => undefined };
}

function parentOf({ trace, ROOT_CONTEXT }: Api, traceparent: string): Context {
  const [, traceId = "", spanId = "", flags = "00"] = traceparent.split("-");
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true });
}
