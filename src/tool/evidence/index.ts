/** What tools may see of what is on record. */
export type * from "./evidence.ts";
export type * from "./explanations.ts";
export type * from "./failures.ts";
export type * from "./records.ts";
export type * from "./usage.ts";
