/**
 * `npm run soak -- --mixed N`: N calls of every kind, by agents that stream, are refused, err, begin tasks, listen and hold sessions. Nothing may
 * be left behind: what the server holds at the end is what it held once it was warm, and every answer is the one that belongs to its call.
 */
import http from "node:http";
import fs from "node:fs";
import path from "node:path";
import { startNode } from "../child.ts";
import { postCall } from "../post-call.ts";
import { makeDataDir, NODE_FLAGS } from "../product.ts";
import { readMemory } from "../streams/memory.ts";
import { openStream } from "../streams/open-stream.ts";
import { fetchToken } from "../token.ts";
import { requestBytes, resultOf, type Target, type ToolCall } from "../tool-call.ts";
import { connectLegacy } from "../../test/support/legacy-client.ts";
import { rpc } from "../../test/support/remit.ts";
import { isChainWhole } from "./on-record.ts";
import * as z from "zod";

/** An agent keeps 1,000 tasks at most. */
const AGENTS = 16;
const WORKERS = 16;
const LOOKS = 20;
/** Looks that are not compared: caches fill, and code is compiled. */
const WARM_LOOKS = 5;
/** By how much memory may differ between the first and the last quarter of the looks that count. */
const FLAT = 1.1;
const TASKS = { "io.modelcontextprotocol/clientCapabilities": { extensions: { "io.modelcontextprotocol/tasks": {} } } };

const listening = z.object({
  port: z.number(),
  agents: z.array(z.object({ clientId: z.string(), clientSecret: z.string() })),
});

interface Site {
  readonly target: Target;
  readonly mcpUrl: string;
  readonly token: string;
  readonly agent: http.Agent;
}

/** Sends something and says what is wrong with the answer; undefined when nothing is. */
type Kind = (site: Site, id: number) => Promise<string | undefined>;

async function call(site: Site, { id, name, ...more }: Partial<ToolCall> & { readonly id: number; readonly name: string }) {
  return postCall(site.target, { id, name, arguments: { text: `said ${id}` }, ...more }, site.agent);
}

const says = (name: string, more: Partial<ToolCall> = {}): Kind => {
  return async (site, id) => {
    const { status, body } = await call(site, { id, name, ...more });
    const text = status === 200 ? resultOf(body)?.content?.[0]?.text : undefined;
    return String(text).includes(`said ${id}`) ? undefined : `${name}: ${status} ${body.slice(0, 300)}`;
  };
};

const answers = (name: string, wanted: RegExp, more: Partial<ToolCall> = {}): Kind => {
  return async (site, id) => {
    const { status, body } = await call(site, { id, name, ...more });
    return wanted.test(`${status} ${body}`) ? undefined : `${name}: ${status} ${body.slice(0, 300)}`;
  };
};

const kinds: readonly (readonly [share: number, kind: Kind])[] = [
  [50, says("echo")],
  [14, says("keep")],
  [10, says("tell", { progressToken: "soak" })],
  // Who asks for the same scope again and again is told in words instead.
  [8, answers("forbidden", /^403 .*insufficient_scope|^200 .*"isError":true/s)],
  [5, answers("no_such_tool", /-32602|unknown_tool|There is no tool/)],
  [5, answers("echo", /^200 .*"isError":true/s, { arguments: { txet: 1 } })],
  [3, says("repeat")],
  [3, listTools],
  [1, runTask],
  [0.5, holdSession],
  [0.5, listen],
];

async function listTools({ mcpUrl, token }: Site): Promise<string | undefined> {
  const { body } = await rpc({ mcpUrl }, token, { method: "tools/list" });
  const { length } = (body.result?.["tools"] ?? []) as readonly unknown[];
  return length === 6 ? undefined : `tools/list: ${length} tools`;
}

async function runTask({ mcpUrl, token }: Site, id: number): Promise<string | undefined> {
  const params = { name: "later", arguments: { text: `said ${id}` } };
  const begun = await rpc({ mcpUrl }, token, { method: "tools/call", params, meta: TASKS });
  const taskId = begun.body.result?.["taskId"];
  for (let look = 0; look < 200; look++) {
    const headers = { "mcp-name": String(taskId) };
    const { body } = await rpc({ mcpUrl }, token, { method: "tasks/get", params: { taskId }, meta: TASKS, headers });
    if (body.result?.["status"] === "completed") return JSON.stringify(body.result).includes(`said ${id}`) ? undefined : "another's task";
    if (body.result?.["status"] !== "working") return `task: ${JSON.stringify(body)}`;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return "a task that never ends";
}

async function holdSession({ mcpUrl, token }: Site, id: number): Promise<string | undefined> {
  const client = await connectLegacy(mcpUrl, token);
  const stream = await client.get();
  const params = { name: "echo", arguments: { text: `said ${id}` } };
  const answer = await client.post({ jsonrpc: "2.0", id, method: "tools/call", params });
  const text = await answer.text();
  await stream.body?.cancel();
  await (await client.end()).text();
  return text.includes(`said ${id}`) ? undefined : `session: ${answer.status} ${text.slice(0, 300)}`;
}

async function listen({ target }: Site, id: number): Promise<string | undefined> {
  const params = { notifications: { toolsListChanged: true } };
  const stream = openStream(target.port, requestBytes(target, { id, method: "subscriptions/listen", params }));
  const problem = await stream.begun.then(
    () => undefined,
    (error: unknown) => (String(error).includes("429") ? undefined : String(error)),
  );
  stream.close();
  return problem;
}

/** Prints what it found; false when an answer was wrong or something was left behind. */
export async function callMixed(calls: number): Promise<boolean> {
  const dataDir = makeDataDir();
  const program = new URL("../servers/remit-mixed.mjs", import.meta.url).pathname;
  const env = { REMIT_DATA: dataDir, BENCH_AGENTS: String(AGENTS) };
  const server = startNode([...NODE_FLAGS, "--expose-gc", program], { env });
  const { port, agents } = listening.parse(await server.firstJson);
  const issuer = `http://127.0.0.1:${port}`;
  const newSites = () =>
    Promise.all(
      agents.map(async (credentials): Promise<Site> => {
        const token = await fetchToken({ issuer, resource: `${issuer}/mcp`, ...credentials, scope: "echo:write" });
        const agent = new http.Agent({ keepAlive: true, maxSockets: WORKERS });
        return { target: { port, revision: "2026-07-28", token }, mcpUrl: `${issuer}/mcp`, token, agent };
      }),
    );
  const sites = await newSites();
  const problems: string[] = [];
  const looks: { readonly rss: number; readonly heapUsed: number; readonly handles: number }[] = [];
  let next = 0;
  const startedAt = performance.now();
  for (let look = 1; look <= LOOKS; look++) {
    const until = Math.ceil((calls * look) / LOOKS);
    await Promise.all(
      Array.from({ length: WORKERS }, async () => {
        for (let id = next++; id < until; id = next++) {
          const site = sites[id % sites.length];
          const problem = site === undefined ? "no site" : await kindAt(id)(site, id).catch((error: unknown) => String(error));
          if (problem !== undefined) problems.push(problem);
        }
      }),
    );
    next = until;
    for (const { agent } of sites) agent.destroy();
    // The server notices that the connections are gone.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const [site] = sites;
    if (site === undefined) throw new Error("no agent");
    const seen = await readMemory(site.target);
    looks.push(seen);
    const perSecond = until / ((performance.now() - startedAt) / 1000);
    console.log(
      `${until} calls, ${perSecond.toFixed(0)}/s: ${(seen.rss / 1e6).toFixed(1)} MB resident, ${(seen.heapUsed / 1e6).toFixed(1)} MB of heap, ${seen.handles} handles`,
    );
  }
  await server.end("SIGTERM");
  const isWhole = await isChainWhole({ port, dataDir });
  const bytes = fs.readdirSync(dataDir).reduce((sum, name) => sum + fs.statSync(path.join(dataDir, name)).size, 0);
  return report({ calls, problems, looks, isWhole, bytes });
}

/** The kinds in turn, each as often as its share says. */
function kindAt(id: number): Kind {
  // Steps of a number that has no factor in common with the whole, so that kinds are mixed.
  let at = ((id * 7919) % 1000) / 10;
  for (const [share, kind] of kinds) {
    if (at < share) return kind;
    at -= share;
  }
  return says("echo");
}

interface Report {
  readonly calls: number;
  readonly problems: readonly string[];
  readonly looks: readonly { readonly rss: number; readonly heapUsed: number; readonly handles: number }[];
  readonly isWhole: boolean;
  readonly bytes: number;
}

function report({ calls, problems, looks, isWhole, bytes }: Report): boolean {
  for (const problem of new Set(problems.slice(0, 20))) console.log(problem);
  const counted = looks.slice(WARM_LOOKS);
  const quarter = Math.ceil(counted.length / 4);
  const growth = (of: "rss" | "heapUsed" | "handles") =>
    mean(counted.slice(-quarter).map((look) => look[of])) / mean(counted.slice(0, quarter).map((look) => look[of]));
  const grown = { rss: growth("rss"), heap: growth("heapUsed"), handles: growth("handles") };
  const isFlat = Object.values(grown).every((factor) => factor <= FLAT);
  console.log(
    `calls=${calls} wrong=${problems.length} chain=${isWhole ? "ok" : "broken"} rss=×${grown.rss.toFixed(3)} heap=×${grown.heap.toFixed(3)} handles=×${grown.handles.toFixed(2)} disk_mb=${(bytes / 1e6).toFixed(0)}`,
  );
  return problems.length === 0 && isWhole && isFlat;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
