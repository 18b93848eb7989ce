import type { Clock } from "../../../lib/clock.ts";
import { createSecret, deriveKey, openSigned, sha256Hex, signValue } from "../../../lib/secret.ts";
import type { Store } from "../../../store/index.ts";

const LIFE_MS = 5 * 60_000;
const MODEL = "PasskeyChallenge";

/**
 * Challenges of WebAuthn ceremonies. A challenge is itself the signed value that says until when it is good, and the browser returns it in what
 * the authenticator signs: nothing is stored until it is used.
 */
export interface PasskeyChallenges {
  /** `context` says what for; a challenge of one context is none in another. */
  create(context: string): string;
  /** Whether a challenge, base64url as in `clientDataJSON`, is one of ours that is still good. */
  isGood(challenge: string, context: string): boolean;
  /** True for exactly one of any number of parallel callers. */
  use(challenge: string): Promise<boolean>;
}

export interface ChallengesDeps {
  readonly store: Pick<Store, "oidcPayloads">;
  readonly masterKey: Uint8Array;
  readonly now: Clock;
}

export function createPasskeyChallenges({ store, masterKey, now }: ChallengesDeps): PasskeyChallenges {
  const key = deriveKey(masterKey, "passkey-challenge");
  return {
    create: (context) => signValue(key, [createSecret(), now() + LIFE_MS], context),
    isGood(challenge, context) {
      const value = openSigned(key, textOf(challenge), context);
      return Array.isArray(value) && typeof value[1] === "number" && value[1] > now();
    },
    use(challenge) {
      const idHash = sha256Hex(textOf(challenge));
      // Kept for longer than any challenge is good.
      const row = { model: MODEL, id_hash: idHash, payload: "{}", grant_id: null, uid: null, user_code: null, consumed_at: null };
      return store.oidcPayloads.insertIfAbsent({ ...row, expires_at: now() + LIFE_MS }, now());
    },
  };
}

function textOf(challenge: string): string {
  return Buffer.from(challenge, "base64url").toString("utf8");
}
