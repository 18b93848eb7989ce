import { createId } from "../../lib/id.ts";
import type { Log } from "../../lib/log.ts";

/** Logs a fault and gives the sentence that the caller gets instead: it names the log line and nothing else. */
export function describeFault(log: Log, fault: unknown): string {
  const id = createId("flt");
  log.error({ err: fault, id }, "the token endpoint failed");
  return `something went wrong on our side; the operator finds it in the log as ${id}`;
}
