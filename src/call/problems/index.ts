/** What is wrong with the arguments of a call: told to the caller, and put on record. */
export { describeIssue } from "./describe-issue.ts";
export { problemsOf } from "./problems-of.ts";
export { replayCase } from "./replay-case.ts";
export { unknownTool } from "./unknown-tool.ts";
export { createFailureActs, failureEvidence, type FailureActsDeps, type FailureOperator } from "./failure-acts.ts";
