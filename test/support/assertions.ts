/** Agents that prove themselves with a key of their own, and the assertions they make (RFC 7523 §2.2). */
import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from "jose";
import { WORKSPACE, type TestIssuer } from "./issuer.ts";

export interface KeyAgent {
  readonly clientId: string;
  readonly privateKey: CryptoKey;
  /** Signs these claims over the usual ones; a claim that is undefined is left out. */
  assert(claims?: JWTPayload): Promise<string>;
}

export async function keyAgent(as: TestIssuer, options: { scopes?: string; alg?: string } = {}): Promise<KeyAgent> {
  const alg = options.alg ?? "ES256";
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "k1" }] };
  const made = await as.issuer.createAgent({
    name: "Key agent",
    workspaceId: WORKSPACE,
    scopes: (options.scopes ?? "org:read").split(" "),
    jwks,
  });
  if ("problems" in made) throw new Error(made.problems.join("; "));
  const { clientId } = made;
  return {
    clientId,
    privateKey,
    assert(claims = {}) {
      const now = Math.floor(as.now() / 1000);
      const all: JWTPayload = { iss: clientId, sub: clientId, aud: as.origin, jti: randomUUID(), iat: now, exp: now + 300, ...claims };
      return new SignJWT(JSON.parse(JSON.stringify(all)) as JWTPayload).setProtectedHeader({ alg, kid: "k1" }).sign(privateKey);
    },
  };
}

export function assertionForm(assertion: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    grant_type: "client_credentials",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    ...more,
  };
}
