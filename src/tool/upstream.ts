/** Another system that tools call: the product's own API. */
export interface UpstreamDeclaration {
  /** Its base URL; credentials are for it alone. https, or http on loopback. */
  readonly audience: string;
  /** `vault`: a secret that an operator stored for the workspace. `exchange`: a short-lived token of this server, for the caller. */
  readonly kind: "vault" | "exchange";
  /** What an exchanged token may do there, space-separated. */
  readonly scope?: string;
}

export type UpstreamDeclarations = Readonly<Record<string, UpstreamDeclaration>>;

/** A credential for one upstream and one caller. It must not appear in anything that a tool answers; a call that does so is ended. */
export interface UpstreamCredential {
  /** The value of the Authorization header. */
  readonly authorization: string;
  readonly audience: string;
  /** Epoch milliseconds; undefined for a stored secret. */
  readonly expiresAt: number | undefined;
}
