import { isUniqueViolation, type PasskeyRow } from "../../../store/index.ts";
import { isShown } from "../accounts.ts";
import { PASSKEY_ALGORITHMS, registrationContext, type PasskeyDesk } from "./passkey-desk.ts";
import type { Session, SignInProblem } from "../sessions.ts";
import { challengeOf, REGISTRATION } from "./webauthn-answers.ts";

const MAX_PASSKEYS = 20;

const UNUSABLE = "This passkey could not be added. Start again from the account page.";

export interface NewPasskey {
  readonly session: Session;
  readonly response: unknown;
  readonly name: string;
}

/** Adds the passkey to the account of a full session (WebAuthn Level 3 §7.1). */
export async function registerPasskey(
  desk: PasskeyDesk,
  { session, response, name }: NewPasskey,
): Promise<{ readonly id: string } | SignInProblem> {
  // Otherwise a password alone would lead to a full session, by way of a new passkey.
  if (session.state !== "full") return { problem: "Show the passkey that this account has first." };
  const shown = name.trim();
  if (!isShown(shown)) return { problem: "Give the passkey a name of 1 to 80 visible characters." };
  const credential = await verifyRegistration(desk, session, response);
  if (credential === undefined) return { problem: UNUSABLE };
  const { store, now, onEvent } = desk.deps;
  const own = await store.db.selectFrom("passkey").select("id").where("account_id", "=", session.accountId).execute();
  if (own.length >= MAX_PASSKEYS) return { problem: `An account has at most ${MAX_PASSKEYS} passkeys. Remove one first.` };
  const row: PasskeyRow = { ...credential, account_id: session.accountId, name: shown, created_at: now(), used_at: null };
  const known = await store.db.selectFrom("passkey").select("id").where("id", "=", row.id).executeTakeFirst();
  if (known !== undefined) return { problem: UNUSABLE };
  await onEvent({ event: "passkey_added", accountId: session.accountId, passkeyId: row.id, name: shown });
  try {
    await store.db.insertInto("passkey").values(row).execute();
  } catch (error) {
    if (isUniqueViolation(error)) return { problem: UNUSABLE };
    throw error;
  }
  return { id: row.id };
}

type Credential = Pick<PasskeyRow, "id" | "public_key" | "counter" | "transports">;

async function verifyRegistration(
  { deps, challenges, origin, rpId }: PasskeyDesk,
  session: Session,
  input: unknown,
): Promise<Credential | undefined> {
  const parsed = REGISTRATION.safeParse(input);
  if (!parsed.success) return undefined;
  const { id, rawId, type, response } = parsed.data;
  const challenge = challengeOf(response.clientDataJSON);
  if (challenge === undefined || !challenges.isGood(challenge, registrationContext(session))) return undefined;
  try {
    const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
    const { decodeAttestationObject } = await import("@simplewebauthn/server/helpers");
    // None was asked for. Certificates in the other formats may name addresses of revocation lists, which the library would fetch.
    if (decodeAttestationObject(Buffer.from(response.attestationObject, "base64url")).get("fmt") !== "none") return undefined;
    const { clientDataJSON, attestationObject } = response;
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { id, rawId, type, response: { clientDataJSON, attestationObject }, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: PASSKEY_ALGORITHMS,
    });
    if (!verified || registrationInfo.credential.id !== id || !(await challenges.use(challenge))) return undefined;
    const { publicKey, counter } = registrationInfo.credential;
    const transports = (response.transports ?? []).join(" ");
    return { id, public_key: Buffer.from(publicKey).toString("base64url"), counter, transports };
  } catch (error) {
    deps.log.debug({ reason: error instanceof Error ? error.message : "unknown" }, "a passkey was not accepted");
    return undefined;
  }
}
