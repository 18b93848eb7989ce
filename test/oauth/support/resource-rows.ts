/** A verifier over rows that the test writes itself, with tokens that it signs: there is no issuer, so every state can be made. */
import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { isRefusal, type Refusal } from "../../../src/errors.ts";
import { createLog } from "../../../src/lib/log.ts";
import { createTokenVerifier, type TokenVerifier, type VerifiedToken } from "../../../src/oauth/resource/index.ts";
import { openStore, type ClientRow, type GrantRow, type MemberRow, type Store } from "../../../src/store/index.ts";
import { createScopeCatalogue, defineScopes } from "../../../src/tool/index.ts";
import { SQLITE, type TestEngine } from "../../store/support/engines.ts";

export const ISSUER = "https://mcp.example.com";
export const RESOURCE = `${ISSUER}/mcp`;
export const WORKSPACE = "wks_test";
export const CATALOGUE = createScopeCatalogue(
  defineScopes({
    "env:read": { description: "See the environments of this workspace.", access: "read", baseline: true },
    "env:write": { description: "Change the environments of this workspace.", access: "write", includes: ["env:read"] },
    "org:read": { description: "See the organizations of this workspace.", access: "read", baseline: true },
    "org:write": { description: "Change the organizations of this workspace.", access: "write", includes: ["org:read"], role: "admin" },
  }),
);
export const ALL = CATALOGUE.names.join(" ");

export interface Rows {
  readonly store: Store;
  readonly verifier: TokenVerifier;
  now(): number;
  advance(ms: number): void;
  /** Another process on the same rows; it does not refresh by itself. */
  elsewhere(more?: { selfRegisteredScopes?: string }): Promise<TokenVerifier>;
  client(more?: Partial<ClientRow>): Promise<ClientRow>;
  grant(more?: Partial<GrantRow>): Promise<GrantRow>;
  /** A person with this role in the workspace, or in none. */
  person(role?: MemberRow["role"]): Promise<string>;
  /** A token for the grant. */
  token(grant: GrantRow, claims?: Readonly<Record<string, unknown>>): Promise<string>;
}

export async function createRows(t: Pick<TestContext, "after">, engine: TestEngine = SQLITE): Promise<Rows> {
  const place = await engine.createPlace();
  const store = await openStore(place.options);
  await store.migrate([]);
  const { db } = store;
  await db.insertInto("workspace").values({ id: WORKSPACE, name: "Test", created_at: 1 }).execute();
  const sign = await createSigner(store);
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const options = { issuer: ISSUER, resource: RESOURCE, store, scopes: CATALOGUE, now, log: createLog("silent") };
  const opened: TokenVerifier[] = [];
  async function open(more: { selfRegisteredScopes?: string } = {}): Promise<TokenVerifier> {
    const verifier = await createTokenVerifier({ ...options, ...more });
    opened.push(verifier);
    return verifier;
  }
  const verifier = await open();
  t.after(async () => {
    for (const each of opened) each.close();
    await store.close();
    await place.remove();
  });

  return {
    store,
    verifier,
    now,
    advance: (ms) => (ahead += ms),
    async elsewhere(more) {
      const other = await open(more);
      other.close();
      return other;
    },
    async client(more = {}) {
      const id = `cl_${randomUUID()}`;
      const standing = { ...GRANT, id: `gra_${id}`, kind: "standing" as const, client_id: id, subject: id };
      const isOperator = (more.kind ?? "operator") === "operator";
      if (isOperator) await db.insertInto("access_grant").values(standing).execute();
      const row = { ...CLIENT, id, grant_id: isOperator ? standing.id : null, ...more };
      await db.insertInto("client").values(row).execute();
      return row;
    },
    async grant(more = {}) {
      const id = `gra_${randomUUID()}`;
      // A person has one grant for each client and redirect host.
      const host = more.kind === undefined ? { redirect_host: `${id.slice(4)}.example` } : {};
      const row = { ...GRANT, ...host, id, ...more };
      await db.insertInto("access_grant").values(row).execute();
      return row;
    },
    async person(role) {
      const id = `acc_${randomUUID()}`;
      const account = { id, email: `${id}@example.com`, name: "Test", password_hash: null, created_at: 1, disabled_at: null };
      await db.insertInto("account").values(account).execute();
      const member = { id: `mem_${id}`, workspace_id: WORKSPACE, account_id: id, created_at: 1 };
      if (role !== undefined)
        await db
          .insertInto("member")
          .values({ ...member, role })
          .execute();
      return id;
    },
    token(grant, claims = {}) {
      const seconds = Math.floor(now() / 1000);
      const own = { iss: ISSUER, aud: RESOURCE, sub: grant.subject, client_id: grant.client_id, gid: grant.id, scope: grant.scopes };
      return sign({ ...own, iat: seconds, exp: seconds + 900, jti: randomUUID(), ...claims });
    },
  };
}

const CLIENT: Omit<ClientRow, "id"> = {
  kind: "operator",
  workspace_id: WORKSPACE,
  name: "Test",
  auth_method: "none",
  secret_hash: null,
  jwks: null,
  scopes: ALL,
  grant_id: null,
  metadata: "{}",
  may_introspect: 0,
  created_by: null,
  challenge: "http",
  created_at: 1,
  used_at: null,
  disabled_at: null,
};

const GRANT: Omit<GrantRow, "id"> = {
  kind: "person",
  workspace_id: WORKSPACE,
  client_id: "cl_none",
  subject: "acc_none",
  scopes: ALL,
  parent_id: null,
  redirect_host: null,
  environments: null,
  created_at: 1,
  expires_at: null,
  revoked_at: null,
};

async function createSigner(store: Store): Promise<(claims: Record<string, unknown>) => Promise<string>> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const kid = randomUUID();
  const row = { kid, alg: "ES256", state: "active" as const, sealed_private_jwk: "", created_at: 1, state_at: 1 };
  await store.db
    .insertInto("signing_key")
    .values({ ...row, public_jwk: JSON.stringify({ ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" }) })
    .execute();
  return (claims) => new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid }).sign(privateKey);
}

/** The reason of a refusal, or the token. */
export async function outcome(result: VerifiedToken | Refusal | Promise<VerifiedToken | Refusal>): Promise<VerifiedToken | string> {
  const settled = await result;
  return isRefusal(settled) ? settled.refused : settled;
}
