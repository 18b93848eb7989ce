/** The pages on a server of their own, with people and requests that live in memory: both are ports, and pages know nothing else of them. */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { pino } from "pino";
import {
  createPages,
  type PageChoice,
  type PageConnection,
  type PageConsent,
  type PagePending,
  type PageSession,
} from "../../../src/oauth/pages/index.ts";
import { NO_APPROVALS } from "../../support/issuer.ts";
import { createMemoryPasskeys } from "./memory-passkeys.ts";

export const START_AT = Date.UTC(2026, 10, 23, 9, 30);
export const PASSWORD = "correct horse battery staple";
const MIRA = { id: "acc_mira", email: "mira@acme.test", name: "Mira Okafor" };
const SECOND = { id: "acc_sam", email: "sam@acme.test", name: "" };

const scope = (name: string, sentence: string, more: Partial<PageConsent["workspaces"][number]["scopes"][number]> = {}) => {
  const access = name.endsWith(":read") ? ("read" as const) : ("write" as const);
  return { name, sentence, access, tools: [], state: "new" as const, since: [], isTicked: access === "read", ...more };
};

export const ACME = {
  id: "wks_acme",
  name: "Acme",
  role: "member" as const,
  limitedTo: null,
  environments: [
    { id: "env_prod", name: "Production" },
    { id: "env_dev", name: "Development" },
  ],
  scopes: [
    scope("org:read", "See the organizations of this workspace.", {
      tools: ["Search organizations", "Read organization"],
      state: "granted",
    }),
    scope("connection:read", "See single sign-on connections and their state.", { tools: ["List connections"] }),
    scope("org:write", "Create and change organizations.", { tools: ["Create organization", "Rename organization"] }),
    scope("connection:write", "Turn single sign-on connections on and off.", { tools: ["Enable connection"] }),
    scope("org:delete", "Delete organizations for good.", { tools: ["Delete organization"], state: "beyond_role" }),
  ],
};
export const BETA = { ...ACME, id: "wks_beta", name: "Beta", role: "viewer" as const, environments: [] };

export const DOCUMENT_CLIENT: PageConsent = {
  clientId: "https://claude.ai/oauth/client.json",
  clientName: "Claude",
  clientKind: "document",
  askingHost: "claude.ai",
  redirectHost: "claude.ai",
  isLoopbackOnly: false,
  workspaces: [ACME],
};
export const LOCAL_CLIENT: PageConsent = {
  ...DOCUMENT_CLIENT,
  clientId: "cl_8m2k0v",
  clientName: "Cursor",
  clientKind: "registered",
  askingHost: "127.0.0.1",
  redirectHost: "127.0.0.1",
  isLoopbackOnly: true,
};

export interface Decision {
  readonly what: "allow" | "refuse";
  readonly choice?: PageChoice;
}

export interface Site {
  readonly url: string;
  readonly decisions: Decision[];
  readonly revoked: string[];
  /** Set to change what is asked; the redirect that follows a decision. */
  view: PageConsent;
  location: string;
  approveProblem: string | undefined;
  isKnown: boolean;
  connections: readonly PageConnection[];
  nowMs: number;
  /** Sessions that are live, by the value of their cookie. */
  readonly sessions: Map<string, PageSession>;
  readonly links: Map<string, string>;
  readonly passwordAttempts: string[];
  externalReturnTo: string;
  hasFault: boolean;
  request(path: string, init?: RequestInit): Promise<Response>;
}

/** `host` is what the browser calls the server by: passkeys need a name. */
export async function startSite(t: Pick<TestContext, "after">, host = "127.0.0.1"): Promise<Site> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  const site: Site = {
    url,
    decisions: [],
    revoked: [],
    view: DOCUMENT_CLIENT,
    location: "https://claude.ai/callback?code=abc&state=xyz",
    approveProblem: undefined,
    isKnown: false,
    connections: [],
    nowMs: START_AT,
    sessions: new Map(),
    links: new Map([["link-secret", MIRA.id]]),
    passwordAttempts: [],
    externalReturnTo: "/device",
    hasFault: false,
    request: (path, init) => fetch(url + path, { redirect: "manual", ...init }),
  };
  const pages = createPages({
    ...NO_APPROVALS,
    people: createPeople(site, host),
    authorizations: createAuthorizations(site),
    issuerName: "Acme operations",
    url,
    masterKey: randomBytes(32),
    now: () => site.nowMs,
    log: pino({ level: "silent" }),
  });
  server.on("request", (req, res) => {
    void pages.handle(req, res).then((isPage) => {
      if (!isPage) res.writeHead(404).end("not a page");
    });
  });
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return site;
}

function createPeople(site: Site, host: string) {
  const passkeys = createMemoryPasskeys({ host, origin: site.url, now: () => site.nowMs });
  const signIn = (accountId: string, state: PageSession["state"] = "full") => {
    const value = randomBytes(32).toString("base64url");
    const session = { idHash: `hash-${value}`, accountId, state, csrf: randomBytes(32).toString("base64url") };
    site.sessions.set(value, session);
    return { cookie: `remit_session=${value}; Path=/; HttpOnly; SameSite=Lax`, session };
  };
  const end = (isEnded: (session: PageSession) => boolean) => {
    for (const [value, session] of site.sessions) if (isEnded(session)) site.sessions.delete(value);
    return Promise.resolve("remit_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
  };
  const accounts = [MIRA, SECOND];
  return {
    session: async (cookie: string | undefined) => site.sessions.get(/remit_session=([\w-]+)/.exec(cookie ?? "")?.[1] ?? ""),
    async findAccount(id: string) {
      if (site.hasFault) throw new Error("the database said: secret detail");
      return accounts.find((account) => account.id === id);
    },
    async signInWithPassword({ email, password }: { readonly email: string; readonly password: string }) {
      site.passwordAttempts.push(email);
      if (email === "slow@acme.test") return { problem: "Too many attempts. Try again later.", retryAfterSeconds: 30 };
      const account = accounts.find((each) => each.email === email);
      if (account === undefined || password !== PASSWORD) return { problem: "The email address or the password is not right." };
      return signIn(account.id, passkeys.has(account.id) ? "password" : "full");
    },
    findLinkAccount: async (secret: string) => accounts.find(({ id }) => id === site.links.get(secret)),
    async signInWithLink(secret: string) {
      const accountId = site.links.get(secret);
      if (accountId === undefined) return { problem: "This link was used already or has expired." };
      site.links.delete(secret);
      return signIn(accountId);
    },
    passkeys: {
      ...passkeys.port,
      async signIn({ response, session }: { readonly response: unknown; readonly session: PageSession | undefined }) {
        const accountId = await passkeys.verify(response);
        if (accountId === undefined) return { problem: "This passkey is not known here." };
        if (session !== undefined) await end(({ idHash }) => idHash === session.idHash);
        return signIn(accountId);
      },
    },
    external: {
      name: "login.example.com",
      start: async (returnTo: string) => ({
        location: `https://login.example.com/authorize?state=1&to=${encodeURIComponent(returnTo)}`,
        cookie: "remit_external=1; Path=/",
      }),
      finish: async (at: URL) =>
        at.searchParams.has("code")
          ? { ...signIn(MIRA.id), returnTo: site.externalReturnTo }
          : { problem: "The other provider did not sign you in." },
    },
    signOut: (session: PageSession) => end(({ idHash }) => idHash === session.idHash),
    signOutEverywhere: (session: PageSession) => end(({ accountId }) => accountId === session.accountId),
  };
}

function createAuthorizations(site: Site) {
  const pending: PagePending = { id: "abc", kind: "redirect" };
  const device: PagePending = { id: "dev", kind: "device" };
  const result = (asked: PagePending) => (asked.kind === "device" ? { done: true as const } : { location: site.location });
  return {
    pending: async (_req: IncomingMessage, id: string) => (id === pending.id ? pending : undefined),
    async pendingDevice(code: string) {
      return code === "MANYMANY" ? ("too_many" as const) : code === "BCDFGHJK" ? device : undefined;
    },
    view: async (asked: PagePending) =>
      asked.kind === "device"
        ? { ...site.view, clientKind: "operator" as const, clientId: "cl_tv", askingHost: "a device", redirectHost: null }
        : site.view,
    approveKnown: async () => (site.isKnown ? { location: site.location } : undefined),
    async approve(_req: IncomingMessage, asked: PagePending, { choice }: { readonly choice: PageChoice }) {
      if (site.approveProblem !== undefined) return { problem: site.approveProblem };
      site.decisions.push({ what: "allow", choice });
      return result(asked);
    },
    async deny(_req: IncomingMessage, asked: PagePending) {
      site.decisions.push({ what: "refuse" });
      return result(asked);
    },
    connections: async () => site.connections.filter(({ grantId }) => !site.revoked.includes(grantId)),
    async revokeConnection(_accountId: string, grantId: string) {
      site.revoked.push(grantId);
      return true;
    },
  };
}
