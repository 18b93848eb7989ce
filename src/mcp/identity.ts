import type { JsonSchema } from "../tool/index.ts";

/** How the server presents itself to clients. */
export interface Identity {
  /** The public origin, under which icons of this server are named. */
  readonly url: string;
  readonly serverInfo: {
    readonly name: string;
    readonly title?: string;
    readonly version: string;
    readonly icons?: readonly JsonSchema[];
  };
  readonly instructions: string | undefined;
  /** Whether tools send log messages to clients that ask for them. */
  readonly hasLogging: boolean;
}
