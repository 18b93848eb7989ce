/** Rows of what calls did wrong, counted by what it was. */
export type { FailureProgressRow, FailureRow, FailureStore } from "./failure-rows.ts";
export { createFailureStore } from "./failure-store.ts";
export { createFailureTables } from "./failure-tables.ts";
