import type { ScopeSet } from "../../tool/index.ts";

/** What a valid access token says. Instants are epoch milliseconds. */
export interface VerifiedToken {
  readonly tokenId: string;
  readonly clientId: string;
  readonly subject: string;
  readonly workspaceId: string;
  readonly grantId: string;
  /** Scopes of the token that its client's policy still holds. */
  readonly scopes: ScopeSet;
  readonly issuedAt: number;
  readonly expiresAt: number;
}
