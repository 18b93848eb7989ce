/** What agents get wrong, and what would make it right: bad calls in clusters, counted from the ledger. */
export { failureCase, type FailureCase } from "./failure-case.ts";
export { openFailures } from "./open-failures.ts";
export { createFailures, type Failures } from "./failures.ts";
