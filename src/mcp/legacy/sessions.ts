import type { Change, Changes, Principal } from "../../call/index.ts";
import type { Clock } from "../../lib/clock.ts";
import { createId } from "../../lib/id.ts";
import { sha256Hex } from "../../lib/secret.ts";
import type { McpSessionRow, SessionStore } from "../../store/index.ts";
import type { RequestId } from "../wire.ts";
import type { Events, StoredOutlet } from "./outlet.ts";

/** What client and server agreed on in `initialize`. */
export interface Agreed {
  readonly protocol: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly client: string | undefined;
}

/** What is remembered from one message of a client to the next. Whoever holds one was compared with its principal. */
export interface Session {
  /** Undefined until `initialize` was answered. */
  agreed: Agreed | undefined;
  readonly logLevel: string | undefined;
  setLogLevel(level: string): Promise<void>;
  /** URIs of resources whose updates the client wants. */
  readonly subscriptions: ReadonlySet<string>;
  subscribe(uri: string): Promise<void>;
  unsubscribe(uri: string): Promise<void>;
  /** How to cancel the calls under way, by the ids of their requests. */
  readonly calls: Map<RequestId, () => void>;
  /** Who waits for the client's answer to a request of the server; undefined is an answer that is an error. */
  readonly asked: Map<RequestId, (result: unknown) => void>;
}

/** A session whose state is in the store, as the revisions with Streamable HTTP have it. */
export interface StoredSession extends Session {
  /** SHA-256 of its id. */
  readonly hash: string;
  /** Streams that are written in this process. */
  readonly outlets: Map<string, StoredOutlet>;
  /** The stream for what belongs to no request; made when the client first asks for it. */
  standalone(): Promise<StoredOutlet>;
}

export interface Sessions {
  /** A new session, stored, with the id that only its client is told. */
  create(principal: Principal, agreed: Agreed): Promise<{ readonly id: string; readonly session: StoredSession }>;
  /** The session of this id, when it is this principal's; another's is as unknown as one that never was. */
  find(id: string, principal: Principal): Promise<StoredSession | undefined>;
  end(session: StoredSession): Promise<void>;
  sweep(): Promise<void>;
  close(): void;
}

export interface SessionDeps {
  readonly store: SessionStore;
  readonly events: Events;
  readonly changes: Changes;
  readonly now: Clock;
  /** Canonical URL of the protected resource. */
  readonly resource: string;
  /** Whether a principal may have news of this resource. */
  readonly mayRead: (principal: Principal, uri: string) => boolean;
}

export const STANDALONE = "get";
const MAX_SESSIONS_OF_PRINCIPAL = 100;
/** A session that was not used for so long ends. */
const IDLE_MS = 24 * 3_600_000;
/** How long a client that lost its connection may take to come back. */
const EVENT_LIFE_MS = 3_600_000;
/** The time of last use is written no more often than this. */
const TOUCH_MS = 60_000;
const SWEEP_MS = 300_000;

export function createSessions(deps: SessionDeps): Sessions {
  const { store, now, resource } = deps;
  const live = new Map<string, Live>();
  const timer = setInterval(() => void sweep().catch(() => undefined), SWEEP_MS).unref();

  function forget(hash: string): void {
    live.get(hash)?.close();
    live.delete(hash);
  }

  async function sweep(): Promise<void> {
    const time = now();
    await store.sweep({ unusedSince: time - IDLE_MS, eventsBefore: time - EVENT_LIFE_MS });
    for (const [hash, { session, usedAt }] of live) {
      if (usedAt < time - EVENT_LIFE_MS && session.calls.size === 0) forget(hash);
    }
  }

  function open(row: McpSessionRow, principal: Principal): Live {
    let known = live.get(row.id_hash);
    if (known === undefined) live.set(row.id_hash, (known = createLive(deps, row, principal)));
    known.principal = principal;
    return known;
  }

  return {
    async create(principal, { protocol, capabilities, client }) {
      const id = createId("mcp");
      const { workspaceId, clientId, subject } = principal.caller;
      const row: McpSessionRow = {
        id_hash: sha256Hex(id),
        workspace_id: workspaceId,
        client_id: clientId,
        subject,
        resource: placeOf(principal, resource),
        protocol,
        capabilities: JSON.stringify(capabilities),
        client: client ?? "",
        log_level: null,
        subscriptions: "[]",
        created_at: now(),
        used_at: now(),
      };
      for (const gone of await store.create(row, MAX_SESSIONS_OF_PRINCIPAL)) forget(gone);
      return { id, session: open(row, principal).session };
    },
    async find(id, principal) {
      const row = await store.find(sha256Hex(id));
      if (row === undefined || !isOf(row, principal, resource)) return undefined;
      const time = now();
      if (time - row.used_at > IDLE_MS) return undefined;
      const found = open(row, principal);
      found.usedAt = time;
      if (time - row.used_at > TOUCH_MS) await store.update(row.id_hash, { used_at: time });
      return found.session;
    },
    async end({ hash }) {
      await store.delete(hash);
      forget(hash);
    },
    sweep,
    // Calls under way still end; what is stored of a session outlives this process.
    close: () => clearInterval(timer),
  };
}

function isOf(row: McpSessionRow, principal: Principal, resource: string): boolean {
  const { caller } = principal;
  const isSame = row.workspace_id === caller.workspaceId && row.client_id === caller.clientId && row.subject === caller.subject;
  return isSame && row.resource === placeOf(principal, resource);
}

/** What a session is bound to: who opened one by a narrowed address goes on by that address. */
function placeOf({ narrowing }: Principal, resource: string): string {
  return `${resource}${narrowing.search}`;
}

/** The part of a session that is in this process. */
interface Live {
  readonly session: StoredSession;
  /** As it came last. */
  principal: Principal;
  usedAt: number;
  close(): void;
}

function createLive(deps: SessionDeps, row: McpSessionRow, principal: Principal): Live {
  const { store, events, changes, now } = deps;
  const hash = row.id_hash;
  const subscriptions = new Set(JSON.parse(row.subscriptions) as string[]);
  const outlets = new Map<string, StoredOutlet>();
  let logLevel = row.log_level ?? undefined;
  let standalone: Promise<StoredOutlet> | undefined;
  let unsubscribe: (() => void) | undefined;

  async function openStandalone(): Promise<StoredOutlet> {
    const place = { session: hash, stream: STANDALONE };
    const outlet = events.open(place, (await events.last(place)) ?? -1);
    outlets.set(STANDALONE, outlet);
    unsubscribe = changes.subscribe((change) => {
      const json = newsOf(change, (uri) => subscriptions.has(uri) && deps.mayRead(live.principal, uri));
      if (json !== undefined) outlet.send(json).catch(() => undefined);
    });
    return outlet;
  }

  const session: StoredSession = {
    hash,
    agreed: {
      protocol: row.protocol,
      capabilities: JSON.parse(row.capabilities) as Record<string, unknown>,
      client: row.client === "" ? undefined : row.client,
    },
    get logLevel() {
      return logLevel;
    },
    async setLogLevel(level) {
      logLevel = level;
      await store.update(hash, { log_level: level });
    },
    subscriptions,
    async subscribe(uri) {
      subscriptions.add(uri);
      await store.update(hash, { subscriptions: JSON.stringify([...subscriptions]) });
    },
    async unsubscribe(uri) {
      if (subscriptions.delete(uri)) await store.update(hash, { subscriptions: JSON.stringify([...subscriptions]) });
    },
    calls: new Map(),
    asked: new Map(),
    outlets,
    standalone: () => (standalone ??= openStandalone()),
  };
  const live: Live = {
    session,
    principal,
    usedAt: now(),
    close() {
      unsubscribe?.();
      abandon(session);
      for (const outlet of outlets.values()) void outlet.end();
    },
  };
  return live;
}

/** A session that lives as long as its connection. */
export function createSession(): Session {
  const subscriptions = new Set<string>();
  let logLevel: string | undefined;
  return {
    agreed: undefined,
    get logLevel() {
      return logLevel;
    },
    async setLogLevel(level) {
      logLevel = level;
    },
    subscriptions,
    async subscribe(uri) {
      subscriptions.add(uri);
    },
    async unsubscribe(uri) {
      subscriptions.delete(uri);
    },
    calls: new Map(),
    asked: new Map(),
  };
}

/** Ends what waits for a client that is gone. */
export function abandon({ calls, asked }: Session): void {
  for (const cancel of calls.values()) cancel();
  for (const settle of asked.values()) settle(undefined);
}

export function listChanged(list: Extract<Change, string>): string {
  return JSON.stringify({ jsonrpc: "2.0", method: `notifications/${list}/list_changed` });
}

/** A change as a notification; undefined for a resource whose updates are not wanted. */
export function newsOf(change: Change, wants: (uri: string) => boolean): string | undefined {
  if (typeof change === "string") return listChanged(change);
  if (!("resource" in change) || !wants(change.resource)) return undefined;
  return JSON.stringify({ jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri: change.resource } });
}
