import type { PasskeyRow } from "../../../store/index.ts";
import { SIGN_IN_CONTEXT, type PasskeyDesk } from "./passkey-desk.ts";
import type { Session, SignIn } from "../sessions.ts";
import { ASSERTION, challengeOf } from "./webauthn-answers.ts";

const UNUSABLE = "This passkey could not be used here. Try again, or sign in another way.";

export interface PasskeyAttempt {
  /** What `navigator.credentials.get` gave, as JSON. */
  readonly response: unknown;
  readonly address: string | undefined;
  /** The browser's session so far. */
  readonly session?: Session | undefined;
}

/** A full session for whoever holds the passkey and was verified by its authenticator (WebAuthn Level 3 §7.2). */
export async function signInWithPasskey(desk: PasskeyDesk, { response, address, session }: PasskeyAttempt): Promise<SignIn> {
  const accountId = await verifyAssertion(desk, response, session);
  const proof = { method: "passkey", state: "full", address, before: session } as const;
  const signedIn = accountId === undefined ? undefined : await desk.sessions.start({ ...proof, accountId });
  if (signedIn !== undefined) return signedIn;
  desk.deps.onSignInRefused?.({ method: "passkey", address });
  return { problem: UNUSABLE };
}

async function verifyAssertion(desk: PasskeyDesk, input: unknown, session: Session | undefined): Promise<string | undefined> {
  const parsed = ASSERTION.safeParse(input);
  if (!parsed.success) return undefined;
  const { id, response } = parsed.data;
  const challenge = challengeOf(response.clientDataJSON);
  if (challenge === undefined || !desk.challenges.isGood(challenge, SIGN_IN_CONTEXT)) return undefined;
  const passkey = await desk.deps.store.db.selectFrom("passkey").selectAll().where("id", "=", id).executeTakeFirst();
  if (passkey === undefined) return undefined;
  const { account_id: accountId } = passkey;
  // Half a session is completed by its own account only.
  if (session?.state === "password" && session.accountId !== accountId) return undefined;
  if (response.userHandle && Buffer.from(response.userHandle, "base64url").toString("utf8") !== accountId) return undefined;
  const counter = await verifySignature(desk, { passkey, assertion: parsed.data, challenge });
  if (counter === undefined || !(await desk.challenges.use(challenge))) return undefined;
  return (await noteUse(desk, passkey, counter)) ? accountId : undefined;
}

interface Evidence {
  readonly passkey: PasskeyRow;
  readonly assertion: (typeof ASSERTION)["_output"];
  readonly challenge: string;
}

/** The new counter, or undefined when anything about the assertion is off. */
async function verifySignature(
  { deps, origin, rpId }: PasskeyDesk,
  { passkey, assertion, challenge }: Evidence,
): Promise<number | undefined> {
  const { id, rawId, type, response } = assertion;
  const { clientDataJSON, authenticatorData, signature } = response;
  try {
    const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { id, rawId, type, response: { clientDataJSON, authenticatorData, signature }, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: { id: passkey.id, publicKey: Buffer.from(passkey.public_key, "base64url"), counter: passkey.counter },
    });
    return verified ? authenticationInfo.newCounter : undefined;
  } catch (error) {
    deps.log.debug({ reason: error instanceof Error ? error.message : "unknown" }, "a passkey was not accepted");
    return undefined;
  }
}

/** False when another use with this counter or a higher one came first: then there are two authenticators with this key. */
async function noteUse({ deps }: PasskeyDesk, { id }: PasskeyRow, counter: number): Promise<boolean> {
  const { numUpdatedRows } = await deps.store.db
    .updateTable("passkey")
    .set({ counter, used_at: deps.now() })
    .where("id", "=", id)
    // Passkeys that several devices share have no counter: it stays 0.
    .where((eb) => (counter === 0 ? eb("counter", "=", 0) : eb("counter", "<", counter)))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
