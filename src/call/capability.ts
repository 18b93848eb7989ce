import { refuse, type Refusal } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";

/** Ends a call that needs a capability which its client did not declare (MCP 2026-07-28 -32021). */
export class RequiredCapability extends Error {
  readonly refusal: Refusal;
  constructor(capability: Readonly<Record<string, unknown>>) {
    super("the client did not declare a capability that the call needs");
    this.name = "RequiredCapability";
    this.refusal = refuse("missing_capability", { data: { requiredCapabilities: capability } });
  }
}

/** Whether everything in `needed`, to any depth, was declared. */
export function hasCapability(declared: Readonly<Record<string, unknown>>, needed: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(needed).every(([name, value]) => {
    const have = declared[name];
    if (!isRecord(have)) return have === true && !isRecord(value);
    return !isRecord(value) || hasCapability(have, value);
  });
}
