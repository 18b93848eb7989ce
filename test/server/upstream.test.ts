/** Tools that call another system with a credential of its own. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { test, type TestContext } from "node:test";
import * as z from "zod";
import { BootError, createServer as createRemit, defineScopes, defineTool, parseConfig, type ToolContext } from "../../src/index.ts";
import { decode } from "../support/issuer.ts";
import { callTool, startServer } from "../support/remit.ts";

const SECRET = 'vault-"secret"\\of-the-billing-api';
const scopes = defineScopes({ "bill:read": { description: "See what was billed to customers.", access: "read", baseline: true } });

interface Seen {
  readonly headers: string[];
  readonly contexts: string[];
}

/** A system that keeps the headers that it got, and tools that call it, or give away what they should not. */
async function world(t: TestContext) {
  const seen: Seen = { headers: [], contexts: [] };
  const api = createServer((req, res) => {
    seen.headers.push(JSON.stringify(req.headers));
    res.end("42");
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  t.after(() => api.close());
  const audience = `http://127.0.0.1:${(api.address() as AddressInfo).port}/`;

  const tool = (name: string, run: (context: ToolContext, which: string) => Promise<string>) =>
    defineTool({
      name,
      title: name,
      description: "Calls the billing system for this test.",
      scopes: ["bill:read"],
      effect: "read",
      input: z.object({ which: z.string() }),
      examples: [{ title: "One", input: { which: "vault" } }],
      run: ({ which }, context) => run(context, which),
    });
  const tools = [
    tool("bill", async (context, which) => {
      const { authorization, audience: at } = await context.upstream(which);
      seen.contexts.push(inspect(context, { depth: 6, getters: true }));
      return (await fetch(at, { headers: { authorization } })).text();
    }),
    tool("leak_result", async (context, which) => `the key is ${(await context.upstream(which)).authorization}`),
    tool("leak_error", async (context, which) => {
      throw new Error(`cannot use ${(await context.upstream(which)).authorization}`);
    }),
    tool("leak_partial", async (context, which) => {
      await context.partial((await context.upstream(which)).authorization);
      return "done";
    }),
  ];
  const upstreams = { vault: { audience, kind: "vault" }, exchange: { audience, kind: "exchange", scope: "bills.read" } } as const;
  const server = await startServer(t, { scopes, tools, upstreams });
  assert.equal(await server.operator.setUpstreamSecret({ name: "vault", secret: SECRET }), true);
  const token = await server.token("bill:read");
  return { server, seen, token, audience, call: (name: string, which: string) => callTool(server, token, name, { which }) };
}

test("a stored secret reaches the system that it is for, and nothing else; the caller's token never does", async (t) => {
  const { server, seen, token, call } = await world(t);
  assert.match(JSON.stringify((await call("bill", "vault")).body), /42/);
  assert.ok(seen.headers.some((headers) => headers.includes(JSON.stringify(`Bearer ${SECRET}`))));
  assert.ok(
    ![...seen.headers, ...seen.contexts].some((text) => text.includes(token)),
    "T01: the inbound token was passed on or shown to the tool",
  );
  const records = JSON.stringify(await server.records());
  assert.match(records, /upstream\.credential_issued/);
  assert.ok(!records.includes("vault-") || !records.includes("of-the-billing"), "the secret is on record");
});

test("an exchanged token is for its audience alone, names caller and agent, and opens nothing here", async (t) => {
  const { server, seen, audience, call } = await world(t);
  await call("bill", "exchange");
  const sent = (JSON.parse(seen.headers[0] ?? "{}") as { authorization: string }).authorization.slice("Bearer ".length);
  const { claims } = decode(sent);
  assert.deepEqual([claims["iss"], claims["aud"], claims["scope"]], [server.url, audience, "bills.read"]);
  assert.equal((claims["act"] as { sub: string }).sub, claims["sub"]);
  assert.equal(Number(claims["exp"]) - Number(claims["iat"]), 300);
  assert.equal((await callTool(server, sent, "bill", { which: "vault" })).status, 401);
});

for (const name of ["leak_result", "leak_error", "leak_partial"]) {
  for (const which of ["vault", "exchange"]) {
    test(`T50: a credential (${which}) does not leave by ${name}: the caller sees a fault with an id`, async (t) => {
      const { call } = await world(t);
      const { body, streamed } = await call(name, which);
      const text = JSON.stringify([body, streamed]);
      assert.match(text, /Something went wrong on our side/);
      assert.ok(!text.includes("billing") && !text.includes("eyJ") && !text.includes("Bearer"), text);
    });
  }
}

test("a secret is stored encrypted, and only for a vault that the server declares", async (t) => {
  const { server } = await world(t);
  const other = await server.operator.setUpstreamSecret({ name: "exchange", secret: SECRET });
  assert.ok(other !== true && other.problems.length === 1);
  const unknown = await server.operator.setUpstreamSecret({ name: "nothing", secret: SECRET });
  assert.match(JSON.stringify(unknown), /no upstream/);
});

const wrong = [
  ["a name with capitals", { Billing: { audience: "https://api.example", kind: "vault" } }, /use a name/],
  ["plain http", { billing: { audience: "http://api.example", kind: "vault" } }, /https/],
  ["no scope for an exchange", { billing: { audience: "https://api.example", kind: "exchange" } }, /scope/],
] as const;
for (const [title, upstreams, expected] of wrong) {
  test(`a server does not start with an upstream that has ${title}`, async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), "remit-upstream-"));
    t.after(() => rm(dataDir, { recursive: true }));
    const config = parseConfig({ REMIT_DATA: dataDir, PORT: "1" });
    await assert.rejects(createRemit({ scopes, upstreams, config }), (error) => {
      assert.ok(error instanceof BootError);
      assert.match(error.message, expected);
      return true;
    });
  });
}
