/** How much is called, by whom and how it goes: roll-ups by minute, hour and day, counted from the ledger. */
export { openUsage } from "./open-usage.ts";
export { createUsageActs, usageEvidence, type UsageActsDeps, type UsageOperator } from "./usage-acts.ts";
