import type { Config } from "../config.ts";
import type { OwnAccounts } from "../oauth/index.ts";
import type { LinkPages, Surface, UpstreamDeclarations } from "../tool/index.ts";

/** A server is declared by its scopes and what they open; everything else has a default. */
export interface ServerOptions extends Surface {
  readonly name?: string;
  readonly title?: string;
  readonly version?: string;
  /** What clients tell their model about this server as a whole. */
  readonly instructions?: string;
  /** The systems that tools call, by the name under which `context.upstream` knows them. */
  readonly upstreams?: UpstreamDeclarations;
  /** What the links to this server, `/links/TOKEN`, do. */
  readonly links?: LinkPages;
  /** Accounts of your own application, beside those that are made here: whoever is signed in there signs in here with a click. */
  readonly accounts?: OwnAccounts;
  /** Settings; by default those of the environment. */
  readonly config?: Config;
}
