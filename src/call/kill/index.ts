/** The kill switch: what is stopped at once, and the receipt that shows it. */
export { createEndWatch, type EndWatch } from "./end-watch.ts";
export { isEndedBy, isStopped, killOfPlace } from "./is-ended.ts";
export { createKillActs, type KillActsDeps, type KillOperator } from "./kill-acts.ts";
export { createKillWatch } from "./kill-watch.ts";
