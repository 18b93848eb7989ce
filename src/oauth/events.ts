/** What the authorization server does that belongs on record. No event carries a secret, an assertion or a token. */
export type IssuerEvent =
  // Consent.
  | {
      readonly event: "consent_given";
      readonly accountId: string;
      readonly clientId: string;
      readonly workspaceId: string;
      readonly grantId: string;
      /** What was asked for, and what of it was allowed; space-separated. */
      readonly requested: string;
      readonly scope: string;
      readonly environments: readonly string[] | null;
      /** Epoch milliseconds; null for a grant without an end. */
      readonly expiresAt: number | null;
      /** SHA-256 of the tools as they were then; null where nobody keeps it. */
      readonly surface: string | null;
    }
  | {
      /** A refresh was refused, because these tools can do more than when the person allowed it. */
      readonly event: "consent_outgrown";
      readonly accountId: string;
      readonly clientId: string;
      readonly workspaceId: string;
      readonly grantId: string;
      readonly familyId: string;
      /** Titles. */
      readonly tools: readonly string[];
    }
  | { readonly event: "consent_refused"; readonly accountId: string; readonly clientId: string; readonly requested: string }
  | {
      readonly event: "grant_revoked";
      readonly grantId: string;
      readonly clientId: string;
      readonly workspaceId: string;
      readonly by: string;
    }
  // People.
  | { readonly event: "account_created"; readonly accountId: string }
  | { readonly event: "account_disabled"; readonly accountId: string }
  | { readonly event: "account_enabled"; readonly accountId: string }
  | {
      readonly event: "identity_linked";
      readonly accountId: string;
      /** The external provider. */
      readonly issuer: string;
    }
  | { readonly event: "passkey_added"; readonly accountId: string; readonly passkeyId: string; readonly name: string }
  | { readonly event: "passkey_removed"; readonly accountId: string; readonly passkeyId: string }
  | { readonly event: "password_set"; readonly accountId: string }
  | {
      readonly event: "sign_in_link_created";
      readonly accountId: string;
      /** Epoch milliseconds. */
      readonly expiresAt: number;
    }
  | {
      readonly event: "signed_in";
      readonly accountId: string;
      readonly method: SignInMethod;
      /** `password`: the account's passkey is still to be shown. */
      readonly state: "password" | "full";
      /** Of the connection; null when it is not known. */
      readonly address: string | null;
    }
  | { readonly event: "signed_out"; readonly accountId: string; readonly isEverywhere: boolean }
  // Agents, tokens and keys.
  | {
      /** `token_repeated`: within the grace the answer to a used refresh token was given again, with the token that was issued then. */
      readonly event: "token_issued" | "token_repeated";
      readonly clientId: string;
      readonly workspaceId: string;
      readonly grantId: string;
      readonly tokenId: string;
      readonly scope: string;
      /** Epoch milliseconds. */
      readonly expiresAt: number;
      /** Who acts for the subject (RFC 8693 §4.1), as JSON. */
      readonly actor?: string;
    }
  // Grants.
  | { readonly event: "code_replayed"; readonly clientId: string; readonly grantId: string; readonly familyId: string }
  | {
      readonly event: "enterprise_granted";
      readonly accountId: string;
      readonly clientId: string;
      readonly workspaceId: string;
      readonly grantId: string;
      /** The identity provider. */
      readonly issuer: string;
      readonly scope: string;
    }
  | { readonly event: "refresh_token_reused"; readonly clientId: string; readonly grantId: string; readonly familyId: string }
  | {
      /** By its client: one access token, or a refresh token with its family. */
      readonly event: "token_revoked";
      readonly clientId: string;
      readonly grantId: string;
      readonly kind: "token" | "family";
      readonly value: string;
    }
  | {
      readonly event: "agent_created";
      readonly clientId: string;
      readonly workspaceId: string;
      readonly grantId: string;
      readonly name: string;
      readonly scope: string;
      readonly authMethod: "none" | "client_secret" | "private_key_jwt";
    }
  | {
      readonly event: "client_registered";
      readonly clientId: string;
      /** What it calls itself. */
      readonly name: string;
      readonly redirectHosts: readonly string[];
      /** Of the connection; null when it is not known. */
      readonly address: string | null;
    }
  | {
      readonly event: "upstream_credential_issued";
      readonly clientId: string;
      readonly subject: string;
      readonly workspaceId: string;
      readonly grantId: string;
      /** Of the call that asked for it. */
      readonly decision: string;
      readonly name: string;
      readonly audience: string;
      readonly kind: "vault" | "exchange";
    }
  | { readonly event: "upstream_secret_set"; readonly workspaceId: string; readonly name: string }
  | { readonly event: "keys_rotated"; readonly activeKid: string; readonly pendingKid: string };

/** How a person proved who they are. */
export type SignInMethod = "password" | "link" | "passkey" | "external";

/** Resolves when the event is on record. What grants power waits for it, and does not happen when it rejects. */
export type EventSink = (event: IssuerEvent) => Promise<void>;

/** A token request that was refused. */
export interface TokenRefusal {
  /** OAuth error code, such as `invalid_client`. */
  readonly error: string;
  /** The known client that the request named, whether or not it proved to be it. */
  readonly clientId: string | undefined;
  /** Address of the connection. */
  readonly address: string | undefined;
}

/** Refusals are counted and not recorded one by one, as anybody can cause as many as they like. */
export type RefusalSink = (refusal: TokenRefusal) => void;
