/** The data path with tasks over a real store and ledger, and a clock that the test sets. It can be stopped and started again on the same rows. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { openLedger, type Ledger } from "../../../src/audit/index.ts";
import { createCallPath, TASKS_EXTENSION, type Answer, type CallPath, type TaskNews } from "../../../src/call/index.ts";
import { principalOf } from "../../../src/call/principal.ts";
import { isRefusal, type Refusal } from "../../../src/errors.ts";
import { createLog } from "../../../src/lib/log.ts";
import { createChallenges } from "../../../src/oauth/index.ts";
import { openStore, type Store } from "../../../src/store/index.ts";
import { createRegistry, type Surface } from "../../../src/tool/index.ts";
import type { Place, TestEngine } from "../../store/support/engines.ts";
import { until } from "../../support/remit.ts";
import { UNHELD } from "../../support/exchange.ts";
import { watchFacts } from "../../audit/support/watch-facts.ts";

/** Who asks; by default one agent that holds everything. */
export interface TaskAgent {
  readonly clientId?: string;
  readonly subject?: string;
  readonly workspaceId?: string;
  readonly scope?: string;
  readonly grantId?: string;
  /** Revision that it speaks; by default 2026-07-28. */
  readonly protocol?: string;
  /** Whether the client declares the extension; by default it does. */
  readonly declares?: boolean;
  /** What it declares beside that; by default that it can ask its person. */
  readonly capabilities?: Readonly<Record<string, unknown>>;
}

export type Detail = Readonly<Record<string, unknown>> & {
  readonly status: string;
  readonly inputRequests?: Readonly<Record<string, unknown>>;
};

/** One process. */
export interface TaskProcess {
  readonly path: CallPath;
  readonly store: Store;
  request(agent: TaskAgent, method: string, params: Readonly<Record<string, unknown>>): Promise<Answer | Refusal>;
  /** The id of the task that a call became. */
  start(agent: TaskAgent, tool: string, args?: object): Promise<string>;
  get(agent: TaskAgent, taskId: string): Promise<Detail>;
  /** The task once it has this status. */
  reach(agent: TaskAgent, taskId: string, status: string): Promise<Detail>;
  update(agent: TaskAgent, taskId: string, inputResponses: object): Promise<Answer | Refusal>;
  cancel(agent: TaskAgent, taskId: string): Promise<Answer | Refusal>;
  follow(taskId: string): TaskNews[];
  records(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Ends it in order; runs under way are told to stop at once. */
  stop(): Promise<void>;
}

export interface TaskHarness {
  readonly clock: { now: number };
  /** A process over the same rows; by default of the one node. Only one at a time may have a node. */
  open(options?: { readonly nodeId?: string; readonly around?: (ledger: Ledger) => Ledger }): Promise<TaskProcess>;
}

const TOKEN_LIFE_MS = 900_000;
const DEFAULTS = { clientId: "agt_test", workspaceId: "wks_test", grantId: "gra_test", declares: true };

export async function createTaskHarness(t: Pick<TestContext, "after">, engine: TestEngine, surface: Surface): Promise<TaskHarness> {
  const place = await engine.createPlace();
  const clock = { now: Date.UTC(2026, 7, 1, 9) };
  const open = new Set<TaskProcess>();
  t.after(async () => {
    for (const process of open) await process.stop();
    await place.remove();
  });
  return {
    clock,
    async open({ nodeId = "main", around = (ledger: Ledger) => ledger } = {}) {
      const process = await openProcess({ place, clock, surface, nodeId, around, onStop: () => open.delete(process) });
      open.add(process);
      return process;
    },
  };
}

interface Opening {
  readonly place: Place;
  readonly clock: { now: number };
  readonly surface: Surface;
  readonly nodeId: string;
  around(ledger: Ledger): Ledger;
  onStop(): void;
}

async function openProcess({ place, clock, surface, nodeId, around, onStop }: Opening): Promise<TaskProcess> {
  const store = await openStore({ ...place.options, nodeId });
  const registry = createRegistry(surface);
  await store.migrate(registry.tables);
  const ledgerStore = await store.openLedger();
  const ledger = await openLedger(ledgerStore);
  const checkFacts = watchFacts(ledger);
  const path = createCallPath({
    ...UNHELD,
    registry,
    ledger: around(ledger),
    store,
    outside: { url: "http://127.0.0.1", fetch: () => Promise.reject(new Error("nothing outside")), mail: async () => false },
    evidence: () => assert.fail("no evidence here"),
    upstreams: { issue: (name) => Promise.reject(new Error(`there is no upstream ${name}`)) },
    challenges: createChallenges({ resource: "http://127.0.0.1/mcp", baseline: registry.scopes.baseline }),
    log: createLog("silent"),
    now: () => clock.now,
    cursorKey: Buffer.alloc(32, 1),
    stateKey: Buffer.alloc(32, 2),
    taskKey: Buffer.alloc(32, 4),
    nodeId,
    ratePerSecond: 1_000_000,
    rateBurst: 1_000_000,
  });

  async function request(agent: TaskAgent, method: string, params: Readonly<Record<string, unknown>>): Promise<Answer | Refusal> {
    const {
      declares,
      protocol = "2026-07-28",
      capabilities: own = { elicitation: {} },
      scope = Object.keys(surface.scopes).join(" "),
      ...who
    } = { ...DEFAULTS, ...agent };
    const times = { issuedAt: clock.now, expiresAt: clock.now + TOKEN_LIFE_MS };
    const capabilities = { ...own, ...(declares ? { extensions: { [TASKS_EXTENSION]: {} } } : {}) };
    const asked = {
      principal: principalOf({ tokenId: "tok_test", subject: who.clientId, ...who, scopes: registry.scopes.parse(scope), ...times }),
      method,
      meta: { protocol, capabilities },
      params,
      cancelled: { isCancelled: false, onCancel: undefined },
    };
    if (method === "tasks/get") return path.tasks.get(asked);
    if (method === "tasks/update") return path.tasks.update(asked);
    return method === "tasks/cancel" ? path.tasks.cancel(asked) : path.callTool(asked);
  }

  async function get(agent: TaskAgent, taskId: string): Promise<Detail> {
    const answer = await request(agent, "tasks/get", { taskId });
    assert.ok(!isRefusal(answer), JSON.stringify(answer));
    return JSON.parse(answer.json) as Detail;
  }

  return {
    path,
    store,
    request,
    async start(agent, tool, args = {}) {
      const answer = await request(agent, "tools/call", { name: tool, arguments: args });
      assert.ok(!isRefusal(answer), JSON.stringify(answer));
      assert.equal(answer.type, "task", answer.json);
      return String((JSON.parse(answer.json) as Record<string, unknown>)["taskId"]);
    },
    get,
    reach: (agent, taskId, status) =>
      until(async () => {
        const task = await get(agent, taskId);
        return task.status === status ? task : undefined;
      }),
    update: (agent, taskId, inputResponses) => request(agent, "tasks/update", { taskId, inputResponses }),
    cancel: (agent, taskId) => request(agent, "tasks/cancel", { taskId }),
    follow(taskId) {
      const news: TaskNews[] = [];
      path.tasks.news.subscribe(new Set([taskId]), (item) => news.push(item));
      return news;
    },
    async records() {
      const rows = await ledgerStore.read(0, 100_000);
      return rows.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    },
    async stop() {
      onStop();
      await path.close(0);
      await ledger.close();
      checkFacts();
      await store.close();
    },
  };
}
