/**
 * The rows that Remit itself owns. Portable between SQLite and PostgreSQL: ids are text, instants are epoch milliseconds,
 * flags are 0 or 1, JSON is text.
 */

export interface WorkspaceRow {
  readonly id: string;
  readonly name: string;
  readonly created_at: number;
}

export interface EnvironmentRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly name: string;
  /** Unique within the workspace, lower case. */
  readonly slug: string;
  readonly kind: "production" | "development";
  readonly created_at: number;
  /** Raised by one on each change (optimistic concurrency). */
  readonly version: number;
}

export interface AccountRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly created_at: number;
}

/** A person's place in a workspace. */
export interface MemberRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly account_id: string;
  readonly role: "owner" | "admin" | "member" | "viewer";
  readonly created_at: number;
}

/** An OAuth client made by an operator: an agent. What it may ask for is policy, kept here and never in its own metadata. */
export interface ClientRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly name: string;
  readonly auth_method: "client_secret" | "private_key_jwt";
  /** HMAC-SHA-256 of the secret, hex; null for private_key_jwt. */
  readonly secret_hash: string | null;
  /** JWK Set (RFC 7517) as JSON, public keys only; null for secrets. */
  readonly jwks: string | null;
  /** The scopes it may be granted, space-separated. */
  readonly scopes: string;
  /** The standing grant of its client-credentials tokens. */
  readonly grant_id: string;
  readonly created_at: number;
  readonly disabled_at: number | null;
}

/** What was allowed to a client, by whom. Every access token names its grant. */
export interface GrantRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly client_id: string;
  readonly subject: string;
  readonly scopes: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

export interface SigningKeyRow {
  readonly kid: string;
  readonly alg: string;
  readonly state: "pending" | "active" | "retiring";
  readonly public_jwk: string;
  /** The private JWK, encrypted at rest. */
  readonly sealed_private_jwk: string;
  readonly created_at: number;
  /** When the key entered its present state. */
  readonly state_at: number;
}

/** A row of the authorization server's engine (codes, sessions, replay marks …). The id is stored as a SHA-256. */
export interface OidcPayloadRow {
  readonly model: string;
  readonly id_hash: string;
  readonly payload: string;
  readonly grant_id: string | null;
  readonly uid: string | null;
  readonly user_code: string | null;
  readonly consumed_at: number | null;
  readonly expires_at: number | null;
}

export type RevocationKind = "token" | "grant" | "client" | "subject";

/** From `at` on, nothing issued earlier for this value is accepted. */
export interface RevocationRow {
  readonly id: string;
  readonly kind: RevocationKind;
  readonly value: string;
  readonly at: number;
}

export interface CoreTables {
  workspace: WorkspaceRow;
  environment: EnvironmentRow;
  account: AccountRow;
  member: MemberRow;
  client: ClientRow;
  access_grant: GrantRow;
  signing_key: SigningKeyRow;
  oidc_payload: OidcPayloadRow;
  revocation: RevocationRow;
}

/** The core rows that a tool may read and write through its workspace-bound handle. */
export type ToolTables = Pick<CoreTables, "workspace" | "environment" | "member" | "account">;
