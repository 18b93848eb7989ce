import { createHash } from "node:crypto";

/** The advisory lock of a name, as PostgreSQL takes it: a signed 64-bit number, in decimal. */
export function lockKey(purpose: string, name: string): string {
  return createHash("sha256").update(`remit/${purpose}/${name}`).digest().readBigInt64BE().toString();
}
