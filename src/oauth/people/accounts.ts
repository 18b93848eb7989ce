import * as z from "zod";
import { createId } from "../../lib/id.ts";
import { type AccountRow, isUniqueViolation } from "../../store/index.ts";
import { findHidden, type Role } from "../../tool/index.ts";
import type { PeopleDeps } from "./people-deps.ts";

const MAX_NAME_CHARS = 80;
const EMAIL = z.email().max(254);

export interface NewAccount {
  /** Kept in lower case. */
  readonly email: string;
  /** Shown to people; 1 to 80 characters. */
  readonly name: string;
}

/** A person's place in a workspace. */
export interface Membership {
  readonly workspaceId: string;
  /** Of the workspace. */
  readonly name: string;
  readonly role: Role;
}

export interface Accounts {
  find(id: string): Promise<AccountRow | undefined>;
  list(): Promise<readonly AccountRow[]>;
  memberships(accountId: string): Promise<readonly Membership[]>;
  create(account: NewAccount): Promise<{ readonly accountId: string } | { readonly problems: readonly string[] }>;
  disable(id: string): Promise<boolean>;
  enable(id: string): Promise<boolean>;
}

/** The form in which addresses are kept and compared. */
export function canonicalEmail(email: string): string {
  return email.trim().toLowerCase();
}

export function createAccounts(deps: Pick<PeopleDeps, "store" | "now" | "onEvent">): Accounts {
  const { db } = deps.store;
  return {
    find: (id) => db.selectFrom("account").selectAll().where("id", "=", id).executeTakeFirst(),
    list: () => db.selectFrom("account").selectAll().orderBy("email").execute(),
    memberships: (accountId) =>
      db
        .selectFrom("member as m")
        .innerJoin("workspace as w", "w.id", "m.workspace_id")
        .where("m.account_id", "=", accountId)
        .select(["w.id as workspaceId", "w.name", "m.role"])
        .orderBy("w.name")
        .orderBy("w.id")
        .execute(),
    create: (account) => createAccount(deps, account),
    disable: (id) => disableAccount(deps, id),
    enable: (id) => enableAccount(deps, id),
  };
}

type AccountDeps = Pick<PeopleDeps, "store" | "now" | "onEvent">;

const TAKEN = ["email: an account with this address exists"];

async function createAccount({ store, now, onEvent }: AccountDeps, input: NewAccount): ReturnType<Accounts["create"]> {
  const email = canonicalEmail(input.email);
  const name = input.name.trim();
  const problems = [
    ...(EMAIL.safeParse(email).success ? [] : ["email: write an address such as ada@example.com"]),
    ...(isShown(name) ? [] : [`name: use 1 to ${MAX_NAME_CHARS} visible characters`]),
  ];
  if (problems.length > 0) return { problems };
  const taken = await store.db.selectFrom("account").select("id").where("email", "=", email).executeTakeFirst();
  if (taken !== undefined) return { problems: TAKEN };
  const id = createId("acc");
  await onEvent({ event: "account_created", accountId: id });
  try {
    await store.db.insertInto("account").values({ id, email, name, password_hash: null, created_at: now(), disabled_at: null }).execute();
  } catch (error) {
    if (isUniqueViolation(error)) return { problems: TAKEN };
    throw error;
  }
  return { accountId: id };
}

/** Whether a name for people is short and all of it can be seen. */
export function isShown(name: string): boolean {
  return name.trim() !== "" && name.length <= MAX_NAME_CHARS && !/\p{Cc}/u.test(name) && findHidden(name) === undefined;
}

/** What takes power away does not wait for the record. */
async function disableAccount({ store, now, onEvent }: AccountDeps, id: string): Promise<boolean> {
  const isDisabled = await store.db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable("account")
      .set({ disabled_at: now() })
      .where("id", "=", id)
      .where("disabled_at", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await trx.deleteFrom("session").where("account_id", "=", id).execute();
    await trx.deleteFrom("sign_in_link").where("account_id", "=", id).execute();
    return true;
  });
  if (isDisabled) await onEvent({ event: "account_disabled", accountId: id });
  return isDisabled;
}

/** What gives power back is on record first. */
async function enableAccount({ store, onEvent }: AccountDeps, id: string): Promise<boolean> {
  const account = await store.db.selectFrom("account").select("disabled_at").where("id", "=", id).executeTakeFirst();
  if (account === undefined || account.disabled_at === null) return false;
  await onEvent({ event: "account_enabled", accountId: id });
  await store.db.updateTable("account").set({ disabled_at: null }).where("id", "=", id).execute();
  return true;
}
