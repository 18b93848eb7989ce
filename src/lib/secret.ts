import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

/** A key as bytes, or prepared by `prepareKey`. */
export type SecretKey = Uint8Array | KeyObject;

/** Derives the 32-byte key of one purpose from the master key (RFC 5869), so that no key serves two purposes. */
export function deriveKey(master: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", master, "", `remit/${purpose}`, 32));
}

/** Prepares a key that is used often: with plain bytes each use costs several times as much. */
export function prepareKey(key: Uint8Array): KeyObject {
  return createSecretKey(key);
}

/** A new 256-bit secret, base64url. */
export function createSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function hmac(key: SecretKey, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** Compares without telling by its time where the two differ. */
export function isEqualSecret(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  return timingSafeEqual(a, b);
}

export function sha256Hex(data: string | Uint8Array): string {
  return hash("sha256", data, "hex");
}

/** Encrypts with AES-256-GCM; `context` is authenticated and must be given again to open. Returns base64url. */
export function seal(key: SecretKey, plain: string, context: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url");
}

/** Opens what `seal` made. Throws when the key, the context or a byte differs. */
export function unseal(key: SecretKey, sealed: string, context: string): string {
  const bytes = Buffer.from(sealed, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
  decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(12, 28));
  return decipher.update(bytes.subarray(28)).toString("utf8") + decipher.final("utf8");
}

const MAX_SIGNED_CHARS = 64 * 1024;

/** A value with its HMAC, `payload.mac` in base64url; readable by anyone, forgeable by nobody without the key. */
export function signValue(key: Uint8Array, value: unknown, context: string): string {
  const payload = Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${payload}.${hmac(key, `${context}\n${payload}`).toString("base64url")}`;
}

/** The value that `signValue` signed in the same context, or undefined when anything about it is off. */
export function openSigned(key: Uint8Array, signed: string, context: string): unknown {
  if (signed.length > MAX_SIGNED_CHARS) return undefined;
  const dot = signed.indexOf(".");
  if (dot < 1) return undefined;
  const payload = signed.slice(0, dot);
  const mac = hmac(key, `${context}\n${payload}`).toString("base64url");
  if (!isEqualSecret(Buffer.from(mac), Buffer.from(signed.slice(dot + 1)))) return undefined;
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
}
