const NUMBER_BYTES = 32;
/** Of an ASN.1 SEQUENCE, and of an INTEGER in it. */
const HEADER_BYTES = 2;

/**
 * The two numbers of an ES256 signature side by side, as JWS has them (RFC 7518 §3.4), from their DER form (RFC 3279 §2.2.3). Node gives the former
 * itself, but takes as long for it as for the signature.
 */
export function joinNumbers(der: Uint8Array): Buffer {
  const joined = Buffer.alloc(2 * NUMBER_BYTES);
  let at = HEADER_BYTES;
  for (const end of [NUMBER_BYTES, 2 * NUMBER_BYTES]) {
    const length = der[at + 1] ?? 0;
    const from = at + HEADER_BYTES;
    at = from + length;
    // A number is as short as it can be, and has a zero before it when it would be negative otherwise.
    const significant = der.subarray(Math.max(from, at - NUMBER_BYTES), at);
    joined.set(significant, end - significant.length);
  }
  return joined;
}
