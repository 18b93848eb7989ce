/** What an operator may do to a running server, each act on record before it is reported as done. */
import type { Kysely } from "kysely";
import type {
  ExplainDeps,
  ExplainOperator,
  FailureActsDeps,
  FailureOperator,
  KillActsDeps,
  KillOperator,
  PolicyActsDeps,
  PolicyOperator,
} from "../../call/index.ts";
import type { Checkpoints, Connections, ConnectionView, Retention, UsageActsDeps, UsageOperator } from "../../audit/index.ts";
import type { EventRecorder } from "../event-records.ts";
import type { Health, HealthCheck } from "../health/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Issuer, People, TokenVerifier, Upstreams } from "../../oauth/index.ts";
import type { AccountRow, ClientRow, CoreTables, GrantRow, MemberRow, Store } from "../../store/index.ts";

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
  /** Email or account id of the person who makes it: that person alone cannot approve its calls. */
  readonly createdBy?: string | undefined;
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

export interface Operator extends PolicyOperator, ExplainOperator, FailureOperator, KillOperator, UsageOperator {
  /** The credentials, or what is wrong with the request, a sentence each. */
  createAgent(agent: NewAgent): Promise<AgentCredentials | Problems>;
  listAgents(): Promise<readonly AgentInfo[]>;
  /** Its tokens are refused from now on, also those that live. `by` is the account of the person who does it at the console. */
  disableAgent(clientId: string, by?: string): Promise<true | Problems>;
  /** It may ask for tokens again; those that it had stay refused, and people let it in anew. */
  enableAgent(clientId: string, by?: string): Promise<true | Problems>;
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
  revokeGrant(grantId: string, by?: string): Promise<true | Problems>;
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
  /** The public key of the ledger's checkpoints, `NAME+HASH+KEY` (C2SP signed-note). */
  ledgerKey(): string;
  /** Signs what is on record now. */
  signLedger(): Promise<void>;
  /** Removes the text of the records that are older than so many days (at least 1). The range of them; undefined when there are none. */
  pruneLedger(days: number): Promise<{ readonly from: number; readonly through: number } | undefined | Problems>;
  /** How each part of the server is, in the order in which what is wrong should be mended. Never rejects. */
  checkHealth(): Promise<readonly HealthCheck[]>;
  /** How clients came to be connected, or did not; the newest first. */
  listConnections(limit: number): Promise<readonly ConnectionView[]>;
  findConnection(id: string): Promise<ConnectionView | undefined>;
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
  readonly records: KillActsDeps["records"];
  readonly retention: Pick<Retention, "prune">;
  readonly connections: Pick<Connections, "list" | "find">;
  readonly checkpoints: Pick<Checkpoints, "verifierKey" | "sign">;
  readonly endWatch: KillActsDeps["endWatch"];
  readonly tools: PolicyActsDeps["tools"];
  readonly explaining: ExplainDeps;
  readonly failing: FailureActsDeps;
  readonly usage: UsageActsDeps["usage"];
  readonly health: Pick<Health, "check">;
  readonly now: Clock;
  readonly record: EventRecorder;
}

export type Acts<K extends keyof Operator> = Pick<Operator, K>;
