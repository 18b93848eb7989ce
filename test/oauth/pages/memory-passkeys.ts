/** Passkeys in memory, verified for real. */
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  type WebAuthnCredential,
} from "@simplewebauthn/server";
import type { PageSession } from "../../../src/oauth/pages/index.ts";

interface Kept {
  readonly accountId: string;
  readonly name: string;
  readonly createdAt: number;
  readonly credential: WebAuthnCredential;
}

export function createMemoryPasskeys({
  host,
  origin,
  now,
}: {
  readonly host: string;
  readonly origin: string;
  readonly now: () => number;
}) {
  const kept = new Map<string, Kept>();
  const challenges = new Set<string>();
  const expectedChallenge = (challenge: string) => challenges.delete(challenge);
  const of = (accountId: string) => [...kept.values()].filter((each) => each.accountId === accountId);
  const port = {
    async registerOptions({ accountId }: PageSession) {
      const options = await generateRegistrationOptions({ rpName: "Acme", rpID: host, userName: accountId });
      challenges.add(options.challenge);
      return options;
    },
    async register({ accountId }: PageSession, response: unknown, name: string) {
      const result = await verifyRegistrationResponse({
        response: response as RegistrationResponseJSON,
        expectedChallenge,
        expectedOrigin: origin,
        expectedRPID: host,
      }).catch(() => undefined);
      if (result?.verified !== true) return { problem: "This passkey could not be verified." };
      const { credential } = result.registrationInfo;
      kept.set(credential.id, { accountId, name, createdAt: now(), credential });
      return { id: credential.id };
    },
    async signInOptions() {
      const options = await generateAuthenticationOptions({ rpID: host });
      challenges.add(options.challenge);
      return options;
    },
    list: async (accountId: string) =>
      of(accountId).map(({ name, createdAt, credential: { id } }) => ({ id, name, createdAt, usedAt: null })),
    remove: async (accountId: string, id: string) => kept.get(id)?.accountId === accountId && kept.delete(id),
  };
  return {
    port,
    has: (accountId: string) => of(accountId).length > 0,
    /** Whose passkey this is, or undefined. */
    async verify(response: unknown): Promise<string | undefined> {
      const given = response as AuthenticationResponseJSON;
      const found = kept.get(given.id);
      if (found === undefined) return undefined;
      const result = await verifyAuthenticationResponse({
        response: given,
        expectedChallenge,
        expectedOrigin: origin,
        expectedRPID: host,
        credential: found.credential,
      }).catch(() => undefined);
      return result?.verified === true ? found.accountId : undefined;
    },
  };
}
