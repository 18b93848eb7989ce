/** What the issuer does that belongs on record. No event carries a secret, an assertion or a token. */
export type IssuerEvent =
  | {
      readonly event: "token_issued";
      readonly clientId: string;
      readonly workspaceId: string;
      readonly grantId: string;
      readonly tokenId: string;
      readonly scope: string;
      /** Epoch milliseconds. */
      readonly expiresAt: number;
    }
  | {
      readonly event: "agent_created";
      readonly clientId: string;
      readonly workspaceId: string;
      readonly grantId: string;
      readonly name: string;
      readonly scope: string;
      readonly authMethod: "client_secret" | "private_key_jwt";
    }
  | { readonly event: "keys_rotated"; readonly activeKid: string; readonly pendingKid: string };

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
