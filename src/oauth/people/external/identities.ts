import { isUniqueViolation } from "../../../store/index.ts";
import { canonicalEmail } from "../accounts.ts";
import type { PeopleDeps } from "../people-deps.ts";

/** Somebody as an external provider knows them. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** Asked for only when the subject is not known. Undefined unless the provider says that it verified the address. */
  verifiedEmail(): Promise<string | undefined>;
}

type IdentityDeps = Pick<PeopleDeps, "store" | "now" | "onEvent">;

/** The account linked to the identity, or the one with its verified email address, which is linked from then on. */
export async function findIdentityAccount({ store, now, onEvent }: IdentityDeps, identity: Identity): Promise<string | undefined> {
  const { issuer, subject } = identity;
  const linked = await findLinked({ store }, identity);
  if (linked !== undefined) return linked;
  const email = await identity.verifiedEmail();
  if (email === undefined) return undefined;
  const account = await store.db
    .selectFrom("account")
    .select("id")
    .where("email", "=", canonicalEmail(email))
    .where("disabled_at", "is", null)
    .executeTakeFirst();
  if (account === undefined) return undefined;
  // Another subject of the same provider has the account: the address was given to somebody else there.
  const other = await store.db
    .selectFrom("identity")
    .select("subject")
    .where("issuer", "=", issuer)
    .where("account_id", "=", account.id)
    .executeTakeFirst();
  if (other !== undefined) return undefined;
  await onEvent({ event: "identity_linked", accountId: account.id, issuer });
  try {
    await store.db.insertInto("identity").values({ issuer, subject, account_id: account.id, created_at: now() }).execute();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return findLinked({ store }, identity);
  }
  return account.id;
}

async function findLinked({ store }: Pick<IdentityDeps, "store">, { issuer, subject }: Identity): Promise<string | undefined> {
  const row = await store.db
    .selectFrom("identity")
    .select("account_id")
    .where("issuer", "=", issuer)
    .where("subject", "=", subject)
    .executeTakeFirst();
  return row?.account_id;
}
