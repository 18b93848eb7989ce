/** Lists, calls, explanations and records never disagree about what a policy says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { NewPolicyRule } from "../../src/call/policy/policy-acts.ts";
import { authorizeUrl, createPkce, signInByLink } from "../support/person.ts";
import { rpc } from "../support/remit.ts";
import { runs } from "./support/policy-surface.ts";
import { createPolicyWorld, toldOf } from "./support/policy-world.ts";

const TOOLS = ["look", "mark", "wipe", "shown"];

test("T14: what is listed, what runs, what is explained and what is on record agree under any rules", async (t) => {
  const world = await createPolicyWorld(t);
  const target = fc.oneof(
    fc.constant({}),
    fc.constantFrom(...TOOLS).map((tool) => ({ tool })),
    fc.constantFrom("read" as const, "write" as const, "destructive" as const).map((effect) => ({ effect })),
  );
  const rule = fc
    .record({ action: fc.constantFrom("allow" as const, "deny" as const, "approve" as const), target, isOwn: fc.boolean() })
    .filter(({ action, target: named }) => action !== "allow" || Object.keys(named).length > 0)
    // The tool that explains must stay.
    .filter(({ action, target: named }) => action === "allow" || "tool" in named || ("effect" in named && named.effect !== "read"));
  const rules = fc.tuple(fc.array(rule, { maxLength: 4 }), fc.boolean());
  let at = 0;
  await fc.assert(
    fc.asyncProperty(rules, async ([rulings, isReadOnly]) => {
      await world.clear();
      const set: NewPolicyRule[] = rulings.map(({ action, target: named, isOwn }) => ({
        action,
        ...named,
        ...(isOwn ? { clientId: world.clientId } : {}),
      }));
      for (const each of [...set, ...(isReadOnly ? [{ action: "read_only" as const }] : [])]) await world.set(each);
      const { body } = await world.call("why");
      const structured = body.result?.["structuredContent"];
      const { tools: explained } = structured as { tools: { name: string; allowed: boolean; rule: string; approvers: number }[] };
      const listed = await world.listed();
      for (const { name, allowed, rule: said, approvers } of explained) {
        assert.equal(listed.includes(name), allowed || name === "shown", `${name} listed`);
        if (!TOOLS.includes(name)) continue;
        const before = runs.length;
        const answer = await world.call(name, { at: String(at++) });
        assert.equal(answer.status, 200);
        const { isError, text } = toldOf(answer);
        assert.equal(runs.length > before, allowed && approvers === 0, `${name} ran`);
        assert.equal(isError, !(allowed && approvers === 0));
        if (!allowed) assert.match(text, /policy of this workspace/);
        const [record] = (await world.server.records()).toReversed();
        assert.equal(record?.["rule"], said);
        assert.equal(record?.["allowed"], allowed);
      }
    }),
    { numRuns: 25 },
  );
});

test("T14: what a policy refuses is told as a result that the model reads, asks for no scope, and names the rule on record", async (t) => {
  const world = await createPolicyWorld(t);
  const denial = await world.set({ action: "deny", tool: "mark", clientId: world.clientId });
  const answer = await world.call("mark");
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("www-authenticate"), null);
  const { isError, text, meta } = toldOf(answer);
  assert.equal(isError, true);
  assert.match(text, /A policy of this workspace does not let this agent use the tool mark\. No further scope helps/);
  assert.deepEqual(meta["dev.remit/policy"], { rule: "policy_denied", policy_rule: denial });
  const record = (await world.server.records()).at(-1) ?? assert.fail();
  const { rule, policy_rule, outcome, reason, allowed } = record;
  assert.deepEqual(
    { rule, policy_rule, outcome, reason, allowed },
    { rule: "policy_denied", policy_rule: denial, outcome: "refused", reason: "policy_denied", allowed: false },
  );
});

test("a tool that may be discovered stays listed, and says that a policy says no", async (t) => {
  const world = await createPolicyWorld(t);
  await world.set({ action: "read_only" });
  const { body } = await rpc(world.server, world.token, { method: "tools/list" });
  const tools = body.result?.["tools"] as readonly { readonly name: string; readonly description: string; readonly _meta?: object }[];
  assert.deepEqual(tools.map(({ name }) => name).toSorted(), ["environments", "look", "shown", "why"]);
  const shown = tools.find(({ name }) => name === "shown");
  assert.match(shown?.description ?? "", /Not available: a policy of this workspace says no\./);
  assert.deepEqual(shown?._meta, { "dev.remit/policy": { rule: "read_only" } });
});

test("prompts and resources are refused by an error, and are not listed", async (t) => {
  const world = await createPolicyWorld(t);
  await world.set({ action: "deny", effect: "read" });
  const ask = (method: string, params: object = {}) => rpc(world.server, world.token, { method, params: { ...params } });
  assert.deepEqual((await ask("prompts/list")).body.result?.["prompts"], []);
  assert.deepEqual((await ask("resources/list")).body.result?.["resources"], []);
  for (const [method, params] of [
    ["prompts/get", { name: "greet" }],
    ["resources/read", { uri: "note://one" }],
  ] as const) {
    const { status, body } = await ask(method, params);
    assert.deepEqual([status, body.error?.code], [200, -31403]);
    assert.match(body.error?.message ?? "", /policy of this workspace/);
  }
});

test("approve holds a reading tool until two people approved, and the call that waits has done nothing", async (t) => {
  const world = await createPolicyWorld(t);
  await world.set({ action: "approve", approvers: 2, tool: "look" });
  const before = runs.length;
  const { isError, meta } = toldOf(await world.call("look"));
  assert.equal(isError, true);
  assert.ok("dev.remit/approval" in meta);
  assert.equal(runs.length, before);
});

test("T14: nothing that an agent sends widens what its policy lets it do", async (t) => {
  const world = await createPolicyWorld(t);
  await world.set({ action: "read_only" });
  const before = runs.length;
  const sent: [string, Parameters<typeof rpc>[2]][] = [
    ["arguments", { method: "tools/call", params: { name: "mark", arguments: { readonly: "0", policy: "allow" } } }],
    [
      "_meta",
      { method: "tools/call", params: { name: "mark", arguments: {} }, meta: { "dev.remit/policy": { rule: "allow" }, readonly: "0" } },
    ],
    [
      "headers",
      {
        method: "tools/call",
        params: { name: "mark", arguments: {} },
        headers: { "x-remit-policy": "allow", "x-original-url": "/mcp?readonly=0" },
      },
    ],
    [
      "inputResponses",
      { method: "tools/call", params: { name: "wipe", arguments: {}, inputResponses: { approval: { action: "accept" } } } },
    ],
  ];
  for (const [what, request] of sent) {
    const answer = await rpc(world.server, world.token, request);
    assert.equal(toldOf(answer).isError, true, what);
  }
  for (const query of ["?readonly=0", "?policy=off", "?readonly=1&readonly=0"]) {
    const answer = await rpc({ mcpUrl: `${world.server.mcpUrl}${query}` }, world.token, {
      method: "tools/call",
      params: { name: "mark", arguments: {} },
    });
    assert.equal(answer.status, 400, query);
  }
  assert.equal(runs.length, before);
});

test("what a person is asked to consent to names no tool that a policy refuses to the agent", async (t) => {
  const { server, set } = await createPolicyWorld(t);
  const redirectUri = "http://127.0.0.1:4711/callback";
  const made = await server.operator.createAgent({ name: "Helper", scopes: ["all:write"], redirectUris: [redirectUri] });
  assert.ok(!("problems" in made));
  await server.operator.createPerson({ email: "ada@example.test", name: "Ada", role: "owner" });
  const link = await server.operator.createSignInLink("ada@example.test");
  assert.ok(!("problems" in link));
  const ada = await signInByLink(server.url, link.url);
  const tools = async () => {
    const { challenge } = createPkce();
    const page = await ada.open(
      authorizeUrl(server.url, { clientId: made.clientId, redirectUri, challenge, more: { scope: "all:write" } }),
    );
    return ["mark", "wipe", "shown"].filter((name) => new RegExp(`[\\s>]${name}[,<\\s]`).test(page.html));
  };
  assert.deepEqual(await tools(), ["mark", "wipe", "shown"]);
  await set({ action: "deny", tool: "mark", clientId: made.clientId });
  assert.deepEqual(await tools(), ["wipe", "shown"]);
});
