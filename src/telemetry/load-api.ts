import { createRequire } from "node:module";
import type * as Api from "@opentelemetry/api";

/** Where every copy of the API keeps what was registered with it, whichever copy that was (OpenTelemetry JS, `internal/global-utils`). */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

let api: typeof Api | undefined;

/** The API once something is registered with it; before that nobody is told of a span, and it is not worth 50 files. Spans begin at once, so it cannot wait for an import. */
export function loadApi(): typeof Api | undefined {
  if (api === undefined && REGISTERED in globalThis) api = createRequire(import.meta.url)("@opentelemetry/api") as typeof Api;
  return api;
}
