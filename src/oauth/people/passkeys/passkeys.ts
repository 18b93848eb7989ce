import type { PasskeyRow } from "../../../store/index.ts";
import { createPasskeyChallenges } from "./passkey-challenge.ts";
import { PASSKEY_ALGORITHMS, type PasskeyDesk, registrationContext, SIGN_IN_CONTEXT } from "./passkey-desk.ts";
import { registerPasskey } from "./passkey-registration.ts";
import { signInWithPasskey, type PasskeyAttempt } from "./passkey-sign-in.ts";
import type { PeopleDeps } from "../people-deps.ts";
import type { Session, Sessions, SignIn, SignInProblem } from "../sessions.ts";

const TIMEOUT_MS = 120_000;

/** Instants are epoch milliseconds. */
export interface PasskeyInfo {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly usedAt: number | null;
}

/** Browsers offer passkeys on https and on http://localhost, not where the host is an IP address. */
export interface Passkeys {
  /** Options for `navigator.credentials.create`, as JSON (WebAuthn Level 3 §5.1.9). */
  registerOptions(session: Session): Promise<object>;
  /** `response` is what the browser's call gave, as JSON. */
  register(session: Session, response: unknown, name: string): Promise<{ readonly id: string } | SignInProblem>;
  /** Options for `navigator.credentials.get`. With a session that a password began, for that account's passkeys only. */
  signInOptions(session?: Session): Promise<object>;
  /** A session that a password began ends and becomes a full one, by a passkey of its account only. */
  signIn(attempt: PasskeyAttempt): Promise<SignIn>;
  list(accountId: string): Promise<readonly PasskeyInfo[]>;
  /** False when the account has no such passkey. */
  remove(accountId: string, id: string): Promise<boolean>;
}

export function createPasskeys(deps: PeopleDeps, sessions: Sessions): Passkeys {
  const { origin, hostname } = new URL(deps.url);
  const desk: PasskeyDesk = { deps, sessions, challenges: createPasskeyChallenges(deps), origin, rpId: hostname };
  return {
    registerOptions: (session) => registerOptions(desk, session),
    register: (session, response, name) => registerPasskey(desk, { session, response, name }),
    signInOptions: (session) => signInOptions(desk, session),
    signIn: (attempt) => signInWithPasskey(desk, attempt),
    list: async (accountId) => (await findPasskeys(desk, accountId)).map(describe),
    remove: (accountId, id) => removePasskey(deps, accountId, id),
  };
}

function describe(row: PasskeyRow): PasskeyInfo {
  return { id: row.id, name: row.name, createdAt: row.created_at, usedAt: row.used_at };
}

function findPasskeys({ deps }: PasskeyDesk, accountId: string): Promise<PasskeyRow[]> {
  return deps.store.db.selectFrom("passkey").selectAll().where("account_id", "=", accountId).orderBy("created_at").orderBy("id").execute();
}

async function registerOptions(desk: PasskeyDesk, session: Session): Promise<object> {
  const { generateRegistrationOptions } = await import("@simplewebauthn/server");
  const { db } = desk.deps.store;
  const account = await db.selectFrom("account").select(["email", "name"]).where("id", "=", session.accountId).executeTakeFirstOrThrow();
  return generateRegistrationOptions({
    rpName: desk.rpId,
    rpID: desk.rpId,
    userName: account.email,
    userDisplayName: account.name,
    userID: Buffer.from(session.accountId),
    challenge: Buffer.from(desk.challenges.create(registrationContext(session))),
    timeout: TIMEOUT_MS,
    attestationType: "none",
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    supportedAlgorithmIDs: PASSKEY_ALGORITHMS,
    excludeCredentials: (await findPasskeys(desk, session.accountId)).map(descriptor),
  });
}

async function signInOptions(desk: PasskeyDesk, session: Session | undefined): Promise<object> {
  const { generateAuthenticationOptions } = await import("@simplewebauthn/server");
  const own = session?.state === "password" ? await findPasskeys(desk, session.accountId) : [];
  return generateAuthenticationOptions({
    rpID: desk.rpId,
    challenge: Buffer.from(desk.challenges.create(SIGN_IN_CONTEXT)),
    timeout: TIMEOUT_MS,
    userVerification: "required",
    ...(own.length === 0 ? {} : { allowCredentials: own.map(descriptor) }),
  });
}

function descriptor({ id, transports }: PasskeyRow): { id: string; transports: string[] } {
  return { id, transports: transports.split(" ").filter(Boolean) };
}

async function removePasskey({ store, onEvent }: PeopleDeps, accountId: string, id: string): Promise<boolean> {
  const { db } = store;
  const row = await db.selectFrom("passkey").select("id").where("id", "=", id).where("account_id", "=", accountId).executeTakeFirst();
  if (row === undefined) return false;
  // Without its last passkey a password is enough for the account: that does not happen off the record.
  await onEvent({ event: "passkey_removed", accountId, passkeyId: id });
  const { numDeletedRows } = await db.deleteFrom("passkey").where("id", "=", id).where("account_id", "=", accountId).executeTakeFirst();
  return numDeletedRows > 0n;
}
