import type { HealthDeps, HealthCheck } from "./health-check.ts";
import { createReadiness, type Readiness } from "./readiness.ts";
import { runHealthChecks } from "./run-health-checks.ts";

export interface Health {
  /** Every check, in the order in which what is wrong should be mended. Never rejects. */
  check(): Promise<readonly HealthCheck[]>;
  readonly readiness: Readiness;
}

/** Whether the server is well: all of it for its people, and whether to send it requests for load balancers. */
export function openHealth(deps: HealthDeps): Health {
  return { check: () => runHealthChecks(deps), readiness: createReadiness(deps) };
}
