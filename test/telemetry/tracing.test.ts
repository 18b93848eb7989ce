import assert from "node:assert/strict";
import { test } from "node:test";
import { trace, type Attributes, type Context, type Span, type SpanOptions, type Tracer } from "@opentelemetry/api";
import { callTool, rpc, startServer, until } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

interface Heard {
  readonly name: string;
  readonly options: SpanOptions;
  readonly parent: string | undefined;
  readonly attributes: Attributes;
  isEnded: boolean;
}

/** A tracer that keeps what it is told, in the place of an SDK. */
function listen(heard: Heard[]): void {
  const tracer = {
    startSpan(name: string, options: SpanOptions = {}, context?: Context): Span {
      const parent = context === undefined ? undefined : trace.getSpanContext(context)?.traceId;
      const span: Heard = { name, options, parent, attributes: { ...options.attributes }, isEnded: false };
      heard.push(span);
      const set = (key: string, value: Attributes[string]) => void (span.attributes[key] = value);
      return {
        spanContext: () => ({ traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 }),
        setAttribute: set,
        setAttributes: (all: Attributes) => void Object.assign(span.attributes, all),
        setStatus: () => undefined,
        end: () => void (span.isEnded = true),
      } as unknown as Span;
    },
  } as unknown as Tracer;
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
}

test("each request is a span in the trace of its client, with how it was decided and without what was sent", async (t) => {
  const heard: Heard[] = [];
  listen(heard);
  t.after(() => trace.disable());
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  await rpc(server, token, { method: "tools/call", params: { name: "echo", arguments: { text: "canary" } }, meta: { traceparent } });
  await callTool(server, token, "write_note", { text: "canary" });
  await until(() => (heard.filter(({ isEnded }) => isEnded).length === 2 ? true : undefined));
  const [called, refused] = heard;
  assert.deepEqual([called?.name, called?.parent], ["tools/call echo", "0af7651916cd43dd8448eb211c80319c"]);
  assert.equal(called?.attributes["remit.authz.decision"], "allow");
  assert.match(String(called?.attributes["remit.decision.id"]), /^dec_/);
  assert.equal(called?.attributes["error.type"], undefined);
  assert.deepEqual(
    [refused?.name, refused?.parent, refused?.attributes["remit.authz.decision"], refused?.attributes["error.type"]],
    ["tools/call write_note", undefined, "deny", "insufficient_scope"],
  );
  assert.doesNotMatch(JSON.stringify(heard), /canary/);
});

test("with tracing off, or only passed on, no span is made", async (t) => {
  const heard: Heard[] = [];
  listen(heard);
  t.after(() => trace.disable());
  for (const REMIT_TRACING of ["off", "propagation_only"]) {
    const server = await startServer(t, createSurface(), { REMIT_TRACING });
    assert.equal((await callTool(server, await server.token("note:read"), "echo", { text: "hello" })).status, 200);
  }
  assert.deepEqual(heard, []);
});
