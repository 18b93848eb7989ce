import type { Kysely } from "kysely";
import type {
  ClientRow,
  CoreTables,
  DeviceRow,
  GrantRow,
  LedgerRow,
  OidcPayloadRow,
  RefreshTokenRow,
  SigningKeyRow,
} from "../../../src/store/index.ts";

export function grantRow(more: Partial<GrantRow> = {}): GrantRow {
  return {
    id: "grant_1",
    kind: "standing",
    workspace_id: "wks_a",
    client_id: "client_1",
    subject: "client_1",
    scopes: "a:read",
    parent_id: null,
    redirect_host: null,
    environments: null,
    surface: null,
    created_at: 1,
    expires_at: null,
    revoked_at: null,
    ...more,
  };
}

export function clientRow(more: Partial<ClientRow> = {}): ClientRow {
  return {
    id: "client_1",
    kind: "operator",
    workspace_id: "wks_a",
    name: "Agent",
    auth_method: "client_secret",
    secret_hash: "ab",
    jwks: null,
    scopes: "a:read",
    grant_id: "grant_1",
    metadata: "{}",
    may_introspect: 0,
    created_by: null,
    challenge: "http",
    created_at: 1,
    used_at: null,
    disabled_at: null,
    ...more,
  };
}

/** A client that registered itself. */
export function registeredRow(more: Partial<ClientRow> = {}): ClientRow {
  return clientRow({ id: "reg_1", kind: "registered", workspace_id: null, scopes: null, grant_id: null, ...more });
}

/** What the person `acc_a` consented to. */
export function consentRow(more: Partial<GrantRow> = {}): GrantRow {
  return grantRow({ id: "consent_1", kind: "person", client_id: "reg_1", subject: "acc_a", redirect_host: "app.example", ...more });
}

export function refreshTokenRow(more: Partial<RefreshTokenRow> = {}): RefreshTokenRow {
  return {
    id_hash: "r1",
    family_id: "fam_1",
    grant_id: "consent_1",
    client_id: "reg_1",
    scopes: "a:read",
    jkt: null,
    created_at: 1,
    expires_at: 100,
    family_expires_at: 1_000,
    used_at: null,
    successor: null,
    ...more,
  };
}

export function deviceRow(more: Partial<DeviceRow> = {}): DeviceRow {
  return {
    id_hash: "d1",
    user_code: "BCDFGHJK",
    client_id: "reg_1",
    scopes: "a:read a:write",
    state: "pending",
    claimed_by: null,
    grant_id: null,
    interval_seconds: 5,
    polled_at: null,
    created_at: 1,
    expires_at: 100,
    ...more,
  };
}

export function keyRow(kid: string, more: Partial<SigningKeyRow> = {}): SigningKeyRow {
  return { kid, alg: "EdDSA", state: "pending", public_jwk: "{}", sealed_private_jwk: "sealed", created_at: 1, state_at: 1, ...more };
}

export function payloadRow(more: Partial<OidcPayloadRow> = {}): OidcPayloadRow {
  return {
    model: "Code",
    id_hash: "h1",
    payload: "{}",
    grant_id: null,
    uid: null,
    user_code: null,
    consumed_at: null,
    expires_at: 1_000,
    ...more,
  };
}

/** `count` records that follow `after`, each with the hash of the one before. */
export function ledgerRows(after: number, count: number, more: Partial<LedgerRow> = {}): LedgerRow[] {
  return Array.from({ length: count }, (_, i) => {
    const seq = after + i + 1;
    return { seq, prev: hashOf(seq - 1), hash: hashOf(seq), kind: "call", ref: null, body: JSON.stringify({ seq }), ...more };
  });
}

export function hashOf(seq: number): Uint8Array {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setFloat64(24, seq);
  return hash;
}

/** Two workspaces, `wks_a` and `wks_b`, with an environment, a person and a member each. */
export async function addWorkspaces(db: Kysely<CoreTables>): Promise<void> {
  for (const letter of ["a", "b"]) {
    const workspace_id = `wks_${letter}`;
    await db
      .insertInto("workspace")
      .values({ id: workspace_id, name: `Workspace ${letter}`, created_at: 1 })
      .execute();
    await db
      .insertInto("environment")
      .values({ id: `env_${letter}`, workspace_id, name: "Live", slug: "live", kind: "production", created_at: 1, version: 1 })
      .execute();
    await db
      .insertInto("account")
      .values({ id: `acc_${letter}`, email: `${letter}@example.com`, name: letter, created_at: 1 })
      .execute();
    await db
      .insertInto("member")
      .values({ id: `mem_${letter}`, workspace_id, account_id: `acc_${letter}`, role: "owner", created_at: 1 })
      .execute();
  }
}
