/** What an operator may do to a running server. */
export { createOperator } from "./create-operator.ts";
export type { Operator } from "./operator.ts";
