/** An authenticator in software: ES256 keys, attestation `none` or that of the key itself, and whatever flags and origin a test wants (WebAuthn Level 3 §6). */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;

export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
}

export interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
}

/** What a test may have wrong. */
export interface Deviation {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly isVerified?: boolean;
  readonly counter?: number;
  readonly userHandle?: string | null;
  readonly challenge?: string;
  /** An attestation with the passkey's own key (WebAuthn Level 3 §8.2). */
  readonly isSelfAttested?: boolean;
  /** Signs with another key. */
  readonly isForged?: boolean;
}

export interface Authenticator {
  readonly id: string;
  create(options: CreationOptions, deviation?: Deviation): Record<string, unknown>;
  get(options: RequestOptions, deviation?: Deviation): Record<string, unknown>;
}

const sha256 = (data: string | Uint8Array): Buffer => createHash("sha256").update(data).digest();
const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString("base64url");

export function createAuthenticator(origin: string): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const credentialId = randomBytes(32);
  const id = base64url(credentialId);
  let userHandle: string | undefined;
  let counter = 0;

  function clientData(type: string, challenge: string, deviation: Deviation): Buffer {
    const data = { type: deviation.type ?? type, challenge: deviation.challenge ?? challenge, origin: deviation.origin ?? origin };
    return Buffer.from(JSON.stringify({ ...data, crossOrigin: false }));
  }

  function authenticatorData(rpId: string, deviation: Deviation, credential?: Uint8Array): Buffer {
    counter += 1;
    const head = Buffer.alloc(5);
    const verified = deviation.isVerified === false ? 0 : USER_VERIFIED;
    head.writeUInt8(USER_PRESENT | verified | (credential === undefined ? 0 : ATTESTED), 0);
    head.writeUInt32BE(deviation.counter ?? counter, 1);
    return Buffer.concat([sha256(deviation.rpId ?? rpId), head, credential ?? Buffer.alloc(0)]);
  }

  return {
    id,
    create(options, deviation = {}) {
      userHandle = options.user.id;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credentialId.length);
      const credential = Buffer.concat([Buffer.alloc(16), length, credentialId, coseKey(publicKey)]);
      const data = clientData("webauthn.create", options.challenge, deviation);
      const authData = authenticatorData(options.rp.id, deviation, credential);
      const signature = new Uint8Array(sign("sha256", Buffer.concat([authData, sha256(data)]), privateKey));
      const statement = new Map<string, unknown>([
        ["alg", -7],
        ["sig", signature],
      ]);
      const attestation = new Map<string, unknown>([
        ["fmt", deviation.isSelfAttested === true ? "packed" : "none"],
        ["attStmt", deviation.isSelfAttested === true ? statement : new Map()],
        ["authData", new Uint8Array(authData)],
      ]);
      const response = {
        clientDataJSON: base64url(data),
        attestationObject: base64url(isoCBOR.encode(attestation as Parameters<typeof isoCBOR.encode>[0])),
        transports: ["internal", "hybrid"],
      };
      return { id, rawId: id, type: "public-key", response, clientExtensionResults: {} };
    },
    get(options, deviation = {}) {
      const data = clientData("webauthn.get", options.challenge, deviation);
      const authData = authenticatorData(options.rpId, deviation);
      const key = deviation.isForged === true ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey : privateKey;
      const response = {
        clientDataJSON: base64url(data),
        authenticatorData: base64url(authData),
        signature: base64url(sign("sha256", Buffer.concat([authData, sha256(data)]), key)),
        userHandle: deviation.userHandle === undefined ? userHandle : deviation.userHandle,
      };
      return { id, rawId: id, type: "public-key", response, clientExtensionResults: {} };
    },
  };
}

/** An EC2 key on P-256 for ES256 (RFC 9053 §7.1). */
function coseKey(key: KeyObject): Uint8Array {
  const { x, y } = key.export({ format: "jwk" });
  const bytes = (value: unknown) => new Uint8Array(Buffer.from(String(value), "base64url"));
  return isoCBOR.encode(
    new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ]),
  );
}
