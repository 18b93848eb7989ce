import { createSecret, sha256Hex } from "../../lib/secret.ts";
import type { AccountRow } from "../../store/index.ts";
import type { PeopleDeps } from "./people-deps.ts";
import type { Sessions, SignIn } from "./sessions.ts";

const DEFAULT_LIFE_SECONDS = 900;
const OVER = "This sign-in link was used, has expired or was never made. Ask for a new one.";

export interface SignInLinks {
  create(accountId: string, lifeSeconds?: number): Promise<string | undefined>;
  findAccount(secret: string): Promise<AccountRow | undefined>;
  signIn(secret: string, address: string | undefined): Promise<SignIn>;
  sweep(): Promise<number>;
}

/** One-time secrets of 256 bits, stored as their SHA-256. A link also signs in who has lost a passkey: its session is a full one. */
export function createSignInLinks(deps: PeopleDeps, sessions: Sessions): SignInLinks {
  const { now, onEvent } = deps;
  const { db } = deps.store;
  return {
    async create(accountId, lifeSeconds = DEFAULT_LIFE_SECONDS) {
      const account = await db.selectFrom("account").select("disabled_at").where("id", "=", accountId).executeTakeFirst();
      if (account === undefined || account.disabled_at !== null) return undefined;
      const secret = createSecret();
      const at = now();
      const row = { id_hash: sha256Hex(secret), account_id: accountId, created_at: at, expires_at: at + lifeSeconds * 1000, used_at: null };
      await onEvent({ event: "sign_in_link_created", accountId, expiresAt: row.expires_at });
      await db.insertInto("sign_in_link").values(row).execute();
      return secret;
    },
    findAccount: (secret) =>
      db
        .selectFrom("sign_in_link as l")
        .innerJoin("account as a", "a.id", "l.account_id")
        .where("l.id_hash", "=", sha256Hex(secret))
        .where("l.used_at", "is", null)
        .where("l.expires_at", ">", now())
        .where("a.disabled_at", "is", null)
        .selectAll("a")
        .executeTakeFirst(),
    async signIn(secret, address) {
      const accountId = await useLink(deps, sha256Hex(secret));
      const signedIn = accountId === undefined ? undefined : await sessions.start({ accountId, method: "link", state: "full", address });
      if (signedIn !== undefined) return signedIn;
      deps.onSignInRefused?.({ method: "link", address });
      return { problem: OVER };
    },
    async sweep() {
      const { numDeletedRows } = await db.deleteFrom("sign_in_link").where("expires_at", "<=", now()).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/** The account of a link that nobody used before. Of any number of parallel callers one gets it. */
async function useLink({ store, now }: PeopleDeps, idHash: string): Promise<string | undefined> {
  const at = now();
  const row = await store.db
    .updateTable("sign_in_link")
    .set({ used_at: at })
    .where("id_hash", "=", idHash)
    .where("used_at", "is", null)
    .where("expires_at", ">", at)
    .returning("account_id")
    .executeTakeFirst();
  return row?.account_id;
}
