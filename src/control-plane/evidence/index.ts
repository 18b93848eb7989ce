import { explainDecision } from "./explain-decision.ts";
import { listFailures } from "./list-failures.ts";
import { searchAudit } from "./search-audit.ts";

export const evidenceTools = [searchAudit, explainDecision, listFailures];
