/** How the server presents itself to clients. */
export interface Identity {
  readonly serverInfo: { readonly name: string; readonly title?: string; readonly version: string };
  readonly instructions: string | undefined;
  /** Whether tools send log messages to clients that ask for them. */
  readonly hasLogging: boolean;
}
