import * as z from "zod";

const PACKAGE = "@opentelemetry/sdk-node";
const sdk = z.object({ NodeSDK: z.custom<new () => { start(): void; shutdown(): Promise<void> }>((given) => typeof given === "function") });

/**
 * Starts the OpenTelemetry SDK when the environment says where traces go (`OTEL_EXPORTER_OTLP_ENDPOINT`). It is installed by whoever wants
 * traces. Returns what sends the last of them.
 */
export async function startTracing(name: string = PACKAGE): Promise<() => Promise<void>> {
  if (!process.env["OTEL_EXPORTER_OTLP_ENDPOINT"]) return () => Promise.resolve();
  process.env["OTEL_SERVICE_NAME"] ??= "remit";
  try {
    const { NodeSDK } = sdk.parse(await import(name));
    const started = new NodeSDK();
    started.start();
    return () => started.shutdown();
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    const why = isMissing ? `${name} is not installed` : `${name} does not start: ${String(error)}`;
    process.stderr.write(`OTEL_EXPORTER_OTLP_ENDPOINT is set, but no trace is sent: ${why}. To install it:\n  npm install ${name}\n`);
    return () => Promise.resolve();
  }
}
