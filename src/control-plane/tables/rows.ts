/**
 * The rows of the control plane. Ids are text, instants are epoch milliseconds, flags are 0 or 1, JSON is text. `version` is raised by one
 * on each change. A row with a `deleted_at` is as if it did not exist, unless its deletion is taken back.
 */

interface Place {
  readonly id: string;
  readonly workspace_id: string;
  readonly environment_id: string;
  readonly created_at: number;
}

interface Versioned extends Place {
  readonly version: number;
}

interface Deletable extends Versioned {
  readonly deleted_at: number | null;
}

/** A customer of the workspace, in one of its environments. */
export interface OrganizationRow extends Deletable {
  readonly name: string;
  /** The customer's id in the workspace's own systems; unique within the environment among those that are not deleted. */
  readonly external_id: string | null;
  /** Which features are on: a JSON object of booleans. */
  readonly features: string;
  readonly template_id: string | null;
  /** The version of the template that it was last made the same as. */
  readonly template_version: number | null;
}

/** What users of an organization may be. Of the whole environment, or of one organization. */
export interface RoleRow extends Deletable {
  /** Null for a role of the environment. */
  readonly organization_id: string | null;
  /** The organization or, without one, the environment; the name is unique in it. */
  readonly owner_id: string;
  readonly name: string;
  readonly display_name: string;
  readonly description: string | null;
  /** Names of scopes, a sorted JSON array. */
  readonly scopes: string;
  /** Given to users who are made without a role. At most one of an owner. */
  readonly is_default: number;
}

/** A permission that roles may hold in the products that the environment serves. */
export interface ScopeRow extends Versioned {
  readonly organization_id: string | null;
  readonly owner_id: string;
  readonly name: string;
  readonly description: string | null;
}

/** Where people are sent in the course of signing in and out. */
export interface UriRow extends Place {
  readonly kind: "redirect" | "post_logout" | "initiate_login";
  readonly uri: string;
}

/** How people of organizations sign in. */
export interface ConnectionRow extends Versioned {
  readonly name: string;
  readonly kind: "oidc" | "saml" | "social";
  readonly is_enabled: number;
  /** What was said about it, checked: a JSON object. Holds no secret. */
  readonly config: string;
  readonly tested_at: number | null;
}

export interface OrganizationConnectionRow {
  readonly workspace_id: string;
  readonly environment_id: string;
  readonly organization_id: string;
  readonly connection_id: string;
  readonly created_at: number;
}

/** Somebody's account at another product, which an agent may use once that person connected it. */
export interface ConnectedAccountRow extends Versioned {
  readonly identifier: string;
  readonly connector: string;
  readonly connected_at: number | null;
}

/** An MCP server that the environment protects. */
export interface McpServerRow extends Versioned {
  readonly name: string;
  readonly description: string | null;
  readonly url: string;
  readonly access_token_seconds: number;
  /** Issuer whose access tokens it accepts. */
  readonly issuer: string;
}

export interface UserRow extends Versioned {
  readonly organization_id: string;
  readonly email: string;
  readonly name: string | null;
  readonly role_id: string | null;
}

/** What an organization is made from. */
export interface TemplateRow extends Deletable {
  readonly name: string;
  readonly description: string | null;
  /** A JSON object: roles, scopes, features, connection_ids. */
  readonly definition: string;
}

/** A link that does one thing once. Its token is stored as a SHA-256. */
export interface LinkRow {
  readonly token_hash: string;
  readonly workspace_id: string;
  readonly environment_id: string | null;
  readonly kind: "invitation" | "admin_portal" | "connected_account";
  /** What it is about: a JSON object. */
  readonly data: string;
  /** Who made it: the person, or the agent that acts for nobody. */
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly used_at: number | null;
}

/** A word by which an organization or a user is found. */
export interface SearchWordRow {
  readonly workspace_id: string;
  readonly environment_id: string;
  readonly kind: "organization" | "user";
  readonly word: string;
  readonly resource_id: string;
}

export interface ControlPlaneTables {
  organization: OrganizationRow;
  environment_role: RoleRow;
  environment_scope: ScopeRow;
  environment_uri: UriRow;
  connection: ConnectionRow;
  organization_connection: OrganizationConnectionRow;
  connected_account: ConnectedAccountRow;
  mcp_server: McpServerRow;
  organization_user: UserRow;
  organization_template: TemplateRow;
  link: LinkRow;
  search_word: SearchWordRow;
}
