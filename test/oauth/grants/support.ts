/** The grants on a real store, verifier and key ring, with a clock that the test turns and as much latency as it wants. */
import assert from "node:assert/strict";
import { createHash, createPrivateKey, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { isRefusal } from "../../../src/errors.ts";
import { createGuardedFetch } from "../../../src/lib/guarded-fetch.ts";
import { createLog } from "../../../src/lib/log.ts";
import { deriveKey, sha256Hex } from "../../../src/lib/secret.ts";
import type { IssuerEvent } from "../../../src/oauth/events.ts";
import { GRANTS, type CodeUse, type GrantDeps, type TokenAnswer, type UsedCode } from "../../../src/oauth/issuer/grants/index.ts";
import { createKeyRing } from "../../../src/oauth/issuer/keys/index.ts";
import { OAuthError } from "../../../src/oauth/oauth-error.ts";
import { createTokenVerifier, type TokenVerifier, type VerifiedToken } from "../../../src/oauth/resource/index.ts";
import { openStore, type ClientRow, type GrantRow, type MemberRow, type Store } from "../../../src/store/index.ts";
import { createScopeCatalogue, defineScopes } from "../../../src/tool/index.ts";

export const ISSUER = "https://mcp.example.com";
export const RESOURCE = `${ISSUER}/mcp`;
export const WORKSPACE = "wks_test";
export const REDIRECT = "https://app.example/callback";
export const VERIFIER = "v".repeat(43);
export const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
export const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
export const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

export const CATALOGUE = createScopeCatalogue(
  defineScopes({
    "env:read": { description: "See the environments of this workspace.", access: "read", baseline: true },
    "env:write": { description: "Change the environments of this workspace.", access: "write", includes: ["env:read"] },
    "org:read": { description: "See the organizations of this workspace.", access: "read", baseline: true },
    "org:write": { description: "Change the organizations of this workspace.", access: "write", includes: ["org:read"] },
  }),
);
export const ALL = CATALOGUE.names.join(" ");

export type Params = Readonly<Record<string, string | undefined>>;

export interface Site {
  readonly store: Store;
  readonly verifier: TokenVerifier;
  readonly deps: GrantDeps;
  readonly events: IssuerEvent[];
  now(): number;
  advance(seconds: number): void;
  /** Every event is refused from now on, or no longer. */
  loseRecord(isLost: boolean): void;
  /** A public client that registered itself; other kinds by `more`. */
  client(more?: Partial<ClientRow>): Promise<ClientRow>;
  /** An agent of an operator with its standing grant. */
  agent(scopes: string, more?: Partial<ClientRow>): Promise<ClientRow>;
  person(role: MemberRow["role"], more?: { email?: string; workspaceId?: string }): Promise<string>;
  consent(client: ClientRow, accountId: string, more?: Partial<GrantRow>): Promise<GrantRow>;
  /** An authorization code for the consent. */
  code(grant: GrantRow, more?: Partial<UsedCode>): Promise<string>;
  ask(client: ClientRow, grantType: string, params: Params, more?: Asking): Promise<TokenAnswer>;
  /** Tokens from a fresh code of a fresh consent. */
  signIn(more?: { client?: ClientRow; role?: MemberRow["role"]; scope?: string; jkt?: string }): Promise<SignedIn>;
  verify(token: string): Promise<VerifiedToken | undefined>;
}

export interface Asking {
  readonly jkt?: string | undefined;
  readonly deps?: Partial<GrantDeps>;
}

export interface SignedIn {
  readonly client: ClientRow;
  readonly accountId: string;
  readonly grant: GrantRow;
  readonly tokens: TokenAnswer;
  readonly refreshToken: string;
}

export async function createSite(t: Pick<TestContext, "after">, more: Partial<GrantDeps> = {}): Promise<Site> {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-grants-"));
  const store = await openStore({ dataDir });
  await store.migrate([]);
  await store.db.insertInto("workspace").values({ id: WORKSPACE, name: "Test", created_at: 1 }).execute();
  let ahead = 0;
  let isLost = false;
  const now = (): number => Date.now() + ahead;
  const events: IssuerEvent[] = [];
  const log = createLog("silent");
  const masterKey = randomBytes(32);
  const verifier = await createTokenVerifier({ issuer: ISSUER, resource: RESOURCE, store, scopes: CATALOGUE, now, log });
  t.after(async () => {
    verifier.close();
    await store.close();
    await rm(dataDir, { recursive: true });
  });
  const verify = async (token: string): Promise<VerifiedToken | undefined> => {
    // The clock may have been turned far ahead of what the verifier read last.
    await verifier.refresh();
    const verified = await verifier.verify(token);
    return isRefusal(verified) ? undefined : verified;
  };
  const deps: GrantDeps = {
    store,
    scopes: CATALOGUE,
    issuer: ISSUER,
    resource: RESOURCE,
    resourceAliases: new Set([RESOURCE, `${RESOURCE}/`, ISSUER, `${ISSUER}/`]),
    key: await createKey(store, masterKey, now),
    accessTokenTtlSeconds: 900,
    refresh: { graceSeconds: 60, idleSeconds: 1000, maxSeconds: 5000 },
    selfRegisteredScopes: ALL,
    enterprise: undefined,
    fetch: createGuardedFetch(),
    masterKey,
    now,
    onEvent: async (event) => {
      if (isLost) throw new Error("the ledger is full");
      events.push(event);
    },
    log,
    revoke: (kind, value) => verifier.revoke(kind, value),
    codes: { take: (code) => takeCode(store, code, now) },
    verifyAccessToken: verify,
    ...more,
  };
  const clock = { now, advance: (seconds: number) => void (ahead += seconds * 1000) };
  return { store, verifier, deps, events, verify, loseRecord: (lost) => void (isLost = lost), ...clock, ...createActs(deps) };
}

function createActs(deps: GrantDeps): Pick<Site, "client" | "agent" | "person" | "consent" | "code" | "ask" | "signIn"> {
  const { store } = deps;
  const acts: ReturnType<typeof createActs> = {
    async client(more = {}) {
      const row: ClientRow = { ...CLIENT, id: `cl_${randomUUID()}`, ...more };
      await store.db.insertInto("client").values(row).execute();
      return row;
    },
    async agent(scopes, more = {}) {
      const id = `cl_${randomUUID()}`;
      const grant: GrantRow = { ...GRANT, id: `gr_${id}`, kind: "standing", client_id: id, subject: id, scopes };
      const secret = { auth_method: "client_secret" as const, secret_hash: "ab" };
      const row: ClientRow = { ...CLIENT, ...secret, id, kind: "operator", workspace_id: WORKSPACE, scopes, grant_id: grant.id, ...more };
      await store.clients.create(row, grant);
      return row;
    },
    async person(role, { email, workspaceId = WORKSPACE } = {}) {
      const id = `acc_${randomUUID()}`;
      const account = { id, email: email ?? `${id}@example.com`, name: "Test", password_hash: null, created_at: 1, disabled_at: null };
      await store.db.insertInto("account").values(account).execute();
      const member = { id: `mem_${id}`, workspace_id: workspaceId, account_id: id, role, created_at: 1 };
      await store.db.insertInto("member").values(member).execute();
      return id;
    },
    async consent(client, accountId, more = {}) {
      const row: GrantRow = {
        ...GRANT,
        id: `gr_${randomUUID()}`,
        client_id: client.id,
        subject: accountId,
        redirect_host: randomUUID(),
        ...more,
      };
      await store.grants.create(row);
      return row;
    },
    code: (grant, more) => createCode(store, grant, more),
    async ask(client, grantType, params, { jkt = null, deps: others } = {}) {
      const grant = GRANTS.get(grantType);
      assert.ok(grant, grantType);
      for (const name of Object.keys(params)) assert.ok(grant.params.includes(name), `${grantType} has no parameter ${name}`);
      return grant.handler({ ...deps, ...others }, { client, params, jkt, address: "127.0.0.1" });
    },
    async signIn({ client: given, role = "member", scope = "env:write org:read", jkt } = {}) {
      const client = given ?? (await acts.client());
      const accountId = await acts.person(role);
      const grant = await acts.consent(client, accountId, { scopes: scope });
      const code = await acts.code(grant, { scope });
      const tokens = await acts.ask(client, "authorization_code", { code, ...PKCE }, { jkt });
      return { client, accountId, grant, tokens, refreshToken: tokens.refresh_token ?? "" };
    },
  };
  return acts;
}

export const PKCE = { redirect_uri: REDIRECT, code_verifier: VERIFIER };

export const CLIENT: Omit<ClientRow, "id"> = {
  kind: "registered",
  workspace_id: null,
  name: "Test",
  auth_method: "none",
  secret_hash: null,
  jwks: null,
  scopes: null,
  grant_id: null,
  metadata: JSON.stringify({ grant_types: ["authorization_code", "refresh_token", DEVICE_CODE] }),
  may_introspect: 0,
  created_by: null,
  challenge: "http",
  created_at: 1,
  used_at: null,
  disabled_at: null,
};

const GRANT: Omit<GrantRow, "id" | "client_id" | "subject"> = {
  kind: "person",
  workspace_id: WORKSPACE,
  scopes: ALL,
  parent_id: null,
  redirect_host: null,
  environments: null,
  created_at: 1,
  expires_at: null,
  revoked_at: null,
};

async function createKey(store: Store, masterKey: Uint8Array, now: () => number): Promise<GrantDeps["key"]> {
  const sealKey = deriveKey(masterKey, "signing-key");
  const ring = await createKeyRing({ store: store.signingKeys, sealKey, now, rotateAfterMs: 1e12, retireAfterMs: 1e12 });
  const { kid, privateJwk } = ring.active();
  const key = { kid, privateKey: createPrivateKey({ key: { ...privateJwk }, format: "jwk" }) };
  return () => key;
}

const CODE_MODEL = "AuthorizationCode";

async function createCode(store: Store, grant: GrantRow, more: Partial<UsedCode> = {}): Promise<string> {
  const value = randomUUID();
  const code: UsedCode = {
    clientId: grant.client_id,
    accountId: grant.subject,
    grantId: grant.id,
    redirectUri: REDIRECT,
    codeChallenge: createHash("sha256").update(VERIFIER).digest("base64url"),
    scope: grant.scopes,
    familyId: `fam_${value}`,
    ...more,
  };
  const row = { model: CODE_MODEL, id_hash: sha256Hex(value), payload: JSON.stringify(code), grant_id: grant.id };
  await store.oidcPayloads.upsert({ ...row, uid: null, user_code: null, consumed_at: null, expires_at: Date.now() + 1e9 });
  return value;
}

async function takeCode(store: Store, value: string, now: () => number): Promise<CodeUse> {
  const row = await store.oidcPayloads.find(CODE_MODEL, sha256Hex(value));
  if (row === undefined) return {};
  const code = JSON.parse(row.payload) as UsedCode;
  return (await store.oidcPayloads.consume(CODE_MODEL, row.id_hash, now())) ? { code } : { replayed: code };
}

/** The same store, each of whose repositories answers some milliseconds later, before and after the work. */
export function withLatency(store: Store): Store {
  const repositories = ["clients", "grants", "refreshTokens", "devices", "oidcPayloads", "revocations"] as const;
  const slow = Object.fromEntries(repositories.map((name) => [name, slowDown(store[name])]));
  return { ...store, ...slow };
}

function slowDown<R extends object>(repository: R): R {
  const slow = Object.entries(repository).map(([name, method]: [string, (...args: unknown[]) => Promise<unknown>]) => [
    name,
    async (...args: unknown[]) => {
      await wait(Math.random() * 8);
      const result = await method(...args);
      await wait(Math.random() * 8);
      return result;
    },
  ]);
  return Object.fromEntries(slow) as R;
}

export function decode(token: string): { readonly header: Record<string, unknown>; readonly claims: Record<string, unknown> } {
  const [header = "", claims = ""] = token.split(".").map((part) => Buffer.from(part, "base64url").toString());
  return { header: JSON.parse(header) as Record<string, unknown>, claims: JSON.parse(claims) as Record<string, unknown> };
}

/** The OAuth error code, or the answer. */
export async function outcome<T>(answer: Promise<T>): Promise<T | string> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof OAuthError) return error.error;
    throw error;
  }
}

/** Those of parallel attempts that succeeded, and the error codes of the others. */
export async function settle<T extends object>(
  attempts: readonly Promise<T>[],
): Promise<{ readonly won: readonly T[]; readonly errors: readonly string[] }> {
  const won: T[] = [];
  const errors: string[] = [];
  for (const result of await Promise.all(attempts.map((attempt) => outcome(attempt)))) {
    if (typeof result === "string") errors.push(result);
    else won.push(result);
  }
  return { won, errors };
}
