import type { IncomingMessage } from "node:http";
import type { html } from "hono/html";
import { addressOf as clientAddress } from "../../lib/client-address/index.ts";
import type { FormTies } from "./forms.ts";
import type { PagesDeps, PageSession } from "./page-deps.ts";

export type Html = ReturnType<typeof html>;

/** One request for a page, checked as far as all pages have in common. */
export interface Visit {
  readonly deps: PagesDeps;
  readonly ties: FormTies;
  readonly req: IncomingMessage;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Undefined for GET. */
  readonly form: URLSearchParams | undefined;
  readonly session: PageSession | undefined;
}

/** A visit of somebody who is signed in, and with a form only when it carried the session's token. */
export interface SignedInVisit extends Visit {
  readonly session: PageSession;
}

export interface PageContent {
  readonly title: string;
  readonly body: Html;
  /** Default: 200. */
  readonly status?: number;
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly hasScript?: boolean;
  /** Default: narrow. */
  readonly width?: "wide";
  /** An address to go on to at once. */
  readonly refreshTo?: string;
}

export type Answer =
  | PageContent
  | { readonly redirect: string; readonly cookies?: readonly string[] }
  | { readonly json: object; readonly cookies?: readonly string[] };

export function addressOf({ req }: Visit): string | undefined {
  return clientAddress(req);
}

/** A field of a form; an absent one is empty. */
export function field({ form }: Visit, name: string): string {
  return form?.get(name) ?? "";
}
