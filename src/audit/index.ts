/** The ledger: what happened, in an order and a form that cannot be changed unseen. */
export { factOf, type CallFact, type Problem } from "./call-fact.ts";
export { findBreak } from "./chain.ts";
export { createFailures, failureCase, openFailures, type FailureCase, type Failures } from "./failures/index.ts";
export { createAnchor } from "./anchor/index.ts";
export { openFeed, parseFeedTarget } from "./feed/index.ts";
export { openRetention, type Retention } from "./retention/index.ts";
export {
  claimsOf,
  CONNECTIONS_PATH,
  difference,
  duration,
  openConnections,
  type Connections,
  type ConnectionView,
  type Handshakes,
  type Problem as ConnectionProblem,
  type Signal,
} from "./connections/index.ts";
export { openLedger, type Ledger, type LedgerEntry } from "./ledger.ts";
export { createSigner, openCheckpoints, type Checkpoints } from "./checkpoints/index.ts";
export { auditOf, openAudit, verifyExport, type Audit, type AuditRecord, type VerifyOptions } from "./open-audit.ts";
export type { SignedProof } from "./prove.ts";
export { recoverIntents } from "./recover.ts";
export { redact } from "./redact.ts";
export { isMatch, parseSearch, recordIn, searchLedger, type FoundRecord, type SearchPage } from "./search/index.ts";
export { createRefusalCounter, type RefusalCounter } from "./refusals.ts";
export { createUsageActs, openUsage, usageEvidence, type UsageActsDeps, type UsageOperator } from "./usage/index.ts";
export { verifyLedger } from "./verify.ts";
