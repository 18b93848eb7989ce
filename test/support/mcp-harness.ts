import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { openLedger, type Ledger } from "../../src/audit/index.ts";
import { createCallPath, type Principal } from "../../src/call/index.ts";
import { principalOf } from "../../src/call/principal.ts";
import { createLog } from "../../src/lib/log.ts";
import { createMcp, type Exchange } from "../../src/mcp/index.ts";
import { createChallenges } from "../../src/oauth/index.ts";
import { openStore } from "../../src/store/index.ts";
import { createRegistry, type Surface } from "../../src/tool/index.ts";
import { SQLITE } from "../store/support/engines.ts";
import { createExchange, UNHELD } from "./exchange.ts";
import { watchFacts } from "../audit/support/watch-facts.ts";

export const RESOURCE = "http://127.0.0.1:3000/mcp";
export const INSTRUCTIONS = "Read the notes before you write one.";
export const SERVER_INFO = { name: "notes", title: "Notes", version: "3.1.4" };

/** Who sends, and how. */
export interface Sender {
  /** Space-separated. */
  readonly scope: string;
  readonly clientId?: string;
  /** The MCP-Protocol-Version header. */
  readonly version?: string;
  /** By default both forms, as clients must. */
  readonly accept?: string;
  /** Further headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The MCP side over a real data path, store and ledger: callers are given, not authenticated, and there is no HTTP. */
export interface McpHarness {
  /** The response to one POST; it may still be going on. */
  post(sender: Sender, message: unknown): Promise<Response>;
  /** The response to a GET or DELETE of the endpoint. */
  send(method: "GET" | "DELETE", sender: Sender): Promise<Response>;
  /** Everything on record, oldest first. */
  records(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** `around` may stand between the data path and the ledger. Everything is closed and removed when the test ends. */
export async function createMcpHarness(
  t: Pick<TestContext, "after">,
  surface: Surface,
  around: (ledger: Ledger) => Ledger = (ledger) => ledger,
): Promise<McpHarness> {
  const place = await SQLITE.createPlace();
  const store = await openStore(place.options);
  const registry = createRegistry(surface);
  await store.migrate(registry.tables);
  const ledgerStore = await store.openLedger();
  const ledger = await openLedger(ledgerStore);
  const checkFacts = watchFacts(ledger);
  const now = () => Date.UTC(2026, 7, 1);
  const path = createCallPath({
    ...UNHELD,
    registry,
    ledger: around(ledger),
    store,
    outside: { url: "http://127.0.0.1", fetch: () => Promise.reject(new Error("nothing outside")), mail: async () => false },
    evidence: () => assert.fail("no evidence here"),
    upstreams: { issue: (name) => Promise.reject(new Error(`there is no upstream ${name}`)) },
    challenges: createChallenges({ resource: RESOURCE, baseline: registry.scopes.baseline }),
    log: createLog("silent"),
    now,
    cursorKey: Buffer.alloc(32, 1),
    stateKey: Buffer.alloc(32, 2),
    taskKey: Buffer.alloc(32, 4),
    nodeId: "main",
    ratePerSecond: 1_000_000,
    rateBurst: 1_000_000,
  });
  const identity = { url: new URL(RESOURCE).origin, serverInfo: SERVER_INFO, instructions: INSTRUCTIONS, hasLogging: true };
  const verifier = { isValid: () => true };
  const mcp = createMcp({
    path,
    registry,
    now,
    identity,
    verifier,
    cursorKey: Buffer.alloc(32, 3),
    resource: RESOURCE,
    sessions: store.sessions,
    streamMs: 60_000,
    sessionKey: Buffer.alloc(32, 4),
  });
  const handling = new Set<Promise<void>>();
  const bodies = new Set<ReadableStream>();
  t.after(async () => {
    mcp.close();
    // A stream that a test did not read would hold up its sender for ever.
    await Promise.all([...bodies].filter(({ locked }) => !locked).map((body) => body.cancel()));
    await Promise.allSettled(handling);
    await path.close(1000);
    await ledger.close();
    await store.close();
    await place.remove();
    checkFacts();
  });

  const principals = new Map<string, Principal>();
  /** One for each token, as behind the gate. */
  function principal({ scope, clientId = "agt_test" }: Sender): Principal {
    const key = `${clientId} ${scope}`;
    const known = principals.get(key);
    if (known !== undefined) return known;
    const token = { tokenId: "tok_test", clientId, subject: clientId, grantId: "gra_test", workspaceId: "wks_test" };
    const made = principalOf({ ...token, scopes: registry.scopes.parse(scope), issuedAt: now(), expiresAt: now() + 900_000 });
    principals.set(key, made);
    return made;
  }

  async function begin(sender: Sender, body: string, handle: (exchange: Exchange) => Promise<void>): Promise<Response> {
    const { version, accept = "application/json, text/event-stream", headers: more } = sender;
    const versions = version === undefined ? {} : { "mcp-protocol-version": version };
    const headers = { accept, "content-type": "application/json", ...versions, ...more };
    const { exchange, response } = createExchange(principal(sender), body, headers);
    const handled = handle(exchange);
    handling.add(handled);
    // What fails in the handling must fail the test instead of leaving it without a response.
    const begun = await Promise.race([response, handled.then(() => response)]);
    if (begun.body !== null) bodies.add(begun.body);
    return begun;
  }

  return {
    post: (sender, message) => begin(sender, JSON.stringify(message), (exchange) => mcp.handle(exchange)),
    send: (method, sender) => begin(sender, "", (exchange) => (method === "GET" ? mcp.get(exchange) : mcp.delete(exchange))),
    async records() {
      const rows = await ledgerStore.read(0, 100_000);
      return rows.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    },
  };
}
