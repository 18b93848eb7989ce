/** A client that holds a key and makes DPoP proofs (RFC 9449 §4.2), good ones and, when asked, others. */
import { hash, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from "jose";

export interface Prover {
  readonly jwk: JWK;
  readonly jkt: string;
  readonly privateJwk: JWK;
  /** Members given as undefined are left out. */
  prove(claims: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

export async function createProver(alg = "ES256"): Promise<Prover> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    jwk,
    jkt: await calculateJwkThumbprint(jwk),
    privateJwk: await exportJWK(privateKey),
    prove(claims, header = {}) {
      return new SignJWT({ jti: randomUUID(), ...claims }).setProtectedHeader({ typ: "dpop+jwt", alg, jwk, ...header }).sign(privateKey);
    },
  };
}

export function ath(token: string): string {
  return hash("sha256", token, "base64url");
}
