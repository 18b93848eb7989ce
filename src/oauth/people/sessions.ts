import type { Clock } from "../../lib/clock.ts";
import { createSecret, deriveKey, hmac, sha256Hex } from "../../lib/secret.ts";
import type { SessionRow, Store } from "../../store/index.ts";
import type { EventSink, SignInMethod } from "../events.ts";

const SESSION_MS = 12 * 3_600_000;
const COOKIE_VALUE = /^[A-Za-z0-9_-]{43}$/;

/** A person at a browser. */
export interface Session {
  /** SHA-256 of the cookie's value, hex. */
  readonly idHash: string;
  readonly accountId: string;
  /** `password`: the account has a passkey, which is still to be shown. Nothing but that may be done with it. */
  readonly state: "password" | "full";
  /** Sent with every form of the session. */
  readonly csrf: string;
}

export interface SignedIn {
  /** The value of Set-Cookie. */
  readonly cookie: string;
  readonly session: Session;
}

export interface SignInProblem {
  readonly problem: string;
  /** Given when trying again sooner is in vain. */
  readonly retryAfterSeconds?: number;
}

export type SignIn = SignedIn | SignInProblem;

/** Who proved to be whom, and how. */
export interface Proof {
  readonly accountId: string;
  readonly method: SignInMethod;
  readonly state: Session["state"];
  readonly address: string | undefined;
  /** The browser's session so far, which ends. */
  readonly before?: Session | undefined;
}

export interface Sessions {
  find(cookie: string | undefined): Promise<Session | undefined>;
  /** A session with a value that nobody knew before, once the sign-in is on record. Undefined when the account is disabled. */
  start(proof: Proof): Promise<SignedIn | undefined>;
  /** Both return the value of Set-Cookie that removes the cookie. */
  end(session: Session): Promise<string>;
  endAll(session: Session): Promise<string>;
  sweep(): Promise<number>;
}

export interface SessionsDeps {
  readonly store: Pick<Store, "db">;
  readonly masterKey: Uint8Array;
  readonly url: string;
  readonly now: Clock;
  readonly onEvent: EventSink;
}

export function createSessions(deps: SessionsDeps): Sessions {
  const { now, onEvent } = deps;
  const { db } = deps.store;
  const csrfKey = deriveKey(deps.masterKey, "session-csrf");
  const cookie = defineCookie(deps.url, "remit_session");
  const present = ({ id_hash: idHash, account_id: accountId, state }: Pick<SessionRow, "id_hash" | "account_id" | "state">): Session => ({
    idHash,
    accountId,
    state,
    csrf: hmac(csrfKey, idHash).toString("base64url"),
  });
  return {
    async find(header) {
      const value = cookie.read(header);
      if (value === undefined || !COOKIE_VALUE.test(value)) return undefined;
      const row = await db
        .selectFrom("session as s")
        .innerJoin("account as a", "a.id", "s.account_id")
        .where("s.id_hash", "=", sha256Hex(value))
        .where("s.expires_at", ">", now())
        .where("a.disabled_at", "is", null)
        .select(["s.id_hash", "s.account_id", "s.state"])
        .executeTakeFirst();
      return row === undefined ? undefined : present(row);
    },
    async start({ accountId, method, state, address, before }) {
      const account = await db.selectFrom("account").select("disabled_at").where("id", "=", accountId).executeTakeFirst();
      if (account === undefined || account.disabled_at !== null) return undefined;
      await onEvent({ event: "signed_in", accountId, method, state, address: address ?? null });
      const value = createSecret();
      const at = now();
      const row = { id_hash: sha256Hex(value), account_id: accountId, state, created_at: at, expires_at: at + SESSION_MS };
      await db.transaction().execute(async (trx) => {
        if (before !== undefined) await trx.deleteFrom("session").where("id_hash", "=", before.idHash).execute();
        await trx.insertInto("session").values(row).execute();
      });
      return { cookie: cookie.set(value, SESSION_MS / 1000), session: present(row) };
    },
    async end({ idHash, accountId }) {
      const { numDeletedRows } = await db.deleteFrom("session").where("id_hash", "=", idHash).executeTakeFirst();
      if (numDeletedRows > 0n) await onEvent({ event: "signed_out", accountId, isEverywhere: false });
      return cookie.remove;
    },
    async endAll({ accountId }) {
      const { numDeletedRows } = await db.deleteFrom("session").where("account_id", "=", accountId).executeTakeFirst();
      if (numDeletedRows > 0n) await onEvent({ event: "signed_out", accountId, isEverywhere: true });
      return cookie.remove;
    },
    async sweep() {
      const { numDeletedRows } = await db.deleteFrom("session").where("expires_at", "<=", now()).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

export interface Cookie {
  /** The values of Set-Cookie that set and remove it. */
  set(value: string, maxAgeSeconds: number): string;
  readonly remove: string;
  /** Its value in a Cookie header. Undefined also when there is more than one, as then another site may have planted one. */
  read(header: string | undefined): string | undefined;
}

/** A cookie for this origin only (`__Host-`, RFC 6265bis §4.1.3.2). Browsers take that prefix with https only, so on http it is left away. */
export function defineCookie(url: string, base: string): Cookie {
  const isSecure = url.startsWith("https:");
  const name = isSecure ? `__Host-${base}` : base;
  const rules = `; Path=/; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
  return {
    set: (value, maxAgeSeconds) => `${name}=${value}; Max-Age=${maxAgeSeconds}${rules}`,
    remove: `${name}=; Max-Age=0${rules}`,
    read(header) {
      const pairs = (header ?? "").split(";").map((pair) => pair.trim());
      const values = pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
      return values.length === 1 ? values[0] : undefined;
    },
  };
}
