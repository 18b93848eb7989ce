import assert from "node:assert/strict";
import { openLedger } from "../../src/audit/index.ts";
import { createCallPath, type Answer, type Cancellation, type Sink } from "../../src/call/index.ts";
import { principalOf } from "../../src/call/principal.ts";
import { isRefusal, type Refusal } from "../../src/errors.ts";
import { createGuardedFetch, type GuardedFetch } from "../../src/lib/guarded-fetch.ts";
import { createLog } from "../../src/lib/log.ts";
import { createChallenges } from "../../src/oauth/index.ts";
import { openEvidence, type OpenedEvidence } from "../../src/server/open-evidence.ts";
import { openStore, type Store } from "../../src/store/index.ts";
import { createRegistry, type ContentBlock, type Mail, type Registry, type Surface } from "../../src/tool/index.ts";
import type { TestEngine } from "../store/support/engines.ts";
import { UNHELD } from "./exchange.ts";
import { watchFacts } from "../audit/support/watch-facts.ts";

/** Who calls in a test, as its token would say. */
export interface Agent {
  readonly workspaceId: string;
  /** Space-separated. */
  readonly scope: string;
  readonly clientId?: string;
  readonly subject?: string;
  /** Ids of the environments that it is limited to; absent for all. */
  readonly environments?: readonly string[];
}

export interface ToolCall {
  readonly tool: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly progressToken?: string;
  readonly sink?: Sink;
  readonly cancelled?: Cancellation;
}

export interface ToolResult {
  /** The result as it would stand on the wire. */
  readonly json: string;
  readonly isError: boolean;
  readonly content: readonly ContentBlock[];
  /** The text of the only block of an error. */
  readonly text: string;
  // Shaped by each tool's output schema, which the path has checked.
  readonly value: Readonly<Record<string, unknown>>;
}

/** What lies around the server in a test. */
export interface ToolOutside {
  readonly fetch: GuardedFetch;
  mail(mail: Mail): Promise<boolean>;
}

const NOWHERE: ToolOutside = { fetch: createGuardedFetch({ lookup: async () => [] }), mail: async () => false };

/** The data path over a real store, ledger and registry, behind the gate: callers are given, not authenticated. */
export interface ToolHarness {
  readonly store: Store;
  readonly registry: Registry;
  /** The clock of every call. */
  readonly clock: { now: number };
  /** What went wrong, counted as it happens. */
  readonly failures: OpenedEvidence["failures"];
  /** The answer or refusal as the path gives it. */
  send(agent: Agent, call: ToolCall): Promise<Answer | Refusal>;
  /** The result of a call that must not be refused. */
  call(agent: Agent, call: ToolCall): Promise<ToolResult>;
  close(): Promise<void>;
}

const TOKEN_LIFE_MS = 900_000;
const START = Date.UTC(2026, 7, 1, 9, 0, 0);

export async function createToolHarness(engine: TestEngine, surface: Surface, outside: ToolOutside = NOWHERE): Promise<ToolHarness> {
  const place = await engine.createPlace();
  const store = await openStore(place.options);
  const registry = createRegistry(surface);
  await store.migrate(registry.tables);
  const records = await store.openLedger();
  const ledger = await openLedger(records);
  const checkFacts = watchFacts(ledger);
  const clock = { now: START };
  const log = createLog("silent");
  const now = () => clock.now;
  const closing = new AsyncDisposableStack();
  const config = { nodeId: "main", selfRegisteredScopes: undefined };
  const evidence = await openEvidence({ ...UNHELD, registry, store, ledger, records, log, now, config }, closing);
  const path = createCallPath({
    ...UNHELD,
    registry,
    ledger,
    store,
    outside: { url: "https://remit.example", fetch: outside.fetch, mail: outside.mail },
    evidence: evidence.of,
    upstreams: { issue: (name) => Promise.reject(new Error(`there is no upstream ${name}`)) },
    challenges: createChallenges({ resource: "http://127.0.0.1/mcp", baseline: registry.scopes.baseline }),
    log,
    now,
    cursorKey: Buffer.alloc(32, 1),
    stateKey: Buffer.alloc(32, 2),
    taskKey: Buffer.alloc(32, 4),
    nodeId: config.nodeId,
    ratePerSecond: 1_000_000,
    rateBurst: 1_000_000,
  });

  async function send(agent: Agent, { tool, arguments: args = {}, progressToken, sink, cancelled }: ToolCall): Promise<Answer | Refusal> {
    const { workspaceId, scope, clientId = "agt_test", subject = clientId, environments } = agent;
    const limited = environments === undefined ? {} : { environments };
    const times = { issuedAt: clock.now, expiresAt: clock.now + TOKEN_LIFE_MS };
    const scopes = registry.scopes.parse(scope);
    return path.callTool({
      principal: principalOf({ tokenId: "tok_test", clientId, subject, grantId: "gra_test", workspaceId, scopes, ...limited, ...times }),
      method: "tools/call",
      meta: { protocol: "2026-07-28", capabilities: {}, progressToken },
      params: { name: tool, arguments: args },
      cancelled: cancelled ?? { isCancelled: false, onCancel: undefined },
      sink,
    });
  }

  return {
    store,
    registry,
    failures: evidence.failures,
    clock,
    send,
    async call(agent, call) {
      const answer = await send(agent, call);
      assert.ok(!isRefusal(answer), `${call.tool} was refused: ${JSON.stringify(answer)}`);
      return resultOf(answer);
    },
    async close() {
      await path.close(1000);
      await closing.disposeAsync();
      await ledger.close();
      checkFacts();
      await store.close();
      await place.remove();
    },
  };
}

function resultOf({ json }: Answer): ToolResult {
  const { content, structuredContent = {}, isError = false } = JSON.parse(json);
  const [first] = content;
  return { json, isError, content, text: first?.text ?? "", value: structuredContent };
}
