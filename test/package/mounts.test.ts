import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { before, test } from "node:test";
import express from "express";
import { mountInExpress } from "../../examples/mounts/express.ts";
import { mountInFastify } from "../../examples/mounts/fastify.ts";
import { mountInHono } from "../../examples/mounts/hono.ts";
import { mountInNode } from "../../examples/mounts/node-http.ts";
import { createListener } from "../../src/http/index.ts";
import { closingWithFile, modernRequest, readAnswer, startServer, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

type Listener = (req: IncomingMessage, res: ServerResponse) => void;
type Mount = readonly [framework: string, mount: (remit: TestServer) => Promise<(request: Request) => Promise<Response>>];

const closing = closingWithFile();
let remit: TestServer;
let token: string;
/** One port for all: the one that the server names as its own. */
let serve: (listener: Listener) => void;

before(async () => {
  const port = await createListener({ host: "127.0.0.1", port: 0 });
  closing.after(() => port.close(1000));
  serve = (listener) => port.serve(listener);
  remit = await startServer(closing, createSurface(), { REMIT_URL: `http://127.0.0.1:${port.port}` });
  serve(remit.handle);
  token = await remit.token("note:read");
});

const over = (listener: Listener) => {
  serve(listener);
  return (request: Request) => fetch(request);
};

const mounts: readonly Mount[] = [
  ["node:http", async (server) => over((req, res) => void mountInNode(server).emit("request", req, res))],
  ["Express", async (server) => over(mountInExpress(server))],
  [
    "Fastify",
    async (server) => {
      const app = mountInFastify(server);
      closing.after(() => app.close());
      await app.ready();
      return over(app.routing);
    },
  ],
  ["Hono", async (server) => async (request) => mountInHono(server).fetch(request)],
];

const call = (name: string, args: object, bearer?: string) =>
  new Request(remit.mcpUrl, modernRequest(bearer, { method: "tools/call", params: { name, arguments: args } }));

for (const [framework, mount] of mounts) {
  test(`mounted in ${framework}, tools are called, refused and found as on a port of its own, and other paths stay the application's`, async () => {
    const send = await mount(remit);
    const done = await readAnswer(await send(call("echo", { text: "hello" }, token)));
    assert.deepEqual([done.status, done.body.result?.["isError"] ?? false], [200, false]);
    const refused = await send(call("write_note", { text: "hello" }, token));
    assert.equal(refused.status, 403);
    assert.match(refused.headers.get("www-authenticate") ?? "", /insufficient_scope.*note:write/);
    const unknown = await send(call("echo", { text: "hello" }));
    assert.equal(unknown.status, 401);
    const [, document = ""] = /resource_metadata="([^"]+)"/.exec(unknown.headers.get("www-authenticate") ?? "") ?? [];
    const described = (await (await send(new Request(document))).json()) as { readonly resource: string };
    assert.equal(described.resource, remit.mcpUrl);
    const issuer = await send(new Request(`${remit.url}/.well-known/oauth-authorization-server`));
    assert.equal(((await issuer.json()) as { readonly issuer: string }).issuer, remit.url);
    const own = await send(new Request(`${remit.url}/mine`));
    assert.deepEqual([own.status, await own.text()], [200, "my own page"]);
    const large = await readAnswer(await send(call("echo", { text: "x".repeat(300_000) }, token)));
    assert.equal(large.status, 413);
  });
}

test("mounted behind a parser of bodies, a request is answered with what is wrong instead of never", async () => {
  const app = express();
  app.use(express.json());
  app.use(remit.handle);
  const answer = await over(app)(call("echo", { text: "hello" }, token));
  assert.deepEqual([answer.status, ((await answer.json()) as { readonly error: string }).error], [500, "server_error"]);
});

test("a request to the Fetch API handler comes from the address that it is given", async () => {
  await remit.fetch(new Request(remit.mcpUrl, { method: "POST" }), "203.0.113.7");
  await remit.close();
  const from = (await remit.records())
    .filter(({ kind, reason }) => kind === "refusal" && reason === "missing_token")
    .map(({ from }) => from);
  assert.ok(from.includes("203.0.113.0/24"), String(from));
});
