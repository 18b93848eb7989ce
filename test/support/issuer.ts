/** The issuer and the verifier on a real store, with the token endpoint on a loopback port and a clock that the test turns. */
import { createLog } from "../../src/lib/log.ts";
import { randomBytes, sign, createPrivateKey, type JsonWebKey } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { pino } from "pino";
import { isRefusal, type Refusal } from "../../src/errors.ts";
import { createGuardedFetch } from "../../src/lib/guarded-fetch.ts";
import { deriveKey, unseal } from "../../src/lib/secret.ts";
import {
  createIssuer,
  createPages,
  createPeople,
  createTokenVerifier,
  problemPage,
  type Issuer,
  type IssuerEvent,
  type IssuerOptions,
  type People,
  type TokenRefusal,
  type TokenVerifier,
  type VerifiedToken,
} from "../../src/oauth/index.ts";
import { openStore, type Store } from "../../src/store/index.ts";
import { createScopeCatalogue, defineScopes, type Role } from "../../src/tool/index.ts";
import { signInByLink } from "./person.ts";
import type { Visitor } from "./visitor.ts";

export const SCOPES = createScopeCatalogue(
  defineScopes({
    "env:read": { description: "See the environments of this workspace.", access: "read", baseline: true },
    "env:write": { description: "Change the environments of this workspace.", access: "write", includes: ["env:read"] },
    "org:read": { description: "See the organizations of this workspace.", access: "read", baseline: true },
    "org:write": { description: "Change the organizations of this workspace.", access: "write", includes: ["org:read"] },
  }),
);

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

export interface Secret {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface TestIssuer {
  readonly origin: string;
  readonly resource: string;
  readonly store: Store;
  readonly masterKey: Uint8Array;
  readonly issuer: Issuer;
  readonly people: People;
  readonly verifier: TokenVerifier;
  readonly options: IssuerOptions;
  readonly events: IssuerEvent[];
  readonly refusals: TokenRefusal[];
  readonly logLines: string[];
  now(): number;
  advance(ms: number): void;
  /** A person with a role in the workspace, signed in at a browser of their own. */
  person(role: Role): Promise<Person>;
  /** An agent with a secret. */
  agent(scopes: string): Promise<Secret>;
  post(form: Record<string, string> | string, headers?: Record<string, string>, path?: string): Promise<Answer>;
  /** An access token by `client_secret_post`. */
  token(agent: Secret, form?: Record<string, string>): Promise<string>;
}

export interface Person {
  readonly accountId: string;
  readonly visitor: Visitor;
}

export const WORKSPACE = "wks_test";

export async function startIssuer(t: Pick<TestContext, "after">, more: Partial<IssuerOptions> = {}): Promise<TestIssuer> {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-issuer-"));
  const store = await openStore({ dataDir });
  await store.migrate([]);
  await store.db.insertInto("workspace").values({ id: WORKSPACE, name: "Test", created_at: 1 }).execute();
  const http = createServer((req, res) => void serve(req, res));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const resource = `${origin}/mcp`;

  let ahead = 0;
  let count = 0;
  const events: IssuerEvent[] = [];
  const refusals: TokenRefusal[] = [];
  const logLines: string[] = [];
  const masterKey = randomBytes(32);
  const options: IssuerOptions = {
    issuer: origin,
    resource,
    store,
    scopes: SCOPES,
    masterKey,
    now: () => Date.now() + ahead,
    accessTokenTtlSeconds: 900,
    keyRotationDays: 90,
    refresh: { graceSeconds: 60, idleSeconds: 14 * 86_400, maxSeconds: 90 * 86_400 },
    registration: { isEnabled: true, maxClients: 1000 },
    selfRegisteredScopes: undefined,
    enterprise: undefined,
    fetch: createGuardedFetch(),
    toolsOf: () => [],
    problemPage: (problem) => problemPage("Remit", problem),
    sweep: () => people.sweep(),
    revoke: (kind, value) => verifier.revoke(kind, value),
    async verifyAccessToken(token) {
      const verified = await verifier.verify(token);
      return isRefusal(verified) ? undefined : verified;
    },
    onEvent: async (event) => void events.push(event),
    onRefusal: (refusal) => void refusals.push(refusal),
    log: pino({ level: "trace" }, { write: (line: string) => void logLines.push(line) }),
    ...more,
  };
  const issuer = await createIssuer(options);
  const people = createPeople({ ...options, url: origin, external: undefined });
  const pages = createPages({
    ...options,
    url: origin,
    issuerName: "Test",
    people,
    authorizations: issuer.authorizations,
    ...NO_APPROVALS,
  });

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (!(await pages.handle(req, res))) await issuer.handle(req, res);
  }

  const verifier = await createTokenVerifier({
    issuer: origin,
    resource,
    store,
    scopes: SCOPES,
    now: options.now,
    log: createLog("silent"),
  });
  t.after(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    verifier.close();
    await issuer.close();
    await store.close();
    await rm(dataDir, { recursive: true });
  });

  async function post(form: Record<string, string> | string, headers: Record<string, string> = {}, path = "/token"): Promise<Answer> {
    const body = typeof form === "string" ? form : new URLSearchParams(form).toString();
    const response = await fetch(origin + path, {
      method: "POST",
      body,
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: JSON.parse(text) as Record<string, unknown> };
  }

  return {
    origin,
    resource,
    store,
    masterKey,
    issuer,
    people,
    verifier,
    options,
    events,
    refusals,
    logLines,
    post,
    now: options.now,
    advance: (ms) => (ahead += ms),
    async person(role) {
      const made = await people.createAccount({ email: `${role}-${++count}@example.com`, name: `The ${role}` });
      if ("problems" in made) throw new Error(made.problems.join("; "));
      const { accountId } = made;
      const member = { id: `mem_${count}`, workspace_id: WORKSPACE, account_id: accountId, role, created_at: 1 };
      await store.db.insertInto("member").values(member).execute();
      const secret = await people.createSignInLink(accountId);
      return { accountId, visitor: await signInByLink(origin, `/sign-in/link?secret=${secret}`) };
    },
    async agent(scopes) {
      const made = await issuer.createAgent({ name: "Test agent", workspaceId: WORKSPACE, scopes: scopes.split(" ") });
      if ("problems" in made) throw new Error(made.problems.join("; "));
      return { clientId: made.clientId, clientSecret: made.clientSecret ?? "" };
    },
    async token({ clientId, clientSecret }, form = {}) {
      const { status, json, text } = await post({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
        ...form,
      });
      if (status !== 200) throw new Error(text);
      return String(json.access_token);
    },
  };
}

/** `Basic …` with both parts form-encoded (RFC 6749 §2.3.1). */
export function basic({ clientId, clientSecret }: Secret): Record<string, string> {
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

export function decode(token: string): { readonly header: Record<string, unknown>; readonly claims: Record<string, unknown> } {
  const [header = "", claims = ""] = token.split(".").map((part) => Buffer.from(part, "base64url").toString());
  return { header: JSON.parse(header) as Record<string, unknown>, claims: JSON.parse(claims) as Record<string, unknown> };
}

export type Signer = (header: unknown, claims: unknown) => string;

/** Signs whatever it is given with the issuer's own active key. Texts are taken as they are, other values as JSON. */
export async function activeSigner({ store, masterKey }: TestIssuer): Promise<Signer> {
  const row = (await store.signingKeys.list()).find((key) => key.state === "active");
  if (row === undefined) throw new Error("no active key");
  const jwk = JSON.parse(unseal(deriveKey(masterKey, "signing-key"), row.sealed_private_jwk, `signing-key ${row.kid}`)) as JsonWebKey;
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  return (header, claims) => {
    const input = `${encodePart(header)}.${encodePart(claims)}`;
    return `${input}.${sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  };
}

export function encodePart(part: unknown): string {
  return Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
}

/** The reason of a refusal, or the token. */
export async function outcome(result: VerifiedToken | Refusal | Promise<VerifiedToken | Refusal>): Promise<VerifiedToken | string> {
  const settled = await result;
  return isRefusal(settled) ? settled.refused : settled;
}

/** Pages where nothing ever waits for approval. */
export const NO_APPROVALS = {
  approvals: { view: async () => undefined, queue: async () => [], decide: async () => ({ problem: "There is no such request." }) },
};
