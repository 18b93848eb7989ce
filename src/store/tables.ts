import type {
  ApprovalRow,
  ChangeEntryRow,
  McpEventRow,
  McpSessionRow,
  PolicyCountRow,
  PolicyRuleRow,
  StoredResultRow,
  TaskRow,
} from "./call-tables.ts";

export type * from "./call-tables.ts";

import type { Generated } from "kysely";
import type { FailureProgressRow, FailureRow } from "./failures/index.ts";
import type { ConnectionRow } from "./connections/index.ts";
import type { FeedProgressRow } from "./feeds/index.ts";
import type { KillRow } from "./kills/index.ts";
import type { SavedCallRow } from "./saved-calls/index.ts";
import type { SurfaceRow } from "./surfaces/index.ts";
import type { UsageProgressRow, UsageRow } from "./usage/index.ts";

/**
 * The rows that Remit itself owns. Portable between SQLite and PostgreSQL: ids are text, instants are epoch milliseconds,
 * flags are 0 or 1, JSON is text.
 */

export interface WorkspaceRow {
  readonly id: string;
  readonly name: string;
  readonly created_at: number;
  /** Set while nobody may do anything in it. Optional, since few who make a workspace know of it. */
  readonly stopped_at?: number | null;
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
  /** From then on it is as if it did not exist, unless the deletion is taken back. Its slug is free again. */
  readonly deleted_at: number | null;
}

export interface AccountRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** argon2id in PHC form; null for people who never chose one. */
  readonly password_hash: string | null;
  readonly created_at: number;
  readonly disabled_at: number | null;
}

/** An account at an external identity provider that is this account. */
export interface IdentityRow {
  readonly issuer: string;
  readonly subject: string;
  readonly account_id: string;
  readonly created_at: number;
}

/** A WebAuthn credential. */
export interface PasskeyRow {
  /** The credential id, base64url. */
  readonly id: string;
  readonly account_id: string;
  /** COSE key, base64url. */
  readonly public_key: string;
  readonly counter: number;
  /** Space-separated. */
  readonly transports: string;
  readonly name: string;
  readonly created_at: number;
  readonly used_at: number | null;
}

/** A one-time sign-in link. Its secret is stored as a SHA-256. */
export interface SignInLinkRow {
  readonly id_hash: string;
  readonly account_id: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly used_at: number | null;
}

/** A person signed in at a browser. The cookie's value is stored as a SHA-256. */
export interface SessionRow {
  readonly id_hash: string;
  readonly account_id: string;
  /** `password`: a password was right but the account also has a passkey, which is still to be shown. */
  readonly state: "password" | "full";
  readonly created_at: number;
  readonly expires_at: number;
}

/** A person's place in a workspace. */
export interface MemberRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly account_id: string;
  readonly role: "owner" | "admin" | "member" | "viewer";
  readonly created_at: number;
  /** Raised by one on each change; 1 unless it is given. */
  readonly version: Generated<number>;
}

/**
 * An OAuth client. `operator`: made by an operator, in a workspace; `document`: its id is the URL of its metadata document; `registered`:
 * it registered itself (RFC 7591). What it may ask for is policy, kept here and never in its own metadata.
 */
export interface ClientRow {
  readonly id: string;
  readonly kind: "operator" | "document" | "registered";
  /** Null for clients that no operator made: they act where the person who consents chooses. */
  readonly workspace_id: string | null;
  readonly name: string;
  readonly auth_method: "none" | "client_secret" | "private_key_jwt";
  /** HMAC-SHA-256 of the secret, hex; only for client_secret. */
  readonly secret_hash: string | null;
  /** JWK Set (RFC 7517) as JSON, public keys only; only for private_key_jwt, and null when its metadata has a jwks_uri. */
  readonly jwks: string | null;
  /** The scopes it may be granted, space-separated. Null: those that the server's settings leave to clients that no operator made. */
  readonly scopes: string | null;
  /** The standing grant of its client-credentials tokens; only agents of operators have one. */
  readonly grant_id: string | null;
  /** The rest of its metadata (RFC 7591 §2) as JSON: redirect_uris, grant_types, application_type, logo_uri, client_uri, jwks_uri … */
  readonly metadata: string;
  /** 1 when it may introspect every token of the resource, as a resource server does. */
  readonly may_introspect: number;
  /**
   * How it is told that a tool needs a scope that it lacks: `http`, by a 403 with a challenge; `in_band`, by a result that its model reads, for
   * clients that act on nothing else.
   */
  readonly challenge: "http" | "in_band";
  /** Account of the person who made it; null when that is not known, or nobody did. */
  readonly created_by: string | null;
  readonly created_at: number;
  /** When it last got a token; null when it never did. */
  readonly used_at: number | null;
  readonly disabled_at: number | null;
}

/**
 * What was allowed to a client, by whom. Every access token names its grant. `standing`: an operator's, for the client itself; `person`: consented
 * by the subject; `exchange`: narrowed from the grant `parent_id` (RFC 8693); `enterprise`: asserted by a configured identity provider.
 */
export interface GrantRow {
  readonly id: string;
  readonly kind: "standing" | "person" | "exchange" | "enterprise";
  readonly workspace_id: string;
  readonly client_id: string;
  readonly subject: string;
  readonly scopes: string;
  readonly parent_id: string | null;
  /** Host of the redirect URI for which a person consented; null for all other kinds and for devices. */
  readonly redirect_host: string | null;
  /** Ids of the environments that it is limited to, a JSON array; null for all. */
  readonly environments: string | null;
  /** SHA-256 of the tools as they were when a person allowed it; see `tool_surface`. Optional, since only consents have one. */
  readonly surface?: string | null | undefined;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

/** A refresh token, stored as a SHA-256. All that follow from one authorization are a family. */
export interface RefreshTokenRow {
  readonly id_hash: string;
  readonly family_id: string;
  readonly grant_id: string;
  readonly client_id: string;
  readonly scopes: string;
  /** SHA-256 thumbprint of the DPoP key it is bound to (RFC 9449); null for none. */
  readonly jkt: string | null;
  readonly created_at: number;
  /** Unused until then, it ends. */
  readonly expires_at: number;
  /** The whole family ends then, however often it was used. */
  readonly family_expires_at: number;
  readonly used_at: number | null;
  /** The answer that replaced it, encrypted under a key derived from this token's own value. */
  readonly successor: string | null;
}

/** A device waiting for a person (RFC 8628). The device code is stored as a SHA-256. */
export interface DeviceRow {
  readonly id_hash: string;
  /** Eight letters without a dash. */
  readonly user_code: string;
  readonly client_id: string;
  readonly scopes: string;
  readonly state: "pending" | "approved" | "denied" | "used";
  /** The session (id_hash) that looked at it first; no other may decide. */
  readonly claimed_by: string | null;
  readonly grant_id: string | null;
  readonly interval_seconds: number;
  readonly polled_at: number | null;
  readonly created_at: number;
  readonly expires_at: number;
}

/** A secret for another system, encrypted at rest. */
export interface UpstreamSecretRow {
  readonly workspace_id: string;
  readonly name: string;
  readonly sealed: string;
  readonly created_at: number;
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

/** `family`: all tokens that follow from one authorization. */
export type RevocationKind = "token" | "family" | "grant" | "client" | "subject";

/** From `at` on, nothing issued earlier for this value is accepted. */
export interface RevocationRow {
  readonly id: string;
  readonly kind: RevocationKind;
  readonly value: string;
  readonly at: number;
}

export interface CoreTables {
  saved_call: SavedCallRow;
  workspace: WorkspaceRow;
  environment: EnvironmentRow;
  account: AccountRow;
  identity: IdentityRow;
  passkey: PasskeyRow;
  sign_in_link: SignInLinkRow;
  session: SessionRow;
  member: MemberRow;
  client: ClientRow;
  access_grant: GrantRow;
  refresh_token: RefreshTokenRow;
  device: DeviceRow;
  upstream_secret: UpstreamSecretRow;
  signing_key: SigningKeyRow;
  oidc_payload: OidcPayloadRow;
  revocation: RevocationRow;
  mcp_session: McpSessionRow;
  mcp_event: McpEventRow;
  approval: ApprovalRow;
  change_entry: ChangeEntryRow;
  policy_rule: PolicyRuleRow;
  policy_count: PolicyCountRow;
  mcp_task: TaskRow;
  failure_cluster: FailureRow;
  failure_progress: FailureProgressRow;
  connection_attempt: ConnectionRow;
  feed_progress: FeedProgressRow;
  kill: KillRow;
  stored_result: StoredResultRow;
  tool_surface: SurfaceRow;
  usage_rollup: UsageRow;
  usage_progress: UsageProgressRow;
}

/** The core rows that a tool may read and write through its workspace-bound handle. */
export interface ToolTables extends Pick<CoreTables, "workspace" | "environment" | "member"> {
  /** Read and added only, and without what concerns signing in. */
  account: Pick<AccountRow, "id" | "email" | "name" | "created_at">;
}
