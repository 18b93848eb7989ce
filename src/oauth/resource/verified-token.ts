import type { ClientRow } from "../../store/index.ts";
import type { ScopeSet } from "../../tool/index.ts";

/** What a valid access token says. Instants are epoch milliseconds. */
export interface VerifiedToken {
  readonly tokenId: string;
  readonly clientId: string;
  readonly subject: string;
  readonly workspaceId: string;
  readonly grantId: string;
  /** All tokens that follow from one authorization are a family; undefined for a token that follows from none. */
  readonly familyId?: string | undefined;
  /** Ids of the environments that it is limited to; undefined for all. */
  readonly environments?: readonly string[] | undefined;
  /** Scopes of the token that its grant, its client's policy and the person's role still hold. */
  readonly scopes: ScopeSet;
  /** Thumbprint of the key that must be shown with the token (RFC 9449 §6.1); undefined for a bearer token. */
  readonly jkt?: string | undefined;
  /** Who acts for the subject (RFC 8693 §4.1), as JSON; undefined when nobody else does. */
  readonly actor?: string | undefined;
  /** How the client is told that it needs another scope; undefined for `http`. */
  readonly challenge?: ClientRow["challenge"] | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
}
