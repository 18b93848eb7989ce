/** Rows of how much is called, by minute, hour and day. */
export type * from "./usage-rows.ts";
export { createUsageStore } from "./usage-store.ts";
export { createUsageTables } from "./usage-tables.ts";
