import { createHash } from "node:crypto";

/** SHA-256 over 0x00 and the entry (RFC 6962 §2.1). */
export function leafHash(entry: string | Uint8Array): Uint8Array {
  return createHash("sha256").update("\u0000").update(entry).digest();
}

/** SHA-256 over 0x01 and both halves (RFC 6962 §2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash("sha256").update("\u0001").update(left).update(right).digest();
}
