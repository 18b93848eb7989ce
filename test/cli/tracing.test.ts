import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import { startTracing } from "../../src/cli/tracing/index.ts";

test("the SDK of traces is started when there is a place to send them to, and its absence is told with the line that mends it", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "remit-tracing-"));
  const said: string[] = [];
  t.mock.method(process.stderr, "write", (text: string) => said.push(text) > 0);
  t.after(async () => {
    delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
    delete process.env["OTEL_SERVICE_NAME"];
    await rm(folder, { recursive: true });
  });
  const file = join(folder, "sdk.mjs");
  await writeFile(
    file,
    "export const events = []; export class NodeSDK { start() { events.push('start'); } async shutdown() { events.push('end'); } }",
  );
  const sdk = pathToFileURL(file).href;
  const { events } = (await import(sdk)) as { readonly events: readonly string[] };
  await (
    await startTracing(sdk)
  )();
  assert.deepEqual(events, []);
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:4318";
  await (
    await startTracing(sdk)
  )();
  assert.deepEqual([events, said], [["start", "end"], []]);
  await (
    await startTracing("@opentelemetry/sdk-that-is-not-there")
  )();
  assert.match(
    said.join(""),
    /no trace is sent: .* is not installed\. To install it:\n  npm install @opentelemetry\/sdk-that-is-not-there/,
  );
});
