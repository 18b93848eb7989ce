/**
 * A day of traffic through a real server: agents with shifts of their own, people who let clients in, calls that are refused, broken or held,
 * an agent that is stopped, and texts from outside that are meant to do harm. The clock of the process goes through the day hour by hour.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock, type TestContext } from "node:test";
import * as z from "zod";
import { controlPlane, seedDemo } from "../../../src/control-plane/index.ts";
import { createServer, parseConfig, type Server } from "../../../src/index.ts";
import { askPerson, redeem, register, tokensOf } from "../../support/connection.ts";
import { signInByLink } from "../../support/person.ts";
import { callTool, rpc, until } from "../../support/remit.ts";
import { consoleOf } from "./console-client.ts";
import { CALLERS, nthCall, type Ids } from "./day-agents.ts";
import { HOSTILE, hostile } from "./hostile.ts";

const LISTED = z.object({ organizations: z.array(z.object({ organization_id: z.string() })) });
const QUEUE = z.object({ approvals: z.array(z.object({ id: z.string() })) });
const SEEN = z.object({ digest: z.string() });
const HOUR_MS = 3_600_000;
const HOURS = 23;
/** Looks of the server at its own state in an hour of the day: it takes no token when the last one is seconds old. */
const LOOKS = 6;
/** The calls between two looks are made within so long. */
const SPREAD_MS = 3_000;
const MINUTE_MS = 60_000;
/** Calls that are under way at once. */
const WIDTH = 24;

export interface Day {
  readonly server: Server;
  readonly dataDir: string;
  readonly environmentId: string;
  /** Of the customers at the beginning of the day; calls that would delete the first three wait for people at its end. */
  readonly organizationIds: readonly string[];
  readonly calls: number;
  /** A one-time link by which this person of the demo workspace signs in. */
  signInLink(email: string): Promise<string>;
  /** A client that registers itself, is let in by the person and makes its first calls. */
  connect(email: string, client: string): Promise<void>;
  /** A call of one of the agents, by its name. The JSON-RPC answer. */
  call(agent: string, tool: string, args: object): Promise<unknown>;
}

interface Playing {
  readonly server: Server;
  readonly clock: DayClock;
  readonly ids: Ids;
  /** Client ids by the caller's name. */
  readonly agents: ReadonlyMap<string, string>;
  /** The tokens of the last hour, by the caller's name: an agent that was stopped goes on with the one it had. */
  readonly tokens: Map<string, string>;
}

interface DayClock {
  /** Goes to an instant, with what the server does from time to time. */
  goTo(at: number): Promise<void>;
}

/** While `start` runs, notes what is to be done at intervals, so that it can be done when the clock is set and not only as real time goes by. */
async function withIntervals<R>(start: () => Promise<R>): Promise<{ readonly made: R; readonly intervals: readonly (() => void)[] }> {
  const intervals: (() => void)[] = [];
  const { setInterval } = globalThis;
  globalThis.setInterval = ((work: () => void, ms: number) => {
    intervals.push(work);
    return setInterval(work, ms);
  }) as typeof setInterval;
  try {
    return { made: await start(), intervals };
  } finally {
    globalThis.setInterval = setInterval;
  }
}

export interface DayOptions {
  /** Multiplies the calls of each hour. */
  readonly scale?: number;
  /** Without texts that are meant to do harm: for pictures. */
  readonly isFriendly?: boolean;
}

/** Plays the day that ends now; the server goes on until the test ends. */
export async function playDay(t: Pick<TestContext, "after">, { scale = 1, isFriendly = false }: DayOptions = {}): Promise<Day> {
  const endsAt = Date.now();
  mock.timers.enable({ apis: ["Date"], now: endsAt - (HOURS + 1) * HOUR_MS });
  try {
    const { made, intervals } = await withIntervals(() => startDemo(t));
    const { server, dataDir, environmentId } = made;
    const looking = createLook(server, intervals);
    const clock: DayClock = {
      async goTo(at) {
        mock.timers.setTime(at);
        await looking.look();
      },
    };
    const playing = await hireAgents(server, clock, environmentId);
    looking.by(playing.agents.get("Support desk") ?? "");
    let calls = 0;
    const killAt = 16;
    for (let hour = 0; hour < HOURS; hour++) {
      await clock.goTo(endsAt - (HOURS - hour) * HOUR_MS);
      if (hour === killAt) await stop(playing, "Monitoring probe");
      calls += await playHour(playing, scale);
    }
    const end: readonly (() => Promise<unknown>)[] = [
      () => connectPerson(server, "ada@acme.example", "Claude Code"),
      () => connectPerson(server, "bruno@acme.example", "VS Code"),
      () => (isFriendly ? Promise.resolve() : speakEvil(playing)),
      () => deleteWithApproval(playing),
      () => waitForPeople(playing, isFriendly),
    ];
    for (const [i, act] of end.entries()) {
      await clock.goTo(endsAt - (end.length - i) * MINUTE_MS);
      await act();
    }
    mock.timers.reset();
    await looking.look();
    return {
      server,
      dataDir,
      environmentId,
      calls,
      signInLink: (email) => linkOf(server, email),
      connect: (email, client) => connectPerson(server, email, client),
      async call(agent, tool, args) {
        const { body } = await callTool(server, (await tokenOf(server, playing.agents.get(agent))) ?? "", tool, args);
        return body;
      },
      organizationIds: playing.ids.organizationIds,
    };
  } finally {
    mock.timers.reset();
  }
}

/** After a jump of the clock the server looks at its own state before it takes a token again. */
function createLook(server: Server, intervals: readonly (() => void)[]) {
  let clientId = "";
  let token = "";
  let issuedAt = 0;
  return {
    by(agent: string): void {
      clientId = agent;
    },
    async look(): Promise<void> {
      for (const work of intervals) work();
      if (Date.now() - issuedAt > HOUR_MS / 2) {
        token = (await tokenOf(server, clientId)) ?? "";
        issuedAt = Date.now();
      }
      await until(async () => ((await rpc(server, token, { method: "tools/list" })).status === 503 ? undefined : true));
    },
  };
}

async function startDemo(t: Pick<TestContext, "after">) {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-day-"));
  const settings = { REMIT_LOG_LEVEL: "silent", REMIT_RATE_PER_SECOND: "100000", REMIT_RATE_BURST: "100000", REMIT_DRAIN_SECONDS: "1" };
  const config = parseConfig({ PORT: "0", REMIT_DATA: dataDir, ...settings });
  const server = await createServer({ ...controlPlane, name: "remit", title: "Remit control plane", config });
  t.after(async () => {
    await server.close();
    await rm(dataDir, { recursive: true });
  });
  const seeded = await server.operator.seed(seedDemo);
  assert.ok(seeded !== undefined);
  await server.listen();
  return { server, dataDir, environmentId: seeded.environmentIds.production };
}

async function hireAgents(server: Server, clock: DayClock, environmentId: string): Promise<Playing> {
  const agents = new Map<string, string>();
  for (const { name, scopes } of CALLERS) agents.set(name, await hire(server, name, scopes));
  const listed = await callTool(server, (await tokenOf(server, agents.get("Support desk"))) ?? "", "list_organizations", {
    environment_id: environmentId,
    page_size: 50,
  });
  const { organizations } = LISTED.parse(listed.body.result?.["structuredContent"]);
  return {
    server,
    clock,
    agents,
    tokens: new Map(),
    ids: { environmentId, organizationIds: organizations.map((each) => each.organization_id) },
  };
}

async function hire(server: Server, name: string, scopes: string): Promise<string> {
  const made = await server.operator.createAgent({ name, scopes: scopes.split(" "), createdBy: "ada@acme.example" });
  if ("problems" in made) throw new Error(made.problems.join("\n"));
  return made.clientId;
}

async function tokenOf(server: Server, clientId = ""): Promise<string | undefined> {
  const issued = await server.operator.issueToken({ clientId, ttlSeconds: 3600 });
  return "problems" in issued ? undefined : issued.token;
}

async function playHour({ server, clock, agents, tokens, ids }: Playing, scale: number): Promise<number> {
  const now = Date.now();
  const hour = new Date(now).getUTCHours();
  const shifts = await Promise.all(
    CALLERS.map(async (caller) => {
      const token = (await tokenOf(server, agents.get(caller.name))) ?? tokens.get(caller.name) ?? "";
      tokens.set(caller.name, token);
      return { caller, times: Math.round((caller.perHour[hour] ?? 0) * scale), token };
    }),
  );
  const work = shifts.flatMap(({ caller, times, token }) =>
    Array.from({ length: times }, (_, i) => ({ caller, token, n: hour * 101 + i, part: i / times })),
  );
  work.sort((a, b) => a.part - b.part);
  for (let look = 0; look < LOOKS; look++) {
    await clock.goTo(now + Math.floor((look * HOUR_MS) / LOOKS));
    const due = work.filter(({ part }) => Math.floor(part * LOOKS) === look);
    let at = Date.now();
    await inParallel(due, ({ caller, token, n }) => {
      // Seconds, so that the server takes its last look at itself for a new one.
      mock.timers.setTime((at += Math.floor(SPREAD_MS / due.length)));
      return rpc(server, token, nthCall(caller, n, ids));
    });
  }
  return work.length;
}

async function inParallel<W>(work: readonly W[], act: (each: W) => Promise<unknown>): Promise<void> {
  let next = 0;
  const workers = Array.from({ length: WIDTH }, async () => {
    for (let each = work[next++]; each !== undefined; each = work[next++]) await act(each);
  });
  await Promise.all(workers);
}

async function stop({ server, agents }: Playing, name: string): Promise<void> {
  const killed = await server.operator.kill({
    kind: "agent",
    value: agents.get(name) ?? "",
    reason: "Its key was found in a public repository",
  });
  if ("problems" in killed) throw new Error(killed.problems.join("\n"));
}

async function linkOf(server: Server, email: string): Promise<string> {
  const link = await server.operator.createSignInLink(email);
  if ("problems" in link) throw new Error(link.problems.join("\n"));
  return link.url;
}

/** A client that registers itself, is let in by a person, and makes its first calls. */
async function connectPerson(server: Server, email: string, client_name: string): Promise<void> {
  const post = async (form: Readonly<Record<string, string>>) => {
    const response = await fetch(`${server.url}/token`, { method: "POST", body: new URLSearchParams(form) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: JSON.parse(text) as Record<string, unknown> };
  };
  const it = { origin: server.url, post: (form: Record<string, string> | string) => post(typeof form === "string" ? {} : form) };
  const visitor = await signInByLink(server.url, await linkOf(server, email));
  await rpc(server, undefined, { method: "tools/list" });
  for (const document of ["oauth-protected-resource/mcp", "oauth-authorization-server"])
    await (await fetch(`${server.url}/.well-known/${document}`)).arrayBuffer();
  const clientId = await register(it, { client_name });
  const more = { resource: server.mcpUrl, scope: "wks:read env:read org:read" };
  const { accessToken } = tokensOf(clientId, await redeem(it, await askPerson(it, { visitor }, { clientId, more })));
  const meta = { "io.modelcontextprotocol/clientInfo": { name: client_name, version: "2.0.0" } };
  for (const name of ["whoami", "list_environments"])
    await rpc(server, accessToken, { method: "tools/call", params: { name, arguments: {} }, meta });
}

/** Puts hostile text wherever a client, an agent or a tool can put text. */
async function speakEvil({ server, ids }: Playing): Promise<void> {
  const origin = server.url;
  for (const [i, text] of HOSTILE.entries()) {
    await fetch(`${origin}/register`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": text },
      body: JSON.stringify({ client_name: text, redirect_uris: ["http://127.0.0.1/callback"], token_endpoint_auth_method: "none" }),
    });
    const clientId = await hire(server, `${text} agent`, "env:read org:write");
    const token = await tokenOf(server, clientId);
    const meta = { "io.modelcontextprotocol/clientInfo": { name: text, version: text } };
    const environment_id = ids.environmentId;
    const say = (name: string, args: object) => rpc(server, token, { method: "tools/call", params: { name, arguments: args }, meta });
    await say("create_organization", { environment_id, name: text, external_id: hostile(i + 1) });
    await say("search_organizations", { environment_id, query: text, [hostile(i + 1)]: text });
    await say(text, { [text]: text });
    await say("create_organization_user", { environment_id, organization_id: hostile(i + 1), email: text, name: text });
    await rpc(server, token, { method: "resources/read", params: { uri: text }, meta });
    await server.operator.disableAgent(clientId);
  }
}

/** A customer that is deleted once a person has approved it: what can be taken back. */
async function deleteWithApproval({ server, agents, ids }: Playing): Promise<void> {
  const token = (await tokenOf(server, agents.get("Onboarding assistant"))) ?? "";
  const args = { environment_id: ids.environmentId, organization_id: ids.organizationIds.at(-1) };
  await callTool(server, token, "delete_organization", args);
  const bruno = await consoleOf(server, "bruno@acme.example");
  const { approvals } = QUEUE.parse((await bruno.get("approvals")).json);
  for (const { id } of approvals) {
    const { digest } = SEEN.parse((await bruno.get(`approvals/${id}`)).json);
    assert.equal((await bruno.post(`approvals/${id}/approve`, { digest, reason: "" })).status, 200);
  }
  const { body } = await callTool(server, token, "delete_organization", args);
  assert.doesNotMatch(JSON.stringify(body), /dev\.remit\/approval/);
}

/** Calls that wait for a person when the day ends: each would delete a customer. */
async function waitForPeople({ server, agents, ids }: Playing, isFriendly: boolean): Promise<void> {
  const token = (await tokenOf(server, agents.get("Onboarding assistant"))) ?? "";
  const evilId = await hire(server, isFriendly ? "Cleanup job" : hostile(0), "org:write");
  const evil = (await tokenOf(server, evilId)) ?? "";
  for (const [i, organization_id] of ids.organizationIds.slice(0, 3).entries()) {
    const answer = await callTool(server, i === 2 ? evil : token, "delete_organization", {
      environment_id: ids.environmentId,
      organization_id,
    });
    assert.match(JSON.stringify(answer.body), /dev\.remit\/approval/);
  }
}
