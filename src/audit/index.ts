/** The ledger: what happened, in an order and a form that cannot be changed unseen. */
export { factOf, type CallFact, type Problem } from "./call-fact.ts";
export { openLedger, type Ledger, type LedgerEntry } from "./ledger.ts";
export { openAudit, type Audit, type AuditRecord } from "./open-audit.ts";
export { recoverIntents } from "./recover.ts";
export { redact, REDACTED } from "./redact.ts";
export { createRefusalCounter, type RefusalCounter } from "./refusals.ts";
export { verifyLedger } from "./verify.ts";
