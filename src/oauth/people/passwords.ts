import { canonicalEmail } from "./accounts.ts";
import { canonicalPassword, createPasswordHasher, type PasswordHasher } from "./password-hash.ts";
import type { PeopleDeps } from "./people-deps.ts";
import type { Session, Sessions, SignIn } from "./sessions.ts";
import { createSignInBudget, type SignInBudget } from "./sign-in-budget.ts";

const MIN_CHARS = 12;
const MAX_CHARS = 256;
/** Addresses are shorter (RFC 5321 §4.5.3.1.3), and budgets keep what is tried in memory. */
const MAX_EMAIL_CHARS = 254;

const WRONG = "The email address or the password is not right.";
const TOO_MANY = "There were too many attempts. Wait a little, or use a passkey or a sign-in link.";

export interface PasswordAttempt {
  readonly email: string;
  readonly password: string;
  readonly address: string | undefined;
}

export interface Passwords {
  set(accountId: string, password: string, kept?: Session): Promise<readonly string[]>;
  signIn(attempt: PasswordAttempt): Promise<SignIn>;
}

export function createPasswords(deps: PeopleDeps, sessions: Sessions): Passwords {
  const desk: Desk = { deps, sessions, hasher: createPasswordHasher(deps.deriveKey), budget: createSignInBudget(deps.now) };
  return {
    set: (accountId, password, kept) => setPassword(desk, { accountId, password, kept }),
    signIn: (attempt) => signIn(desk, attempt),
  };
}

interface Desk {
  readonly deps: PeopleDeps;
  readonly sessions: Sessions;
  readonly hasher: PasswordHasher;
  readonly budget: SignInBudget;
}

interface NewPassword {
  readonly accountId: string;
  readonly password: string;
  readonly kept: Session | undefined;
}

async function setPassword({ deps, hasher }: Desk, { accountId, password, kept }: NewPassword): Promise<readonly string[]> {
  const { db } = deps.store;
  const { length } = Array.from(canonicalPassword(password));
  if (length < MIN_CHARS || length > MAX_CHARS) return [`password: use ${MIN_CHARS} to ${MAX_CHARS} characters`];
  const account = await db.selectFrom("account").select("disabled_at").where("id", "=", accountId).executeTakeFirst();
  if (account === undefined || account.disabled_at !== null) return ["account: there is none with this id, or it is disabled"];
  const hash = await hasher.hash(password);
  await deps.onEvent({ event: "password_set", accountId });
  await db.transaction().execute(async (trx) => {
    await trx.updateTable("account").set({ password_hash: hash }).where("id", "=", accountId).execute();
    // Whoever knew the old password may sit in one of them.
    const others = trx.deleteFrom("session").where("account_id", "=", accountId);
    await (kept === undefined ? others : others.where("id_hash", "<>", kept.idHash)).execute();
  });
  return [];
}

async function signIn({ deps, sessions, hasher, budget }: Desk, { email: given, password, address }: PasswordAttempt): Promise<SignIn> {
  const { db } = deps.store;
  const email = canonicalEmail(given).slice(0, MAX_EMAIL_CHARS + 1);
  const wait = budget.take({ email, address });
  if (wait > 0) {
    deps.onSignInRefused?.({ method: "password", address });
    return { problem: TOO_MANY, retryAfterSeconds: wait };
  }
  const account = await db.selectFrom("account").selectAll().where("email", "=", email).where("disabled_at", "is", null).executeTakeFirst();
  const isRight = await hasher.verify(password, account?.password_hash ?? null);
  if (account !== undefined && isRight) {
    budget.know({ email, address });
    const passkey = await db.selectFrom("passkey").select("id").where("account_id", "=", account.id).executeTakeFirst();
    const state = passkey === undefined ? "full" : "password";
    const signedIn = await sessions.start({ accountId: account.id, method: "password", state, address });
    if (signedIn !== undefined) return signedIn;
  }
  deps.onSignInRefused?.({ method: "password", address });
  return { problem: WRONG };
}
