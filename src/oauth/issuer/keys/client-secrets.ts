import { deriveKey, hmac, isEqualSecret, prepareKey } from "../../../lib/secret.ts";

/** Secrets are 256 random bits, so a keyed hash is enough to keep them; without the master key it cannot even be tried out. */
export interface SecretHasher {
  /** HMAC-SHA-256 in hex. */
  hash(secret: string): string;
  isMatch(secret: string, hash: string): boolean;
}

export function createSecretHasher(masterKey: Uint8Array): SecretHasher {
  const key = prepareKey(deriveKey(masterKey, "client-secret"));
  const hash = (secret: string): string => hmac(key, secret).toString("hex");
  return {
    hash,
    isMatch: (secret, expected) => isEqualSecret(Buffer.from(hash(secret)), Buffer.from(expected)),
  };
}
