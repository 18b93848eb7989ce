/** What an operator may do to a running server, each act on record before it is reported as done. */
import type { Kysely } from "kysely";
import type { Ledger } from "./audit/index.ts";
import type { Clock } from "./lib/clock.ts";
import type { EventSink, Issuer } from "./oauth/index.ts";
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

/** Something that happened and belongs on record. Members must hold no secret. */
export interface OperatorEvent {
  readonly event: string;
  readonly [member: string]: unknown;
}

export function createEventRecorder(ledger: Ledger, now: Clock): (event: OperatorEvent) => Promise<void> {
  return (event) => ledger.append({ kind: "event", ref: null, body: JSON.stringify({ v: 1, kind: "event", at: now(), ...event }) });
}

/** Puts on record what the issuer does, in the words that all records use. */
export function createIssuerRecorder(record: (event: OperatorEvent) => Promise<void>): EventSink {
  return (event) => {
    switch (event.event) {
      case "token_issued": {
        const { clientId, grantId, workspaceId, tokenId, scope, expiresAt } = event;
        const members = {
          agent: clientId,
          grant: grantId,
          workspace: workspaceId,
          token: tokenId,
          scopes: scope.split(" "),
          expires_at: expiresAt,
        };
        return record({ event: "token.issued", ...members });
      }
      case "agent_created": {
        const { clientId, grantId, workspaceId, name, scope, authMethod } = event;
        const members = {
          agent: clientId,
          grant: grantId,
          workspace: workspaceId,
          name,
          scopes: scope.split(" "),
          auth_method: authMethod,
        };
        return record({ event: "agent.created", ...members });
      }
      case "keys_rotated":
        return record({ event: "keys.rotated", active: event.activeKid, pending: event.pendingKid });
      default:
        return event satisfies never;
    }
  };
}

interface OperatorDeps {
  readonly store: Store;
  readonly issuer: Issuer;
  readonly now: Clock;
  record(event: OperatorEvent): Promise<void>;
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
