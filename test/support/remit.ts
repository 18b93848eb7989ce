/** A whole server for tests: real store, real issuer, real tokens, on a free loopback port. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import { createServer, openAudit, parseConfig, type AuditRecord, type Server, type ServerOptions } from "../../src/index.ts";

export const VERSION = "2026-07-28";

export interface TestServer extends Server {
  readonly dataDir: string;
  /** A new agent's credentials. */
  agent(scope: string): Promise<{ readonly clientId: string; readonly clientSecret: string }>;
  /** An access token of a new agent. */
  token(scope: string): Promise<string>;
  /** Every record so far, oldest first. */
  records(): Promise<readonly AuditRecord[]>;
}

/**
 * What the tests of one file share closes with it. To be called where tests are declared; the context that a hook of `before` is given knows no
 * `after` when all files of a shard run in one process.
 */
export function closingWithFile(): Pick<TestContext, "after"> {
  const closing: (() => unknown)[] = [];
  after(async () => {
    for (const close of closing.reverse()) await close();
  });
  return { after: (close: unknown) => void closing.push(close as () => unknown) };
}

/** Adds rows to those of the workspaces. */
type Fill = Parameters<Server["operator"]["seed"]>[0];

/** Starts a server with a workspace, or those that are named; it stops and is removed when the test ends. */
export async function startServer(
  t: Pick<TestContext, "after">,
  options: Omit<ServerOptions, "config"> & { readonly workspaceIds?: readonly string[]; readonly fill?: Fill },
  env: Record<string, string> = {},
): Promise<TestServer> {
  // A server that nothing closes would keep the whole run from ending.
  if (typeof t.after !== "function") throw new TypeError("a server for tests needs something to close it: see closingWithFile");
  const { workspaceIds = ["wks_test"], fill, ...declared } = options;
  const dataDir = await mkdtemp(join(tmpdir(), "remit-"));
  const config = parseConfig({
    PORT: "0",
    REMIT_DATA: dataDir,
    REMIT_LOG_LEVEL: "silent",
    REMIT_RATE_PER_SECOND: "100000",
    REMIT_RATE_BURST: "100000",
    REMIT_DRAIN_SECONDS: "2",
    ...env,
  });
  const server = await createServer({ ...declared, config });
  t.after(async () => {
    await server.close();
    await rm(dataDir, { recursive: true });
  });
  await server.operator.seed(async (db, now) => {
    for (const id of workspaceIds) await db.insertInto("workspace").values({ id, name: "Test", created_at: now }).execute();
    await fill?.(db, now);
  });
  await server.listen();

  async function agent(scope: string) {
    const created = await server.operator.createAgent({ name: "test", scopes: scope.split(" ").filter(Boolean) });
    if ("problems" in created) throw new Error(created.problems.join("\n"));
    return { clientId: created.clientId, clientSecret: created.clientSecret ?? "" };
  }

  return {
    ...server,
    dataDir,
    agent,
    async token(scope) {
      return fetchToken(server.url, await agent(scope));
    },
    async records() {
      const audit = await openAudit(config);
      try {
        return await audit.read(0, 100_000);
      } finally {
        await audit.close();
      }
    },
  };
}

export async function fetchToken(
  issuer: string,
  agent: { readonly clientId: string; readonly clientSecret: string },
  scope?: string,
): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${agent.clientId}:${agent.clientSecret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials", resource: `${issuer}/mcp`, ...(scope === undefined ? {} : { scope }) }),
  });
  const body = (await response.json()) as { access_token?: string };
  if (body.access_token === undefined) throw new Error(`no token: ${response.status} ${JSON.stringify(body)}`);
  return body.access_token;
}

export interface Rpc {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly id?: unknown;
  /** Members of `_meta` beside the required ones. */
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** The headers and body of one message of 2026-07-28. Headers given as undefined are left out. */
export function modernRequest(
  token: string | undefined,
  rpc: Rpc,
): { readonly method: "POST"; readonly headers: Headers; readonly body: string } {
  const { method, params = {}, id = 1, meta } = rpc;
  const name = params["name"] ?? params["uri"];
  const headers = new Headers({
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": VERSION,
    "mcp-method": method,
  });
  if (typeof name === "string" && /^[\x20-\x7e]*$/.test(name)) headers.set("mcp-name", name);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  for (const [key, value] of Object.entries(rpc.headers ?? {})) {
    if (value === undefined) headers.delete(key);
    else headers.set(key, value);
  }
  const _meta = { "io.modelcontextprotocol/protocolVersion": VERSION, "io.modelcontextprotocol/clientCapabilities": {}, ...meta };
  return { method: "POST", headers, body: JSON.stringify({ jsonrpc: "2.0", id, method, params: { ...params, _meta } }) };
}

export interface RpcAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON-RPC response, or the OAuth error body. */
  readonly body: Record<string, unknown> & {
    readonly result?: Record<string, unknown>;
    readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
  };
  /** Notifications that were streamed before it. */
  readonly streamed: readonly Record<string, unknown>[];
}

/** Sends one message of 2026-07-28 and reads the whole answer, streamed or not. */
export async function rpc(server: Pick<Server, "mcpUrl">, token: string | undefined, request: Rpc): Promise<RpcAnswer> {
  return readAnswer(await fetch(server.mcpUrl, modernRequest(token, request)));
}

export async function readAnswer(response: Response): Promise<RpcAnswer> {
  const { status, headers } = response;
  const text = await response.text();
  if (!headers.get("content-type")?.startsWith("text/event-stream")) {
    return { status, headers, body: (text === "" ? {} : JSON.parse(text)) as RpcAnswer["body"], streamed: [] };
  }
  const messages = text.split("\n").flatMap((line) => (line.startsWith("data: ") ? [JSON.parse(line.slice(6)) as RpcAnswer["body"]] : []));
  const body = messages.at(-1);
  if (body === undefined) throw new Error("the stream ended without an answer");
  return { status, headers, body, streamed: messages.slice(0, -1) };
}

export function callTool(server: Pick<Server, "mcpUrl">, token: string, name: string, args: object = {}): Promise<RpcAnswer> {
  return rpc(server, token, { method: "tools/call", params: { name, arguments: args } });
}

const PATIENCE_MS = 10_000;

/** So many times it is asked for at once; who asked oftener would only keep busy what it waits for. */
const EAGER_TURNS = 20;
const PAUSE_MS = 3;

/** The first answer that is not undefined, asked for again on each of the next turns of the event loop, then every few milliseconds, for ten seconds. */
export async function until<V>(ask: () => V | undefined | Promise<V | undefined>): Promise<V> {
  const end = performance.now() + PATIENCE_MS;
  for (let turn = 0; performance.now() < end; turn++) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => (turn < EAGER_TURNS ? setImmediate(resolve) : setTimeout(resolve, PAUSE_MS)));
  }
  throw new Error("it did not happen in ten seconds");
}
