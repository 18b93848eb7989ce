import type { LedgerRow } from "../store/index.ts";
import { leafHash } from "./tree/index.ts";

/** What is left of a record whose time is over: its leaf hash, so that the chain, the tree and every proof go on to hold. */
const PRUNED = /^\{"pruned":"([0-9a-f]{64})","kind":"[a-z]+"\}$/;
const LONGEST = 128;

export function isPruned(body: string): boolean {
  return body.length < LONGEST && PRUNED.test(body);
}

/** The leaf of a record in the tree, also of one that was pruned (RFC 6962 §2.1). */
export function leafOf(body: string): Uint8Array {
  const left = body.length < LONGEST ? PRUNED.exec(body)?.[1] : undefined;
  return left === undefined ? leafHash(body) : Buffer.from(left, "hex");
}

/** What takes the place of the text of a record. */
export function prunedBody({ kind, body }: Pick<LedgerRow, "kind" | "body">): string {
  return `{"pruned":"${Buffer.from(leafOf(body)).toString("hex")}","kind":"${kind}"}`;
}
