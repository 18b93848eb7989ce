import assert from "node:assert/strict";
import { request, type IncomingHttpHeaders } from "node:http";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { modernRequest, rpc, startServer, VERSION, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

interface Raw {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** A request with exactly these headers, Host among them. */
function send(server: TestServer, raw: Raw): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method: raw.method ?? "GET", path: raw.path ?? "/mcp", headers: raw.headers ?? {} }, (res) => {
      let body = "";
      res.setEncoding("utf8").on("data", (part: string) => (body += part));
      res.on("end", () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
    });
    sent.on("error", reject);
    sent.end(raw.body);
  });
}

const paths = [
  "/mcp",
  "/token",
  "/jwks",
  "/.well-known/oauth-protected-resource",
  "/.well-known/oauth-protected-resource/mcp",
  "/.well-known/oauth-authorization-server",
  "/.well-known/openid-configuration",
  "/nothing",
];

test("T40: a foreign Host is refused with 403 on every path, and loopback names are served", async (t) => {
  const server = await startServer(t, createSurface());
  const { port } = new URL(server.url);
  for (const path of paths) {
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `127.0.0.1.evil.example`,
      `127.0.0.1:${port}@evil.example`,
      "169.254.169.254",
      "[::ffff:7f00:1]:80",
    ]) {
      assert.equal((await send(server, { path, headers: { host } })).status, 403, `${host}${path}`);
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`]) {
      assert.notEqual((await send(server, { path, headers: { host } })).status, 403, `${host}${path}`);
    }
  }
});

test("T40: a foreign Origin is refused at the MCP endpoint before the token is looked at, and learns nothing from CORS", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  for (const origin of [
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "http://127.0.0.1@evil.example",
    "http://127.0.0.1:1/x",
    "file://",
    "https://localhost:1?x",
  ]) {
    for (const method of ["POST", "OPTIONS", "GET", "DELETE"]) {
      const { headers, body } = modernRequest(token, { method: "tools/list" });
      const answer = await send(server, {
        method,
        headers: { ...Object.fromEntries(headers), origin },
        ...(method === "POST" ? { body } : {}),
      });
      assert.equal(answer.status, 403, `${method} from ${origin}`);
      assert.equal(answer.headers["access-control-allow-origin"], undefined);
    }
  }
});

test("a browser client on loopback passes the preflight without a token and can read the challenge on the 401", async (t) => {
  const server = await startServer(t, createSurface());
  const origin = "http://localhost:6274";
  const asked = {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization, mcp-param-region, x-evil",
  };
  const preflight = await send(server, { method: "OPTIONS", headers: asked });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers["access-control-allow-origin"], origin);
  assert.match(String(preflight.headers["access-control-allow-headers"]), /Authorization.*MCP-Protocol-Version.*mcp-param-region/);
  assert.doesNotMatch(String(preflight.headers["access-control-allow-headers"]), /x-evil/);
  const refused = await send(server, { method: "POST", headers: { origin } });
  assert.equal(refused.status, 401);
  assert.equal(refused.headers["access-control-allow-origin"], origin);
  assert.match(String(refused.headers["access-control-expose-headers"]), /WWW-Authenticate/);
});

const JSON_HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const META = { "io.modelcontextprotocol/protocolVersion": VERSION, "io.modelcontextprotocol/clientCapabilities": {} };
const callEcho = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "echo", arguments: { text: "x" }, _meta: META } };
const ECHO_HEADERS = { ...JSON_HEADERS, "mcp-protocol-version": VERSION, "mcp-method": "tools/call", "mcp-name": "echo" };

const desync: readonly [title: string, raw: Raw, status: number, code: number | undefined][] = [
  ["text/plain (CVE-2026-33252)", { headers: { ...ECHO_HEADERS, "content-type": "text/plain" } }, 415, -32600],
  ["a form", { headers: { ...ECHO_HEADERS, "content-type": "application/x-www-form-urlencoded" } }, 415, -32600],
  ["application/json-patch", { headers: { ...ECHO_HEADERS, "content-type": "application/json-patch+json" } }, 415, -32600],
  ["Mcp-Method of another method", { headers: { ...ECHO_HEADERS, "mcp-method": "tools/list" } }, 400, -32020],
  ["Mcp-Method in another case", { headers: { ...ECHO_HEADERS, "mcp-method": "Tools/Call" } }, 400, -32020],
  ["Mcp-Name of another tool", { headers: { ...ECHO_HEADERS, "mcp-name": "measure" } }, 400, -32020],
  ["Mcp-Name in broken base64", { headers: { ...ECHO_HEADERS, "mcp-name": "=?base64?ZWNobw?=" } }, 400, -32020],
  ["no Mcp-Name", { headers: without(ECHO_HEADERS, "mcp-name") }, 400, -32020],
  ["no Mcp-Method", { headers: without(ECHO_HEADERS, "mcp-method") }, 400, -32020],
  ["no MCP-Protocol-Version", { headers: without(ECHO_HEADERS, "mcp-protocol-version") }, 400, -32020],
  ["another MCP-Protocol-Version", { headers: { ...ECHO_HEADERS, "mcp-protocol-version": "2025-11-25" } }, 400, -32020],
  ["a batch of one", { body: JSON.stringify([callEcho]) }, 400, -32600],
  ["a null id", { body: JSON.stringify({ ...callEcho, id: null }) }, 400, -32600],
  ["an object as id", { body: JSON.stringify({ ...callEcho, id: {} }) }, 400, -32600],
  ["a fraction as id", { body: JSON.stringify({ ...callEcho, id: 1.5 }) }, 400, -32600],
  [
    "Method in upper case (CVE-2026-27896)",
    { body: JSON.stringify({ ...callEcho, method: undefined, Method: "tools/call" }) },
    400,
    -32600,
  ],
  ["two methods", { body: `{"method":"tools/list",${JSON.stringify(callEcho).slice(1)}` }, 400, -32700],
  ["two names", { body: JSON.stringify(callEcho).replace('"name":"echo"', '"name":"wipe","name":"echo"') }, 400, -32700],
  [
    "a second name behind an escape",
    { body: JSON.stringify(callEcho).replace('"name":"echo"', '"n\\u0061me":"wipe","name":"echo"') },
    400,
    -32700,
  ],
  ["a byte order mark", { body: `\ufeff${JSON.stringify(callEcho)}` }, 400, -32700],
  [
    "invalid UTF-8",
    { body: Buffer.concat([Buffer.from(JSON.stringify(callEcho).slice(0, -2)), Buffer.from([0xff, 0x7d, 0x7d])]) },
    400,
    -32700,
  ],
  ["UTF-16", { body: Buffer.from(JSON.stringify(callEcho), "utf16le") }, 400, -32700],
  ["text after the JSON", { body: `${JSON.stringify(callEcho)}{}` }, 400, -32700],
  ["an empty body", { body: "" }, 400, -32700],
  ["a body that looks like a refusal of ours", { body: '{"refused":"missing_token"}', headers: JSON_HEADERS }, 400, undefined],
];

function without(headers: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}

test("T45: headers and body that disagree, and JSON that two parsers may read differently, are refused before a tool runs", async (t) => {
  const surface = createSurface();
  const server = await startServer(t, surface);
  const token = await server.token("note:write admin:write");
  for (const [title, raw, status, code] of desync) {
    const headers = { ...(raw.headers ?? ECHO_HEADERS), authorization: `Bearer ${token}` };
    const answer = await send(server, { method: "POST", headers, body: raw.body ?? JSON.stringify(callEcho) });
    assert.equal(answer.status, status, `${title}: ${answer.body}`);
    if (code !== undefined) assert.equal((JSON.parse(answer.body) as { error: { code: number } }).error.code, code, title);
  }
  assert.deepEqual([...surface.entered], []);
});

test("T45: a name that no header can hold is compared after decoding, and the call goes through", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  const answer = await rpc(server, token, {
    method: "tools/call",
    params: { name: "echo", arguments: { text: "x" } },
    headers: { "mcp-name": `=?base64?${Buffer.from("echo").toString("base64")}?=` },
  });
  assert.equal(answer.status, 200);
});

test("T45: __proto__ in arguments is refused or dropped and pollutes nothing", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  const { headers } = modernRequest(token, { method: "tools/call", params: { name: "echo" } });
  const body = JSON.stringify(callEcho).replace(
    '{"text":"x"}',
    '{"text":"x","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  );
  await fetch(server.mcpUrl, { method: "POST", headers, body });
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

test("T62: a compressed body is refused before it is unpacked", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  for (const encoding of ["gzip", "br", "deflate", "x-gzip"]) {
    const body = gzipSync(Buffer.alloc(10_000_000));
    const answer = await send(server, {
      method: "POST",
      headers: { ...ECHO_HEADERS, authorization: `Bearer ${token}`, "content-encoding": encoding },
      body,
    });
    assert.equal(answer.status, 415, encoding);
  }
});

test("T61: a body over the limit is refused with 413, declared or streamed in chunks, and the server goes on", async (t) => {
  const server = await startServer(t, createSurface(), { REMIT_MAX_BODY_BYTES: "10000" });
  const token = await server.token("note:read");
  const headers = { ...ECHO_HEADERS, authorization: `Bearer ${token}` };
  const body = JSON.stringify({ ...callEcho, pad: "x".repeat(20_000) });
  assert.equal((await send(server, { method: "POST", headers, body })).status, 413);
  const chunked = await send(server, { method: "POST", headers: { ...headers, "transfer-encoding": "chunked" }, body });
  assert.equal(chunked.status, 413);
  assert.equal((await rpc(server, token, { method: "tools/list" })).status, 200);
});

const bombs: readonly [title: string, args: string][] = [
  ["a quarter of a million levels", "[".repeat(250_000)],
  ["15,000 keys", `{${Array.from({ length: 15_000 }, (_, i) => `"k${i}":1`).join(",")}}`],
];

for (const [title, args] of bombs) {
  test(`T61: ${title} in the arguments are refused with 400 before they are parsed`, async (t) => {
    const server = await startServer(t, createSurface());
    const token = await server.token("note:read");
    const body = JSON.stringify(callEcho).replace('{"text":"x"}', args);
    const answer = await send(server, { method: "POST", headers: { ...ECHO_HEADERS, authorization: `Bearer ${token}` }, body });
    assert.equal(answer.status, 400);
    assert.equal((JSON.parse(answer.body) as { error: { code: number } }).error.code, -32700);
  });
}

test("T46: what depends on the caller is private to caches, and two callers with different scopes get different lists", async (t) => {
  const server = await startServer(t, createSurface());
  const [reader, admin] = [await server.token("note:read"), await server.token("note:write admin:write")];
  for (const method of ["server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list"]) {
    for (const token of [reader, admin]) {
      const { body, headers } = await rpc(server, token, { method });
      assert.equal(body.result?.["cacheScope"], "private", method);
      assert.ok(Number.isInteger(body.result?.["ttlMs"]), method);
      assert.equal(headers.get("cache-control"), "no-store", method);
    }
  }
  const read = await rpc(server, admin, { method: "resources/read", params: { uri: "notes://all" } });
  assert.equal(read.body.result?.["cacheScope"], "private");
  const lists = await Promise.all([reader, admin].map((token) => rpc(server, token, { method: "tools/list" })));
  assert.notDeepEqual(lists[0]?.body.result?.["tools"], lists[1]?.body.result?.["tools"]);
});
