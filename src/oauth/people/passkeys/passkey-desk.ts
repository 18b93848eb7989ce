import type { PeopleDeps } from "../people-deps.ts";
import type { Session, Sessions } from "../sessions.ts";
import type { PasskeyChallenges } from "./passkey-challenge.ts";

/** EdDSA, ES256 and RS256, the last for Windows Hello (COSE algorithm numbers). */
export const PASSKEY_ALGORITHMS = [-8, -7, -257];

/** What the ceremonies share. */
export interface PasskeyDesk {
  readonly deps: PeopleDeps;
  readonly sessions: Sessions;
  readonly challenges: PasskeyChallenges;
  readonly origin: string;
  /** The domain that passkeys are bound to. */
  readonly rpId: string;
}

/** What a challenge to sign in is for. */
export const SIGN_IN_CONTEXT = "sign in";

/** Ties a challenge for a new passkey to the session that asked for it. */
export function registrationContext({ idHash }: Session): string {
  return `register ${idHash}`;
}
