/** Whether the server is well: for load balancers, for the console, and for `remit doctor`. */
export type { HealthCheck } from "./health-check.ts";
export { openHealth, type Health } from "./open-health.ts";
