import { isUniqueViolation, type AccountRow } from "../../../../store/index.ts";
import { OAuthError } from "../../../oauth-error.ts";
import type { GrantDeps } from "../grant-deps.ts";
import type { Assertion } from "./id-jag.ts";
import { putOnRecord } from "../issue-tokens.ts";

type Account = Pick<AccountRow, "id" | "disabled_at">;

/**
 * The account of an asserted person: the one that is linked to the provider's subject, or else the one with the verified e-mail address,
 * which is linked then. An account that is linked to another subject of this provider is not taken over by an address. Throws OAuthError.
 */
export async function findEnterpriseAccount(deps: GrantDeps, assertion: Assertion): Promise<string> {
  const account = (await findLinked(deps, assertion)) ?? (await linkByEmail(deps, assertion));
  if (account === undefined || account.disabled_at !== null)
    throw new OAuthError("invalid_grant", "the person has no account here that may be used");
  return account.id;
}

function findLinked({ store }: GrantDeps, { issuer, subject }: Assertion): Promise<Account | undefined> {
  return store.db
    .selectFrom("identity as i")
    .innerJoin("account as a", "a.id", "i.account_id")
    .where("i.issuer", "=", issuer)
    .where("i.subject", "=", subject)
    .select(["a.id", "a.disabled_at"])
    .executeTakeFirst();
}

async function linkByEmail(deps: GrantDeps, assertion: Assertion): Promise<Account | undefined> {
  const { issuer, subject, email } = assertion;
  const { db } = deps.store;
  if (email === undefined) return undefined;
  const account = await db.selectFrom("account").select(["id", "disabled_at"]).where("email", "=", email).executeTakeFirst();
  if (account === undefined || account.disabled_at !== null) return undefined;
  const other = await db
    .selectFrom("identity")
    .select("subject")
    .where("issuer", "=", issuer)
    .where("account_id", "=", account.id)
    .executeTakeFirst();
  if (other !== undefined) return undefined;
  await putOnRecord(deps, { event: "identity_linked", accountId: account.id, issuer });
  try {
    await db.insertInto("identity").values({ issuer, subject, account_id: account.id, created_at: deps.now() }).execute();
  } catch (error) {
    // Two first assertions at once: the other one linked it.
    if (!isUniqueViolation(error)) throw error;
    return findLinked(deps, assertion);
  }
  return account;
}
