import type { Kysely } from "kysely";
import type { ClientRow, CoreTables, GrantRow, LedgerRow, OidcPayloadRow, SigningKeyRow } from "../../../src/store/index.ts";

export function grantRow(more: Partial<GrantRow> = {}): GrantRow {
  return {
    id: "grant_1",
    workspace_id: "wks_a",
    client_id: "client_1",
    subject: "client_1",
    scopes: "a:read",
    created_at: 1,
    expires_at: null,
    revoked_at: null,
    ...more,
  };
}

export function clientRow(more: Partial<ClientRow> = {}): ClientRow {
  return {
    id: "client_1",
    workspace_id: "wks_a",
    name: "Agent",
    auth_method: "client_secret",
    secret_hash: "ab",
    jwks: null,
    scopes: "a:read",
    grant_id: "grant_1",
    created_at: 1,
    disabled_at: null,
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
