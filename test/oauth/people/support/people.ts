/** People on a real store, with a clock that the test turns and a key derivation that counts. */
import { createHmac, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { pino } from "pino";
import type { IssuerEvent } from "../../../../src/oauth/events.ts";
import {
  createPeople,
  type DeriveKey,
  type People,
  type PeopleDeps,
  type SignedIn,
  type SignIn,
  type SignInRefusal,
} from "../../../../src/oauth/people/index.ts";
import { openStore, type Store } from "../../../../src/store/index.ts";

export const ORIGIN = "https://remit.example";
export const PASSWORD = "correct horse battery staple";
export const ADDRESS = "203.0.113.7";

export interface TestPeople {
  readonly people: People;
  readonly store: Store;
  readonly deps: PeopleDeps;
  readonly events: IssuerEvent[];
  readonly refusals: SignInRefusal[];
  readonly logLines: string[];
  /** What was derived until now: the passwords, in order. */
  readonly derived: string[];
  readonly dataDir: string;
  now(): number;
  advance(ms: number): void;
  /** An account without a password. */
  account(email: string): Promise<string>;
  /** An account with the usual password. */
  withPassword(email: string): Promise<string>;
  /** Signs in by a link. */
  signIn(accountId: string): Promise<SignedIn>;
}

/** Not argon2, but as sure for a test and quick. */
export const quickKey: DeriveKey = async (password, { salt, tagBytes }) =>
  createHmac("sha256", salt).update(password).digest().subarray(0, tagBytes);

export async function startPeople(t: Pick<TestContext, "after">, more: Partial<PeopleDeps> = {}): Promise<TestPeople> {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-people-"));
  const store = await openStore({ dataDir });
  t.after(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  await store.migrate([]);
  let at = Date.now();
  const [events, refusals, logLines, derived] = [[] as IssuerEvent[], [] as SignInRefusal[], [] as string[], [] as string[]];
  const derive = more.deriveKey ?? quickKey;
  const deps: PeopleDeps = {
    store,
    masterKey: randomBytes(32),
    url: ORIGIN,
    now: () => at,
    onEvent: async (event) => void events.push(event),
    onSignInRefused: (refusal) => void refusals.push(refusal),
    fetch: () => Promise.reject(new Error("nothing is fetched")),
    log: pino({ level: "trace" }, { write: (line: string) => void logLines.push(line) }),
    ...more,
    deriveKey(password, parameters) {
      derived.push(password);
      return derive(password, parameters);
    },
  };
  const people = createPeople(deps);
  async function account(email: string): Promise<string> {
    const made = await people.createAccount({ email, name: "Ada Nakamura" });
    if (!("accountId" in made)) throw new Error(made.problems.join());
    return made.accountId;
  }
  return {
    people,
    store,
    deps,
    events,
    refusals,
    logLines,
    derived,
    dataDir,
    now: () => at,
    advance: (ms) => void (at += ms),
    account,
    async withPassword(email) {
      const accountId = await account(email);
      const problems = await people.setPassword(accountId, PASSWORD);
      if (problems.length > 0) throw new Error(problems.join());
      return accountId;
    },
    async signIn(accountId) {
      return accepted(await people.signInWithLink((await people.createSignInLink(accountId)) ?? "", ADDRESS));
    },
  };
}

export function accepted<T extends SignedIn>(result: T | SignIn): T {
  if ("problem" in result) throw new Error(result.problem);
  return result as T;
}

/** The Cookie header that a browser sends after this Set-Cookie. */
export function cookieOf(setCookie: string): string {
  return setCookie.split(";")[0] ?? "";
}
