import { randomBytes } from "node:crypto";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** An unguessable id such as `org_6x0k…`: the prefix and 26 characters (130 bits). */
export function createId(prefix: string): string {
  const bytes = randomBytes(26);
  let id = `${prefix}_`;
  for (const byte of bytes) id += ALPHABET[byte & 31];
  return id;
}
