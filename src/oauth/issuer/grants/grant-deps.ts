import type { KeyObject } from "node:crypto";
import type { Clock } from "../../../lib/clock.ts";
import type { GuardedFetch } from "../../../lib/guarded-fetch.ts";
import type { Log } from "../../../lib/log.ts";
import type { ClientRow, RevocationKind, Store } from "../../../store/index.ts";
import type { ScopeCatalogue } from "../../../tool/index.ts";
import type { EventSink } from "../../events.ts";
import type { SurfaceWatch } from "../../surface-watch.ts";
import type { VerifiedToken } from "../../resource/index.ts";

/** What an authenticated client asks for. */
export interface TokenRequest {
  readonly client: ClientRow;
  readonly params: Readonly<Record<string, string | undefined>>;
  /** Thumbprint of the key that a DPoP proof showed (RFC 9449); null without a proof. */
  readonly jkt: string | null;
  /** Of the connection. */
  readonly address: string | undefined;
}

/** RFC 6749 §5.1. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: "Bearer" | "DPoP";
  /** Seconds. */
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
  readonly issued_token_type?: string;
}

/** Throws OAuthError when nothing is to be issued. */
export type GrantHandler = (deps: GrantDeps, request: TokenRequest) => Promise<TokenAnswer>;

/** What an authorization code stands for. */
export interface UsedCode {
  readonly clientId: string;
  readonly accountId: string;
  readonly grantId: string;
  readonly redirectUri: string;
  /** S256 (RFC 7636 §4.2). */
  readonly codeChallenge: string;
  /** What the person allowed, space-separated. */
  readonly scope: string;
  readonly familyId: string;
  readonly resource?: string;
  /** Thumbprint of the key that must redeem it (RFC 9449 §10). */
  readonly jkt?: string;
}

/** The result of using a code: `code` for exactly one of any number of callers, `replayed` for all others; neither when it is unknown or has expired. */
export interface CodeUse {
  readonly code?: UsedCode;
  readonly replayed?: { readonly familyId: string; readonly grantId: string; readonly clientId: string };
}

/** An identity provider whose ID-JAG assertions are accepted. */
export interface EnterpriseIssuer {
  readonly issuer: string;
  /** Undefined: as its metadata says. */
  readonly jwksUri: string | undefined;
}

export interface GrantDeps {
  readonly store: Store;
  readonly scopes: ScopeCatalogue;
  readonly issuer: string;
  /** Canonical URL: the audience of every token. */
  readonly resource: string;
  /** What a client may send as `resource` to mean it (RFC 8707). */
  readonly resourceAliases: ReadonlySet<string>;
  /** The key that signs now. */
  key(): { readonly kid: string; readonly privateKey: KeyObject };
  readonly accessTokenTtlSeconds: number;
  readonly refresh: {
    /** For so long a used refresh token is answered with the same successor; 0 is strict. */
    readonly graceSeconds: number;
    readonly idleSeconds: number;
    readonly maxSeconds: number;
  };
  /** What clients that no operator made may be granted, space-separated. */
  readonly selfRegisteredScopes: string;
  readonly enterprise: EnterpriseIssuer | undefined;
  readonly fetch: GuardedFetch;
  readonly masterKey: Uint8Array;
  readonly now: Clock;
  readonly onEvent: EventSink;
  readonly log: Log;
  /** Ends tokens at once and for good; a family or grant takes its refresh tokens along. */
  revoke(kind: RevocationKind, value: string): Promise<void>;
  /** Undefined where nobody keeps them: then no one is asked again. */
  readonly surfaces?: SurfaceWatch | undefined;
  readonly codes: { take(code: string): Promise<CodeUse> };
  /** Undefined for a token that is not good now, for whatever reason. */
  verifyAccessToken(token: string): Promise<VerifiedToken | undefined>;
}
