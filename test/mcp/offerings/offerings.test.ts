import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { rpc, startServer, type Rpc, type RpcAnswer, type TestServer } from "../../support/remit.ts";
import { app, OPEN_SKILL, scopes as orderScopes, SHOWN_SKILL, showOrder, skills, STAFF_SKILL } from "./surface.ts";
import { createSurface } from "../../support/tools.ts";

function start(t: TestContext): Promise<TestServer> {
  const surface = createSurface();
  const { scopes, tools, prompts, resources } = surface;
  return startServer(t, { scopes: { ...scopes, ...orderScopes }, tools: [...tools, showOrder], prompts, resources, skills, apps: [app] });
}

const complete = (ref: object): Rpc => ({ method: "completion/complete", params: { ref, argument: { name: "note", value: "f" } } });

const guarded: readonly [title: string, request: Rpc][] = [
  ["a prompt", { method: "prompts/get", params: { name: "summarize", arguments: { note: "first" } } }],
  ["a resource", { method: "resources/read", params: { uri: "notes://all" } }],
  ["a resource of a template", { method: "resources/read", params: { uri: "notes://7/text" } }],
  ["completion for a prompt", complete({ type: "ref/prompt", name: "summarize" })],
  ["completion for a template", complete({ type: "ref/resource", uri: "notes://{id}/text" })],
];

for (const [title, request] of guarded) {
  test(`${title} without its scope is 403 with the challenge and on record, and answers with it`, async (t) => {
    const server = await start(t);
    const { status, headers } = await rpc(server, await server.token("note:read"), request);
    assert.equal(status, 403);
    assert.match(headers.get("www-authenticate") ?? "", /error="insufficient_scope", scope="note:write"/);
    const record = (await server.records()).at(-1);
    assert.deepEqual([record?.["method"], record?.["allowed"], record?.["missing"]], [request.method, false, ["note:write"]]);
    const allowed = await rpc(server, await server.token("note:write"), request);
    assert.equal(allowed.status, 200);
    assert.ok(allowed.body.result);
  });
}

const lists = ["prompts/list", "resources/list", "resources/templates/list"] as const;

test("lists of prompts, resources and templates show what may be used, in the order of the declaration", async (t) => {
  const server = await start(t);
  const idsOf = async (scope: string) => {
    const token = await server.token(scope);
    const all: string[] = [];
    for (const method of lists) {
      const { body } = await rpc(server, token, { method });
      const items = Object.values(body.result ?? {}).find(Array.isArray) as Readonly<Record<string, string>>[];
      all.push(...items.map(({ uri, uriTemplate, name }) => uri ?? uriTemplate ?? name ?? ""));
    }
    return all;
  };
  assert.deepEqual(await idsOf("note:read"), [SHOWN_SKILL]);
  assert.deepEqual(await idsOf("note:write"), ["summarize", "notes://all", SHOWN_SKILL, "notes://{id}/text"]);
});

test("what is not there is told in the same words whatever the caller may do, and names nothing that is", async (t) => {
  const server = await start(t);
  const tokens = [await server.token("note:read"), await server.token("note:write admin:write staff:read order:read")];
  const unknown: readonly Rpc[] = [
    { method: "tools/call", params: { name: "none", arguments: {} } },
    { method: "prompts/get", params: { name: "none" } },
    { method: "resources/read", params: { uri: "none://none" } },
    { method: "skills/get", params: { uri: "skill://none/SKILL.md" } },
    complete({ type: "ref/prompt", name: "none" }),
    complete({ type: "ref/resource", uri: "none://{none}" }),
  ];
  for (const request of unknown) {
    const [one, other] = await Promise.all(tokens.map((token) => rpc(server, token, request)));
    assert.deepEqual([one?.status, one?.body.error?.code], [200, -32602], request.method);
    assert.deepEqual(one?.body, other?.body, request.method);
    assert.doesNotMatch(JSON.stringify(one?.body.error), /wipe|summarize|refunds/);
  }
});

test("a cursor of one list, or of other scopes, opens no other list", async (t) => {
  const surface = createSurface();
  const [echo] = surface.tools;
  assert.ok(echo);
  const tools = Array.from({ length: 101 }, (_, i) => ({ ...echo, name: `tool_${i}` }));
  const server = await startServer(t, { ...surface, tools });
  const token = await server.token("note:read");
  const { body } = await rpc(server, token, { method: "tools/list" });
  const cursor = body.result?.["nextCursor"];
  assert.equal((await rpc(server, token, { method: "tools/list", params: { cursor } })).status, 200);
  for (const [by, method] of [
    [token, "prompts/list"],
    [await server.token("note:write"), "tools/list"],
  ] as const) {
    const refused = await rpc(server, by, { method, params: { cursor } });
    assert.equal(refused.body.error?.code, -32602, method);
  }
});

const cacheable: readonly Rpc[] = [
  { method: "server/discover" },
  { method: "tools/list" },
  ...lists.map((method) => ({ method })),
  { method: "skills/list" },
  { method: "skills/get", params: { uri: OPEN_SKILL } },
  { method: "skills/get", params: { uri: STAFF_SKILL } },
  { method: "resources/directory/read", params: { uri: "skill://order-status" } },
  { method: "resources/read", params: { uri: "notes://all" } },
  { method: "resources/read", params: { uri: OPEN_SKILL } },
  { method: "resources/read", params: { uri: app.uri } },
];

const others: readonly Rpc[] = [
  ...guarded.map(([, request]) => request),
  { method: "tools/call", params: { name: "echo", arguments: { text: "a" } } },
  { method: "tools/call", params: { name: "wipe", arguments: { text: "a" } } },
  { method: "tools/call", params: { name: "stream_echo", arguments: { text: "a" } }, meta: { progressToken: 1 } },
  { method: "no/such" },
];

test("each result that may be kept says for how long and by whom (P33)", async (t) => {
  const server = await start(t);
  const token = await server.token("note:write order:read staff:read");
  for (const request of cacheable) {
    const { ttlMs, cacheScope } = (await rpc(server, token, request)).body.result ?? {};
    assert.ok(Number.isInteger(ttlMs) && Number(ttlMs) >= 0, request.method);
    assert.equal(cacheScope, "private", request.method);
  }
});

test("T46: nothing that two callers are answered differently may be kept for both", async (t) => {
  const server = await start(t);
  const names = ["note:read", "note:write", "admin:write", "order:read", "order:write", "staff:read"];
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (scope: string): Promise<string> => {
    const known = tokens.get(scope) ?? server.token(scope);
    tokens.set(scope, known);
    return known;
  };
  const scopeSet = fc.subarray(names, { minLength: 1 }).map((some) => some.join(" "));
  let differing = 0;
  await fc.assert(
    fc.asyncProperty(scopeSet, scopeSet, fc.constantFrom(...cacheable, ...others), async (one, other, request) => {
      const answers = await Promise.all([one, other].map(async (scope) => rpc(server, await tokenOf(scope), request)));
      for (const { headers } of answers) assertUnstored(headers);
      if (JSON.stringify(answers[0]?.body) === JSON.stringify(answers[1]?.body)) return;
      differing++;
      for (const answer of answers) assertPrivate(answer);
    }),
    { numRuns: 150 },
  );
  assert.ok(differing > 10, "the callers must have been answered differently");
});

function assertUnstored(headers: Headers): void {
  assert.match(headers.get("cache-control") ?? "", /\bno-store\b/);
  assert.match(headers.get("vary") ?? "", /\bAuthorization\b/);
}

function assertPrivate({ body }: RpcAnswer): void {
  const { cacheScope } = body.result ?? {};
  assert.ok(cacheScope === undefined || cacheScope === "private");
}

test("T46: an answer to a web page depends on its origin too", async (t) => {
  const server = await start(t);
  const { headers } = await rpc(server, await server.token("note:read"), { method: "tools/list", headers: { origin: server.url } });
  assert.equal(headers.get("access-control-allow-origin"), server.url);
  assert.equal(headers.get("vary"), "Authorization, Origin");
});
