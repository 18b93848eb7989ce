/** Uses of the kill switch. */
export type { KillKind, KillRow, KillStore, StandingKill } from "./kill-rows.ts";
export { createKillStore } from "./kill-store.ts";
export { createKillTables } from "./kill-tables.ts";
