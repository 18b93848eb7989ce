import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { mcpAuthRouter } from "@modelcontextprotocol/sdk/server/auth/router.js";
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer as OlderServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { DemoInMemoryAuthProvider } from "../../node_modules/@modelcontextprotocol/sdk/dist/esm/examples/server/demoInMemoryOAuthProvider.js";
import { openChannel } from "../../src/cli/channel.ts";
import { createProgram } from "../../src/cli/program.ts";
import { examineServer, type Examination } from "../../src/doctor/index.ts";
import { createGuardedFetch } from "../../src/lib/guarded-fetch.ts";
import { startServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";
import { createModelServer, tokenFor, type Fault } from "./support/model-server.ts";

const HELLO = { content: [{ type: "text" as const, text: "Hello" }] };

/** Listens with what `make` gives for the origin. */
async function serve(t: TestContext, make: (origin: string) => RequestListener): Promise<string> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const origin = `http://127.0.0.1:${address.port}`;
  server.on("request", make(origin));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `${origin}/mcp`;
}

async function examine(url: string, token?: string): Promise<Examination> {
  const { host } = new URL(url);
  const fetch = createGuardedFetch({ allowedHosts: [host], timeoutMs: 5000 });
  const came = await examineServer({ url: new URL(url), fetch, headers: {}, token });
  assert.ok(!("unreachable" in came));
  return came;
}

/** The command line in this process. */
function commandLine(t: TestContext) {
  const printed: string[] = [];
  t.mock.method(console, "log", (line: string) => printed.push(line));
  t.mock.method(console, "error", () => undefined);
  const run = async (...args: string[]): Promise<number> => {
    const before = process.exitCode;
    process.exitCode = 0;
    try {
      await createProgram().parseAsync(["doctor", ...args], { from: "user" });
      return process.exitCode;
    } catch (error) {
      return (error as { readonly code: number }).code;
    } finally {
      process.exitCode = before;
    }
  };
  return { run, printed };
}

const told = ({ findings }: Examination): string[] => findings.map(({ severity, rule }) => `${severity} ${rule}`).sort();

test("of our own server nothing is found, with a token and without, and no part is left out with one; from the inside all is well", async (t) => {
  const server = await startServer(t, createSurface());
  assert.deepEqual(told(await examine(server.mcpUrl)), []);
  const { findings, steps } = await examine(server.mcpUrl, await server.token("note:read"));
  assert.deepEqual(findings, []);
  assert.deepEqual(
    steps.flatMap(({ skipped }) => skipped),
    [],
  );
  const channel = await openChannel(server.dataDir, server);
  const before = process.env["REMIT_DATA"];
  process.env["REMIT_DATA"] = server.dataDir;
  try {
    const { run, printed } = commandLine(t);
    assert.deepEqual([await run(), await run("--json")], [0, 0]);
    assert.match(printed[0] ?? "", /^ok {7}config {5}[\s\S]*\nok {7}ledger {5}[\s\S]*\n\nAll is well\.$/);
    const { checks } = JSON.parse(printed[1] ?? "{}") as {
      readonly checks: readonly { readonly status: string; readonly next: unknown }[];
    };
    assert.deepEqual([checks.length, ...new Set(checks.flatMap(({ status, next }) => [status, next]))], [7, "ok", null]);
  } finally {
    if (before === undefined) delete process.env["REMIT_DATA"];
    else process.env["REMIT_DATA"] = before;
    await channel.close(Promise.resolve());
  }
});

test("of the example of the official SDK without authentication, what is true of it is found", async (t) => {
  const handler = toNodeHandler(
    createMcpHandler(() => {
      const server = new McpServer({ name: "example", version: "1.0.0" });
      server.registerTool("greet", { description: "Greet.", annotations: { readOnlyHint: true } }, () => HELLO);
      return server;
    }),
  );
  const url = await serve(t, () => (req, res) => void handler(req as Parameters<typeof handler>[0], res));
  assert.deepEqual(told(await examine(url)), ["error batch", "error origin-unchecked", "warning auth-none"]);
});

test("of the example of the official SDK with authentication, what is true of it is found", async (t) => {
  // Express writes each error that it answers, with its trace, to stderr.
  t.mock.method(console, "error", () => undefined);
  const provider = new DemoInMemoryAuthProvider();
  const known = { token: "known", clientId: "c", scopes: ["mcp:tools"], expiresAt: 4_102_444_800_000, type: "access" };
  provider["tokens"].set("known", known);
  const url = await serve(t, (origin) => {
    const app = createMcpExpressApp();
    const [resourceServerUrl, issuerUrl] = [new URL(`${origin}/mcp`), new URL(origin)];
    app.use(mcpAuthRouter({ provider, issuerUrl, resourceServerUrl, scopesSupported: ["mcp:tools"] }));
    const resourceMetadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`;
    const auth = requireBearerAuth({ verifier: provider, requiredScopes: [], resourceMetadataUrl });
    const handle = async (req: IncomingMessage & { body?: unknown }, res: ServerResponse) => {
      const server = new OlderServer({ name: "example", version: "1.0.0" });
      server.registerTool("greet", { description: "Greet.", annotations: { readOnlyHint: true } }, () => HELLO);
      const transport = new StreamableHTTPServerTransport();
      await server.connect(transport);
      await transport.handleRequest(req, res, req.body);
    };
    for (const method of ["post", "get", "delete"] as const) app[method]("/mcp", auth, handle);
    return app;
  });
  // Its provider throws plain errors for tokens that it does not know, which become 500; it shows what Express shows; and by the path only.
  const always = ["error token-status", "info challenge-scope", "info issuer-identification", "info metadata-root", "warning stack-trace"];
  assert.deepEqual(told(await examine(url)), always);
  const inside = ["error batch", "error origin-unchecked", "info era-modern"];
  assert.deepEqual(told(await examine(url, "known")), [...always, ...inside].sort());
});

const TEN: readonly Fault[] = [
  "ten:challenge names no metadata",
  "ten:metadata is about another resource",
  "ten:issuer differs by a slash",
  "ten:no PKCE",
  "ten:nobody can register",
  "ten:preflight needs a token",
  "ten:token in the query",
  "ten:headers are not compared",
  "ten:batches are taken",
  "ten:list and call disagree",
];

/** The model server with ten faults, over HTTP, and what it was asked for. */
async function serveBroken(t: TestContext) {
  const asked: string[] = [];
  let called: readonly string[] = [];
  const url = await serve(t, (origin) => {
    const model = createModelServer(TEN, origin);
    called = model.called;
    return (req, res) => {
      asked.push(`${req.method} http://${req.headers.host}`);
      const { method = "GET" } = req;
      const headers = Object.entries(req.headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      );
      const body = method === "POST" ? text(req) : Promise.resolve(undefined);
      void body
        .then((read) =>
          model.answer(new Request(origin + (req.url ?? "/"), { method, headers, ...(read === undefined ? {} : { body: read }) })),
        )
        .then(async (answer) => res.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text()));
    };
  });
  return { url, origin: new URL(url).origin, asked, called: () => called };
}

test("of a broken server each of ten faults is found, and nothing that is none; only its origin is asked and nothing is called that changes anything", async (t) => {
  const broken = await serveBroken(t);
  const examined = await examine(broken.url, tokenFor(broken.url));
  assert.deepEqual(told(examined), [
    "error batch",
    "error header-body",
    "error issuer-mismatch",
    "error list-call",
    "error pkce-missing",
    "error resource-mismatch",
    "error token-in-query",
    "warning challenge-metadata",
    "warning cors-preflight",
    "warning registration-none",
  ]);
  for (const { source, fix, detail } of examined.findings) assert.ok(source !== "" && fix.endsWith(".") && detail.length > 10);
  assert.deepEqual(
    [...new Set(broken.asked)].filter((each) => !each.endsWith(` ${broken.origin}`)),
    [],
  );
  assert.deepEqual(broken.called(), ["find_notes", "read_secret"]);
});

test("remit doctor URL tells it as text, as JSON and as a report without the token, and ends with 1; with 4 where nothing answers", async (t) => {
  const broken = await serveBroken(t);
  const token = tokenFor(broken.url);
  const folder = await mkdtemp(join(tmpdir(), "remit-doctor-"));
  t.after(() => rm(folder, { recursive: true }));
  const { run, printed } = commandLine(t);
  const report = join(folder, "report.md");
  assert.equal(await run(broken.url, "--token", token, "--report", report), 1);
  assert.equal(await run(broken.url, "--header", `Authorization: Bearer ${token}`, "--json"), 1);
  const [text = "", json = "{}"] = printed;
  assert.match(text, /error token-in-query: A token in the query is read[\s\S]*Fix: [\s\S]*Source: [\s\S]*7 errors, 3 warnings/);
  const { findings, counts } = JSON.parse(json) as { readonly findings: readonly unknown[]; readonly counts: unknown };
  assert.deepEqual([findings.length, counts], [10, { error: 7, warning: 3, info: 0 }]);
  const page = await readFile(report, "utf8");
  assert.equal([...page.matchAll(/^## (?:error|warning): /gm)].length, 10);
  for (const output of [text, json, page]) assert.ok(!output.includes(token) && !output.includes(token.slice(0, 40)));
  assert.equal(await run("http://127.0.0.1:1/mcp"), 4);
  assert.equal(await run("ftp://example.com"), 2);
  assert.equal(await run("--report", report), 2);
});
