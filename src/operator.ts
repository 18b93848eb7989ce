/** What an operator may do to a running server, each act on record before it is reported as done. */
import type { Kysely } from "kysely";
import type { EventRecorder } from "./event-records.ts";
import type { Clock } from "./lib/clock.ts";
import type { Issuer } from "./oauth/index.ts";
import type { CoreTables, Store } from "./store/index.ts";

/** An agent to be made. */
export interface NewAgent {
  readonly name: string;
  /** What it may be granted at most. */
  readonly scopes: readonly string[];
  /** May be left out while there is one workspace. */
  readonly workspaceId?: string | undefined;
  /** A JWK Set of public keys, for `private_key_jwt`; a secret is made without it. */
  readonly jwks?: unknown;
}

/** The credentials of a new agent; the secret exists nowhere else. */
export interface AgentCredentials {
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Space-separated. */
  readonly scope: string;
}

export interface Operator {
  /** The credentials, or what is wrong with the request, a sentence each. */
  createAgent(agent: NewAgent): Promise<AgentCredentials | { readonly problems: readonly string[] }>;
  /** Lets the next signing key take over. */
  rotateKeys(): Promise<void>;
  /** Fills an empty store. Undefined, with nothing done, when there is a workspace already. */
  seed<R>(fill: (db: Kysely<CoreTables>, now: number) => Promise<R>): Promise<R | undefined>;
}

interface OperatorDeps {
  readonly store: Store;
  readonly issuer: Issuer;
  readonly now: Clock;
  readonly record: EventRecorder;
}

export function createOperator({ store, issuer, now, record }: OperatorDeps): Operator {
  return {
    async createAgent({ name, scopes, workspaceId, jwks }) {
      const workspaces = await store.db.selectFrom("workspace").select("id").limit(2).execute();
      const chosen = workspaceId ?? (workspaces.length === 1 ? workspaces[0]?.id : undefined);
      if (chosen === undefined) return { problems: ["say which workspace the agent belongs to; there is none, or more than one"] };
      return issuer.createAgent({ name, scopes, workspaceId: chosen, jwks });
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
