/** What agents get wrong, and what would make it right: bad calls in clusters, counted from the ledger. */
export { failureCase, type FailureCase } from "./failure-case.ts";
export { failuresOf } from "./failure-of.ts";
export { openFailures } from "./open-failures.ts";
export { createFailures, type Failures, type FailuresDeps } from "./failures.ts";
