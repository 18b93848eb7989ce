/** Human approval of calls: what is asked, who may decide, and that one approval is good for one call and nothing else. */
export { createApprovals, type Approvals } from "./approvals.ts";
export type { Admission } from "./approval.ts";
export { describePlan } from "./describe-plan.ts";
