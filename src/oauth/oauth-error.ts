/** An answer of an OAuth endpoint that says what is wrong (RFC 6749 §5.2). */
export interface OAuthProblem {
  readonly status: number;
  readonly error: string;
  readonly error_description: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends a request to an OAuth endpoint. `error` is a registered code, `description` a sentence for the developer of the client; both are sent. */
export class OAuthError extends Error implements OAuthProblem {
  readonly status: number;
  readonly error: string;
  readonly error_description: string;
  readonly headers: Readonly<Record<string, string>>;

  /** `more` is the status, 400 unless said, or the status with headers. */
  constructor(error: string, description: string, more: number | Pick<OAuthProblem, "status" | "headers"> = 400) {
    super(`${error}: ${description}`);
    const { status, headers = {} } = typeof more === "number" ? { status: more } : more;
    this.name = "OAuthError";
    this.status = status;
    this.error = error;
    this.error_description = description;
    this.headers = headers;
  }
}
