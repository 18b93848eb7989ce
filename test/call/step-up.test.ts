import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { authorize } from "../../src/call/authorize.ts";
import { principalOf } from "../../src/call/principal.ts";
import { createChallengeCounts } from "../../src/call/step-up/challenge-counts.ts";
import { isRefusal } from "../../src/errors.ts";
import { createChallenges } from "../../src/oauth/index.ts";
import { createRegistry } from "../../src/tool/index.ts";
import { callOf, connectLegacy } from "../support/legacy-client.ts";
import { callTool, fetchToken, readAnswer, rpc, startServer, until, type RpcAnswer, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

type Result = {
  readonly isError?: boolean;
  readonly content?: readonly { readonly text: string }[];
  readonly _meta?: Record<string, unknown>;
};

/** A server with one agent that may read, and its token. */
async function startSite(t: TestContext, challenge: "http" | "in_band" = "http") {
  const surface = createSurface();
  const server = await startServer(t, surface);
  const agent = await server.agent("note:read note:write");
  assert.equal(await server.operator.setChallenge(agent.clientId, challenge), true);
  const token = await fetchToken(server.url, agent, "note:read");
  return { surface, server, agent, token };
}

type Call = (server: TestServer, token: string, name?: string) => Promise<RpcAnswer>;

const modern: Call = (server, token, name = "write_note") => callTool(server, token, name, { text: "x" });
const legacy: Call = async (server, token, name = "write_note") =>
  readAnswer(await (await connectLegacy(server.mcpUrl, token)).post(callOf(name, { text: "x" })));

const eras: readonly [string, Call][] = [
  ["2025-11-25", legacy],
  ["2026-07-28", modern],
];

const textOf = ({ body }: RpcAnswer): string => (body.result as Result | undefined)?.content?.[0]?.text ?? "";

async function lastRecord(server: TestServer) {
  return (await server.records()).filter(({ method }) => method === "tools/call").at(-1);
}

for (const [era, call] of eras) {
  test(`a client of ${era} is challenged by a 403 unless an operator said otherwise`, async (t) => {
    const { server, token } = await startSite(t);
    const { status, headers } = await call(server, token);
    assert.equal(status, 403);
    assert.match(headers.get("www-authenticate") ?? "", /^Bearer error="insufficient_scope", scope="[^"]*note:write"/);
  });

  test(`a client of ${era} with challenge in_band gets a result that its model reads, and the record stays a refusal`, async (t) => {
    const { server, token, surface } = await startSite(t, "in_band");
    const answer = await call(server, token);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("www-authenticate"), null);
    const result = answer.body.result as Result;
    assert.equal(result.isError, true);
    const challenges = result._meta?.["mcp/www_authenticate"];
    assert.ok(Array.isArray(challenges) && challenges.length === 1);
    assert.match(
      String(challenges[0]),
      /^Bearer error="insufficient_scope", scope="[^"]*note:write", resource_metadata="http:.*\/oauth-protected-resource\/mcp"/,
    );
    assert.match(textOf(answer), /needs the scope note:write, .* note:write means: Write notes\. Tell the operator of this server/);
    assert.equal(surface.entered.size, 0);
    const record = await lastRecord(server);
    assert.deepEqual(
      [record?.["outcome"], record?.["reason"], record?.["allowed"], record?.["missing"], record?.["result_digest"]],
      ["refused", "insufficient_scope", false, ["note:write"], undefined],
    );
  });

  test(`T14: after five challenges for one tool a client of ${era} is told to stop, and the record says so`, async (t) => {
    for (const challenge of ["http", "in_band"] as const) {
      const { server, token, surface } = await startSite(t, challenge);
      for (let i = 0; i < 5; i++) assert.equal((await call(server, token)).status, challenge === "http" ? 403 : 200);
      for (let i = 0; i < 3; i++) {
        const answer = await call(server, token);
        assert.equal(answer.status, 200);
        assert.equal((answer.body.result as Result).isError, true);
        assert.equal((answer.body.result as Result)._meta?.["mcp/www_authenticate"], undefined);
        assert.match(
          textOf(answer),
          /asked for 5 times within 10 minutes and was not granted\. Ask the operator of this server .*do not try again/,
        );
        const record = await lastRecord(server);
        assert.deepEqual([record?.["outcome"], record?.["reason"], record?.["missing"]], ["refused", "challenge_repeated", ["note:write"]]);
      }
      assert.equal(surface.entered.size, 0);
      // Another tool has a count of its own.
      assert.equal((await call(server, token, "wipe")).status, challenge === "http" ? 403 : 200);
      assert.equal((await lastRecord(server))?.["reason"], "insufficient_scope");
    }
  });
}

test("a client that was told to stop goes on at once when the scope is granted, and another client was never slowed", async (t) => {
  const { server, token, agent, surface } = await startSite(t);
  for (let i = 0; i < 7; i++) await modern(server, token);
  assert.equal((await modern(server, await server.token("note:read"))).status, 403);
  assert.equal(textOf(await modern(server, await fetchToken(server.url, agent, "note:write"))), "wrote x");
  assert.equal(surface.entered.get("write_note"), 1);
});

const targets: readonly [method: string, params: Record<string, unknown>][] = [
  ["prompts/get", { name: "summarize", arguments: { note: "a" } }],
  ["resources/read", { uri: "notes://all" }],
  ["completion/complete", { ref: { type: "ref/prompt", name: "summarize" }, argument: { name: "note", value: "" } }],
  ["subscriptions/listen", { notifications: { resourceSubscriptions: ["notes://all"] } }],
];

for (const [method, params] of targets) {
  test(`T14: ${method} is challenged by a 403 for every client, and after five it gets an error without a challenge`, async (t) => {
    const { server, token } = await startSite(t, "in_band");
    for (let i = 0; i < 5; i++) assert.equal((await rpc(server, token, { method, params })).status, 403);
    const { status, headers, body } = await rpc(server, token, { method, params });
    assert.deepEqual([status, headers.get("www-authenticate"), body.error?.code], [200, null, -31403]);
    assert.match(body.error?.message ?? "", /do not try again/);
    assert.equal((await server.records()).at(-1)?.["reason"], "challenge_repeated");
  });
}

test("T14: in a batch a refused call for a client in_band is told in its place, and is on record once", async (t) => {
  const { server, token, surface } = await startSite(t, "in_band");
  const batch = [
    { ...callOf("write_note", { text: "x" }), id: 1 },
    { ...callOf("echo", { text: "x" }), id: 2 },
  ];
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "mcp-protocol-version": "2025-03-26" };
  const response = await fetch(server.mcpUrl, { method: "POST", headers, body: JSON.stringify(batch) });
  assert.equal(response.status, 200);
  const answers = (await response.json()) as readonly { readonly id: number; readonly result: Result }[];
  assert.deepEqual(
    new Map(answers.map(({ id, result }) => [id, result.isError])),
    new Map([
      [1, true],
      [2, undefined],
    ]),
  );
  assert.deepEqual([...surface.entered], [["echo", 1]]);
  assert.equal((await server.records()).filter(({ tool }) => tool === "write_note").length, 1);
});

test("a subscription that may not be is none, however often it was asked for", async (t) => {
  const { server, token } = await startSite(t);
  const client = await connectLegacy(server.mcpUrl, token);
  const subscribe = { jsonrpc: "2.0", id: 1, method: "resources/subscribe", params: { uri: "notes://all" } };
  const statuses: number[] = [];
  for (let i = 0; i < 7; i++) {
    const { status, body } = await readAnswer(await client.post(subscribe));
    statuses.push(status);
    assert.equal(body.result, undefined);
  }
  assert.deepEqual(statuses, [403, 403, 403, 403, 403, 200, 200]);
});

test("what an operator sets acts on tokens that live, and is on record", async (t) => {
  const { server, token, agent } = await startSite(t);
  assert.equal((await modern(server, token)).status, 403);
  assert.equal(await server.operator.setChallenge(agent.clientId, "in_band"), true);
  await until(async () => ((await modern(server, token, "wipe")).status === 200 ? true : undefined));
  const record = (await server.records()).find(({ event }) => event === "agent.challenge_set");
  assert.deepEqual([record?.["agent"], record?.["challenge"]], [agent.clientId, "in_band"]);
  assert.ok((await server.operator.listAgents()).some(({ id, challenge }) => id === agent.clientId && challenge === "in_band"));
  assert.match(JSON.stringify(await server.operator.setChallenge("cl_nobody", "http")), /there is no agent/);
});

test("a token that is bound to a key is challenged with its own scheme (RFC 9449 §7.1)", () => {
  const registry = createRegistry(createSurface());
  const target = registry.tools.get("write_note");
  assert.ok(target !== undefined);
  const challenges = createChallenges({ resource: "https://mcp.example.com/mcp", baseline: [] });
  for (const [jkt, scheme] of [
    [undefined, "Bearer"],
    ["k".repeat(43), "DPoP"],
  ] as const) {
    const ids = { tokenId: "tok", clientId: "cl", subject: "cl", grantId: "gr", workspaceId: "wks" };
    const principal = principalOf({ ...ids, jkt, scopes: registry.scopes.parse("note:read"), issuedAt: 0, expiresAt: 1 });
    const refusal = authorize(principal, target, { challenges, isAccumulating: false });
    assert.ok(isRefusal(refusal));
    assert.match(refusal.headers?.["www-authenticate"] ?? "", new RegExp(`^${scheme} error="insufficient_scope", scope="note:write"`));
  }
});

test("a window ends for each challenge by itself, and what is kept is bounded", () => {
  let now = 0;
  const counts = createChallengeCounts(() => now, 3);
  const added = (key: string): boolean[] => Array.from({ length: 7 }, () => counts.add(key));
  assert.deepEqual(added("a"), [true, true, true, true, true, false, false]);
  now += 9 * 60_000;
  assert.equal(counts.isFull("a"), true);
  now += 60_000;
  assert.equal(counts.isFull("a"), false);
  assert.deepEqual(added("a"), [true, true, true, true, true, false, false]);
  for (const key of ["b", "c"]) counts.add(key);
  assert.equal(counts.isFull("a"), true);
  for (const key of ["d"]) counts.add(key);
  // The one that was used least recently made room.
  assert.equal(counts.isFull("a"), false);
});
