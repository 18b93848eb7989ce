/** What an operator may do to a running server, each act on record before it is reported as done. */
import type { Kysely } from "kysely";
import { createPolicyActs, type PolicyActsDeps, type PolicyOperator } from "./call/index.ts";
import type { EventRecorder } from "./event-records.ts";
import type { Clock } from "./lib/clock.ts";
import type { Issuer, People, TokenVerifier, Upstreams } from "./oauth/index.ts";
import type { AccountRow, ClientRow, CoreTables, GrantRow, MemberRow, Store } from "./store/index.ts";

/** An agent to be made. */
export interface NewAgent {
  readonly name: string;
  /** What it may be granted at most. */
  readonly scopes: readonly string[];
  /** May be left out while there is one workspace. */
  readonly workspaceId?: string | undefined;
  /** A JWK Set of public keys, for `private_key_jwt`; a secret is made without it. */
  readonly jwks?: unknown;
  /** Where people who let it in are sent back to; without them it acts for itself only. */
  readonly redirectUris?: readonly string[] | undefined;
  /** Lets it introspect every token of this server (RFC 7662), as another resource server does. */
  readonly mayIntrospect?: boolean | undefined;
  /** How it is told that it needs another scope: by a 403 (`http`, the default), or by a result that its model reads (`in_band`). */
  readonly challenge?: ClientRow["challenge"] | undefined;
}

/** The credentials of a new agent; the secret exists nowhere else. */
export interface AgentCredentials {
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Space-separated. */
  readonly scope: string;
}

/** What kept an act from being done, a sentence each. */
export interface Problems {
  readonly problems: readonly string[];
}

/** A person to be made, with a place in a workspace. */
export interface NewPerson {
  readonly email: string;
  readonly name: string;
  readonly role: MemberRow["role"];
  /** May be left out while there is one workspace. */
  readonly workspaceId?: string | undefined;
}

export type AgentInfo = Pick<
  ClientRow,
  "id" | "kind" | "name" | "auth_method" | "scopes" | "challenge" | "created_at" | "used_at" | "disabled_at"
>;
export type GrantInfo = Pick<GrantRow, "id" | "kind" | "client_id" | "subject" | "scopes" | "created_at" | "expires_at">;
export type PersonInfo = Pick<AccountRow, "id" | "email" | "name" | "created_at" | "disabled_at">;

export interface Operator extends PolicyOperator {
  /** The credentials, or what is wrong with the request, a sentence each. */
  createAgent(agent: NewAgent): Promise<AgentCredentials | Problems>;
  listAgents(): Promise<readonly AgentInfo[]>;
  /** Its tokens are refused from now on, also those that live. */
  disableAgent(clientId: string): Promise<true | Problems>;
  /** It may ask for tokens again; those that it had stay refused, and people let it in anew. */
  enableAgent(clientId: string): Promise<true | Problems>;
  /** How a client is told from now on that a tool needs a scope that it lacks. */
  setChallenge(clientId: string, challenge: ClientRow["challenge"]): Promise<true | Problems>;
  /** An access token for an agent that an operator made, of at most an hour. */
  issueToken(request: {
    readonly clientId: string;
    readonly scope?: string | undefined;
    readonly ttlSeconds?: number | undefined;
  }): Promise<{ readonly token: string; readonly scope: string; readonly expiresInSeconds: number } | Problems>;
  /** Ends an access token. */
  revokeToken(token: string): Promise<true | Problems>;
  /** Live grants, newest first. */
  listGrants(): Promise<readonly GrantInfo[]>;
  /** Ends a grant, all tokens of it and all that was narrowed from it. */
  revokeGrant(grantId: string): Promise<true | Problems>;
  createPerson(person: NewPerson): Promise<{ readonly accountId: string } | Problems>;
  listPeople(): Promise<readonly PersonInfo[]>;
  /** Ends the person's sessions and everything that acts for them. */
  disablePerson(email: string): Promise<true | Problems>;
  /** The person may sign in again; sessions and tokens that had ended stay ended. */
  enablePerson(email: string): Promise<true | Problems>;
  /** A one-time link that signs the person in. */
  createSignInLink(email: string): Promise<{ readonly url: string } | Problems>;
  setPassword(email: string, password: string): Promise<true | Problems>;
  /** Stores the secret with which the tools of a workspace reach an upstream of kind `vault`. */
  setUpstreamSecret(request: {
    readonly name: string;
    readonly secret: string;
    readonly workspaceId?: string | undefined;
  }): Promise<true | Problems>;
  /** Lets the next signing key take over. */
  rotateKeys(): Promise<void>;
  /** Fills an empty store. Undefined, with nothing done, when there is a workspace already. */
  seed<R>(fill: (db: Kysely<CoreTables>, now: number) => Promise<R>): Promise<R | undefined>;
}

export interface OperatorDeps {
  readonly url: string;
  readonly store: Store;
  readonly issuer: Issuer;
  readonly people: People;
  readonly upstreams: Pick<Upstreams, "store">;
  readonly verifier: Pick<TokenVerifier, "revoke" | "verify" | "refresh">;
  readonly policies: PolicyActsDeps["policies"];
  readonly tools: PolicyActsDeps["tools"];
  readonly now: Clock;
  readonly record: EventRecorder;
}

export function createOperator(deps: OperatorDeps): Operator {
  const policyActs = createPolicyActs({ ...deps, chooseWorkspace: (given) => chooseWorkspace(deps.store, given) });
  return { ...agentActs(deps), ...tokenActs(deps), ...peopleActs(deps), ...serverActs(deps), ...policyActs };
}

type Acts<K extends keyof Operator> = Pick<Operator, K>;

function agentActs(deps: OperatorDeps): Acts<"createAgent" | "listAgents" | "disableAgent" | "enableAgent" | "setChallenge"> {
  const { store, issuer, verifier, now, record } = deps;
  return {
    async createAgent({ workspaceId, ...agent }) {
      const chosen = await chooseWorkspace(store, workspaceId);
      if (chosen === undefined) return NO_WORKSPACE;
      const { redirectUris, mayIntrospect, challenge, ...rest } = agent;
      return issuer.createAgent({
        ...rest,
        workspaceId: chosen,
        ...(redirectUris === undefined ? {} : { redirectUris }),
        ...(mayIntrospect === undefined ? {} : { mayIntrospect }),
        ...(challenge === undefined ? {} : { challenge }),
      });
    },
    async listAgents() {
      const rows = await store.clients.list();
      return rows.map(({ id, kind, name, auth_method, scopes, challenge, created_at, used_at, disabled_at }) => {
        return { id, kind, name, auth_method, scopes, challenge, created_at, used_at, disabled_at };
      });
    },
    async disableAgent(clientId) {
      const client = await store.clients.find(clientId);
      if (client === undefined) return problem(`there is no agent ${JSON.stringify(clientId)}; remit agent list shows their ids`);
      if (client.disabled_at !== null) return problem("this agent is disabled already");
      await record({ event: "agent.disabled", agent: clientId, workspace: client.workspace_id });
      await store.clients.disable(clientId, now());
      await verifier.revoke("client", clientId);
      return true;
    },
    async enableAgent(clientId) {
      const client = await store.clients.find(clientId);
      if (client === undefined) return problem(`there is no agent ${JSON.stringify(clientId)}; remit agent list shows their ids`);
      if (client.disabled_at === null) return problem("this agent is not disabled");
      await record({ event: "agent.enabled", agent: clientId, workspace: client.workspace_id });
      await store.clients.enable(clientId);
      return true;
    },
    async setChallenge(clientId, challenge) {
      const client = await store.clients.find(clientId);
      if (client === undefined) return problem(`there is no agent ${JSON.stringify(clientId)}; remit agent list shows their ids`);
      if (client.challenge === challenge) return true;
      await record({ event: "agent.challenge_set", agent: clientId, workspace: client.workspace_id, challenge });
      await store.clients.setChallenge(clientId, challenge);
      await verifier.refresh();
      return true;
    },
  };
}

const MAX_TTL_SECONDS = 3600;

function tokenActs({
  store,
  issuer,
  verifier,
  now,
  record,
}: OperatorDeps): Acts<"issueToken" | "revokeToken" | "listGrants" | "revokeGrant"> {
  return {
    async issueToken({ clientId, scope, ttlSeconds = MAX_TTL_SECONDS }) {
      if (ttlSeconds < 1 || ttlSeconds > MAX_TTL_SECONDS) return problem(`a token may live 1 to ${MAX_TTL_SECONDS} seconds`);
      const client = await store.clients.find(clientId);
      if (client === undefined || client.disabled_at !== null)
        return problem(`there is no agent ${JSON.stringify(clientId)} that is not disabled; remit agent list shows them`);
      return issuer.issueToken({ client, scope, ttlSeconds });
    },
    async revokeToken(token) {
      const verified = await verifier.verify(token);
      if ("refused" in verified) return problem("this is no live access token of this server; nothing was done");
      await record({ event: "token.revoked", agent: verified.clientId, grant: verified.grantId, token: verified.tokenId, by: "operator" });
      await verifier.revoke("token", verified.tokenId);
      return true;
    },
    listGrants: () =>
      store.db
        .selectFrom("access_grant")
        .select(["id", "kind", "client_id", "subject", "scopes", "created_at", "expires_at"])
        .where("revoked_at", "is", null)
        .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now())]))
        .orderBy("created_at", "desc")
        .orderBy("id")
        .execute(),
    async revokeGrant(grantId) {
      const grant = await store.grants.find(grantId);
      if (grant === undefined) return problem(`there is no grant ${JSON.stringify(grantId)}; remit grant list shows their ids`);
      if (grant.revoked_at !== null) return problem("this grant is revoked already");
      await record({ event: "grant.revoked", agent: grant.client_id, grant: grantId, workspace: grant.workspace_id, by: "operator" });
      await verifier.revoke("grant", grantId);
      return true;
    },
  };
}

function peopleActs(
  deps: OperatorDeps,
): Acts<"createPerson" | "listPeople" | "disablePerson" | "enablePerson" | "createSignInLink" | "setPassword"> {
  const { url, store, people, verifier, now, record } = deps;
  return {
    async createPerson({ email, name, role, workspaceId }) {
      const chosen = await chooseWorkspace(store, workspaceId);
      if (chosen === undefined) return NO_WORKSPACE;
      const created = await people.createAccount({ email, name });
      if ("problems" in created) return created;
      const id = `mem_${created.accountId.slice(created.accountId.indexOf("_") + 1)}`;
      await record({ event: "member.added", subject: created.accountId, workspace: chosen, role });
      await store.db
        .insertInto("member")
        .values({ id, workspace_id: chosen, account_id: created.accountId, role, created_at: now() })
        .execute();
      return created;
    },
    async listPeople() {
      const rows = await people.listAccounts();
      return rows.map(({ id, email, name, created_at, disabled_at }) => ({ id, email, name, created_at, disabled_at }));
    },
    async disablePerson(email) {
      const account = await findPerson(people, email);
      if (account === undefined || !(await people.disableAccount(account.id))) return noPerson(email);
      await verifier.revoke("subject", account.id);
      return true;
    },
    async enablePerson(email) {
      const wanted = email.trim().toLowerCase();
      const account = (await people.listAccounts()).find((each) => each.email === wanted);
      if (account === undefined || !(await people.enableAccount(account.id)))
        return problem(`there is nobody with the email ${JSON.stringify(email)} who is disabled; remit account list shows them`);
      return true;
    },
    async createSignInLink(email) {
      const account = await findPerson(people, email);
      const secret = account === undefined ? undefined : await people.createSignInLink(account.id);
      return secret === undefined ? noPerson(email) : { url: `${url}/sign-in/link?secret=${secret}` };
    },
    async setPassword(email, password) {
      const account = await findPerson(people, email);
      if (account === undefined) return noPerson(email);
      const problems = await people.setPassword(account.id, password);
      return problems.length === 0 ? true : { problems };
    },
  };
}

function serverActs({ store, issuer, upstreams, now, record }: OperatorDeps): Acts<"setUpstreamSecret" | "rotateKeys" | "seed"> {
  return {
    async setUpstreamSecret({ name, secret, workspaceId }) {
      const chosen = await chooseWorkspace(store, workspaceId);
      if (chosen === undefined) return NO_WORKSPACE;
      const found = await upstreams.store(name, secret, chosen);
      return found === undefined ? true : problem(found);
    },
    rotateKeys: () => issuer.rotateKeys(),
    async seed(fill) {
      const first = await store.db.selectFrom("workspace").select("id").limit(1).executeTakeFirst();
      if (first !== undefined) return undefined;
      const filled = await fill(store.db, now());
      await record({ event: "workspace.seeded" });
      return filled;
    },
  };
}

const NO_WORKSPACE: Problems = { problems: ["say which workspace it belongs to; there is none, or more than one"] };

function problem(text: string): Problems {
  return { problems: [text] };
}

function noPerson(email: string): Problems {
  return problem(`there is nobody with the email ${JSON.stringify(email)} who is not disabled; remit account list shows them`);
}

async function findPerson(people: People, email: string): Promise<AccountRow | undefined> {
  const wanted = email.trim().toLowerCase();
  return (await people.listAccounts()).find((account) => account.email === wanted && account.disabled_at === null);
}

async function chooseWorkspace({ db }: Store, given: string | undefined): Promise<string | undefined> {
  if (given !== undefined) return given;
  const workspaces = await db.selectFrom("workspace").select("id").limit(2).execute();
  return workspaces.length === 1 ? workspaces[0]?.id : undefined;
}
