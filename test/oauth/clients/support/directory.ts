/** Clients over a real store, with documents that the test serves over https under names of its own. */
import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { pino } from "pino";
import { createGuardedFetch, type GuardedFetch } from "../../../../src/lib/guarded-fetch.ts";
import { createLimiter } from "../../../../src/lib/limiter.ts";
import type { IssuerEvent } from "../../../../src/oauth/index.ts";
import { createClientDirectory, type ClientDirectory, type RegistrationDeps } from "../../../../src/oauth/issuer/clients/index.ts";
import { createSecretHasher } from "../../../../src/oauth/issuer/keys/index.ts";
import { OAuthError } from "../../../../src/oauth/oauth-error.ts";
import { openStore, type Store } from "../../../../src/store/index.ts";
import { createScopeCatalogue, defineScopes } from "../../../../src/tool/index.ts";
import { SQLITE } from "../../../store/support/engines.ts";
import { loopbackLookup, startOutside, TEST_CA, type Outside } from "../../../support/outside.ts";

export const CATALOGUE = createScopeCatalogue(
  defineScopes({
    "org:read": { description: "See the organizations of this workspace.", access: "read", baseline: true },
    "org:write": { description: "Change the organizations of this workspace.", access: "write", includes: ["org:read"] },
  }),
);

export interface Page {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON unless it is a text. */
  readonly body: unknown;
}

export interface Clients {
  readonly store: Store;
  readonly directory: ClientDirectory;
  readonly registration: RegistrationDeps;
  readonly events: IssuerEvent[];
  readonly logLines: string[];
  readonly outside: Outside;
  /** What is published, by URL without its port, such as `https://docs.example/client.json`. */
  readonly pages: Map<string, Page>;
  /** The URL as clients write it, with the port of the test's server. */
  url(page: string): string;
  advance(ms: number): void;
}

export const HOSTS = ["docs.example", "other.example", "claude.ai", "chatgpt.com", "vscode.dev", "opencode.ai"];

export async function startClients(t: Pick<TestContext, "after">): Promise<Clients> {
  const place = await SQLITE.createPlace();
  const store = await openStore(place.options);
  await store.migrate([]);
  t.after(async () => {
    await store.close();
    await place.remove();
  });
  const pages = new Map<string, Page>();
  const outside = await startOutside(t, HOSTS, (req, res) => {
    const page = pages.get(`https://${req.headers.host?.replace(/:\d+$/, "")}${req.url}`);
    const { status = 200, headers = {}, body } = page ?? { status: 404, body: "" };
    res.writeHead(status, { "content-type": "application/json", ...headers }).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  const allowedHosts = HOSTS.map((host) => `${host}:${outside.port}`);
  const guarded = createGuardedFetch({ allowedHosts, lookup: loopbackLookup, ca: TEST_CA, timeoutMs: 2000 });
  // Ids without a port are those of real clients; their documents are at the test's server too.
  const fetch: GuardedFetch = (url, init) => guarded(withPort(new URL(url), outside.port), init);
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const events: IssuerEvent[] = [];
  const logLines: string[] = [];
  const log = pino({ level: "trace" }, { write: (line: string) => void logLines.push(line) });
  const registration: RegistrationDeps = {
    store,
    secrets: createSecretHasher(randomBytes(32)),
    scopes: CATALOGUE,
    fetch,
    now,
    onEvent: async (event) => void events.push(event),
    isEnabled: true,
    maxClients: 1000,
    limiter: createLimiter({ perSecond: 1, burst: 100, now }),
  };
  return {
    store,
    directory: createClientDirectory({ store, fetch, now, log }),
    registration,
    events,
    logLines,
    outside,
    pages,
    url: (page) => withPort(new URL(page), outside.port).href,
    advance: (ms) => (ahead += ms),
  };
}

function withPort(url: URL, port: number): URL {
  if (url.port === "") url.port = String(port);
  return url;
}

/** The problem that ends a promise, as `code: description`. */
export async function problemOf(promise: Promise<unknown>): Promise<string> {
  try {
    return `none: ${JSON.stringify(await promise)}`;
  } catch (error) {
    if (error instanceof OAuthError) return `${error.status} ${error.message}`;
    throw error;
  }
}
