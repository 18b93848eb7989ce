import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import * as z from "zod";
import { defineTool } from "../../../src/index.ts";
import { parseTrace } from "../../../src/mcp/trace.ts";
import { callTool, rpc, startServer } from "../../support/remit.ts";
import { scopes } from "./surface.ts";
import { anyCharacter } from "../../support/arbitraries/index.ts";

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

const traceTool = defineTool({
  name: "trace",
  title: "Trace",
  description: "Answers the trace it was called in.",
  scopes: ["order:read"],
  effect: "read",
  input: z.object({}),
  examples: [{ title: "Plain", input: {} }],
  run: (_input, { trace }) => JSON.stringify(trace ?? null),
});

test("a tool is given the trace of its request to pass on, and its id is on record (P17)", async (t) => {
  const server = await startServer(t, { scopes, tools: [traceTool] });
  const token = await server.token("order:read");
  const meta = { traceparent: PARENT, tracestate: "vendor=a:b,tenant@sys=1", baggage: "user=ada;secure, region = eu" };
  const { body } = await rpc(server, token, { method: "tools/call", params: { name: "trace", arguments: {} }, meta });
  const [{ text = "" } = {}] = (body.result?.["content"] ?? []) as { text?: string }[];
  assert.deepEqual(JSON.parse(text), { traceId: TRACE_ID, ...meta, baggage: "user=ada;secure,region = eu" });
  assert.equal((await server.records()).at(-1)?.["trace"], TRACE_ID);
  const plain = await callTool(server, token, "trace");
  assert.deepEqual(plain.body.result?.["content"], [{ type: "text", text: "null" }]);
  assert.equal((await server.records()).at(-1)?.["trace"], undefined);
});

const invalid: readonly [title: string, traceparent: unknown][] = [
  ["no text", 7],
  ["an object", { toString: PARENT }],
  ["empty", ""],
  ["an id of zeros", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`],
  ["a parent of zeros", `00-${TRACE_ID}-${"0".repeat(16)}-01`],
  ["capitals", PARENT.toUpperCase()],
  ["the version ff", PARENT.replace(/^00/, "ff")],
  ["version 00 with more fields", `${PARENT}-more`],
  ["a short id", `00-${TRACE_ID.slice(1)}-00f067aa0ba902b7-01`],
  ["a line feed after it", `${PARENT}\n`],
  ["a later version of endless length", `01-${TRACE_ID}-00f067aa0ba902b7-01-${"x".repeat(1000)}`],
  ["a later version with something stuck to it", `01-${TRACE_ID}-00f067aa0ba902b7-01x`],
];

for (const [title, traceparent] of invalid) {
  test(`a traceparent that is ${title} is dropped, and all of the trace with it`, () => {
    assert.equal(parseTrace({ traceparent, tracestate: "a=1", baggage: "a=1" }), undefined);
  });
}

test("a traceparent of a later version is passed on as version 00 with the flag that version knows", () => {
  const later = `cc-${TRACE_ID}-00f067aa0ba902b7-ff-what-the-future-brings`;
  assert.deepEqual(parseTrace({ traceparent: later }), { traceId: TRACE_ID, traceparent: PARENT });
});

const members = (count: number) => Array.from({ length: count }, (_, i) => `k${i}=v`).join(",");

const lists: readonly [title: string, key: "tracestate" | "baggage", given: unknown, expected: string | undefined][] = [
  ["one member", "tracestate", "rojo=00f067aa0ba902b7", "rojo=00f067aa0ba902b7"],
  ["empty members", "tracestate", "a=1, ,b=2,", "a=1,b=2"],
  ["32 members", "tracestate", members(32), members(32)],
  ["33 members", "tracestate", members(33), undefined],
  ["more than 512 characters", "tracestate", `a=${"x".repeat(250)},b=${"x".repeat(250)},c=${"x".repeat(20)}`, undefined],
  ["a key twice", "tracestate", "a=1,a=2", undefined],
  ["a key in capitals", "tracestate", "A=1", undefined],
  ["no value", "tracestate", "a", undefined],
  ["a line feed", "tracestate", "a=1\nx: y", undefined],
  ["nothing", "tracestate", "", undefined],
  ["a list", "tracestate", ["a=1"], undefined],
  ["a percent-encoded value", "baggage", "name=Am%C3%A9lie", "name=Am%C3%A9lie"],
  ["properties", "baggage", "a=1;p;q=2", "a=1;p;q=2"],
  ["64 members", "baggage", members(64), members(64)],
  ["65 members", "baggage", members(65), undefined],
  ["more than 8,192 characters", "baggage", `a=${"x".repeat(8191)}`, undefined],
  ["a space in a value", "baggage", "a=1 2", undefined],
  ["a quote", "baggage", 'a="1"', undefined],
  ["a line feed", "baggage", "a=1\r\nx: y", undefined],
  ["a letter beyond ASCII", "baggage", "a=é", undefined],
];

for (const [title, key, given, expected] of lists) {
  test(`a ${key} with ${title} is ${expected === undefined ? "dropped" : "kept"}, and the trace is kept`, () => {
    const trace = parseTrace({ traceparent: PARENT, [key]: given });
    assert.deepEqual(trace, { traceId: TRACE_ID, traceparent: PARENT, ...(expected === undefined ? {} : { [key]: expected }) });
  });
}

test("whatever comes, what is passed on fits into one header line, and is found quickly", () => {
  const text = fc.oneof(
    fc.string({ unit: anyCharacter, maxLength: 9000 }),
    fc.string({ maxLength: 9000 }),
    fc.constantFrom(`a=1${" ".repeat(8000)}x`, `a=${";p".repeat(4000)}`),
  );
  fc.assert(
    fc.property(text, text, text, (traceparent, tracestate, baggage) => {
      const startedMs = performance.now();
      for (const trace of [parseTrace({ traceparent, tracestate, baggage }), parseTrace({ traceparent: PARENT, tracestate, baggage })]) {
        for (const value of Object.values(trace ?? {})) assert.match(value, /^[\t\x20-\x7e]+$/);
      }
      assert.ok(performance.now() - startedMs < 200);
    }),
    { numRuns: 300 },
  );
});
