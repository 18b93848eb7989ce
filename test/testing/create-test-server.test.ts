import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { tmpdir } from "node:os";
import { before, test } from "node:test";
import { countWords, removeText, scopes } from "../../examples/testing/surface.ts";
import { createTestServer, type TestServer } from "../../src/testing/index.ts";
import { closingWithFile, until } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

const closing = closingWithFile();
let server: TestServer<ReturnType<typeof createSurface>["scopes"]>;

before(async () => {
  server = await createTestServer(createSurface());
  closing.after(() => server.close());
});

test("settings are given by the names of their variables", async () => {
  const own = await createTestServer({ ...createSurface(), env: { REMIT_APPROVALS: "off" } });
  closing.after(() => own.close());
  const agent = await own.agent({ scopes: ["note:write", "admin:write"] });
  (await agent.call("wipe", { text: "all" })).assertOk().assertRecord({ effect: "destructive" });
});

test("an agent for a person holds no more than their role allows", async () => {
  const viewer = await server.person({ role: "viewer", email: "vera@example.com" });
  const agent = await server.agent({ scopes: ["note:read", "note:write"], person: viewer });
  (await agent.call("echo", { text: "hi" })).assertOk().assertRecord({ subject: viewer.accountId });
  (await agent.call("write_note", { text: "hi" })).assertRefused({ rule: "scope_missing", missing: ["note:write"] });
  const none = await server.agent({ scopes: ["admin:write"], person: viewer });
  (await none.call("wipe", { text: "all" })).assertRefused({ missing: ["note:write", "admin:write"] });
  const bare = await server.agent({ scopes: [] });
  (await bare.call("echo", { text: "hi" })).assertRefused({ missing: ["note:read"] });
  const nobody = { accountId: "acc_nobody", role: "owner" } as const;
  await assert.rejects(server.agent({ scopes: ["note:read"], person: nobody }), /no person of this workspace/);
});

test("a decision names what was needed and what was held", async () => {
  const agent = await server.agent({ scopes: ["note:write"] });
  const { decision, status, challenge } = await agent.call("wipe", { text: "all" });
  assert.deepEqual(decision, {
    allowed: false,
    rule: "scope_missing",
    needed: ["note:write", "admin:write"],
    held: ["note:read", "note:write"],
    missing: ["admin:write"],
  });
  assert.equal(status, 403);
  assert.match(challenge ?? "", /insufficient_scope/);
});

test("what is streamed before the answer is in the call", async () => {
  const agent = await server.agent({ scopes: ["note:read"] });
  const call = await agent.call("stream_echo", { text: "a" });
  call.assertOk();
  assert.equal(call.streamed.length, 3);
  assert.equal(call.text, "a done");
});

test("only who may decide about a held call approves it, and a refusal holds", async () => {
  const [viewer, owner] = [await server.person({ role: "viewer" }), await server.person()];
  const agent = await server.agent({ scopes: ["note:write", "admin:write"] });
  const held = (await agent.call("wipe", { text: "all" })).assertHeld();
  await assert.rejects(viewer.approve(held), /may not decide/);
  await owner.refuse(held, "Not today.");
  const again = await agent.call("wipe", { text: "all" });
  assert.throws(() => again.assertOk(), /Not today/);
  await assert.rejects(owner.approve(await agent.call("echo", { text: "hi" })), /waits for nobody/);
});

test("names of scopes, inputs and answers are typed", async () => {
  await using own = await createTestServer({ scopes, tools: [countWords, removeText] });
  // @ts-expect-error -- no such scope is declared
  await assert.rejects(own.agent({ scopes: ["text:fly"] }), /text:fly/);
  const agent = await own.agent({ scopes: ["text:read"] });
  // @ts-expect-error -- the input has no such member
  (await agent.call(countWords, { txt: "a" })).assertError(/text/);
  const call = await agent.call(countWords, { text: "one two" });
  const words: number = call.value.words;
  assert.equal(words, 2);
  // @ts-expect-error -- the answer has no such member
  assert.throws(() => call.assertOk({ characters: 2 }));
});

/** An assertion that holds, and those that do not, with what they say. */
test("an assertion that does not hold says what happened instead", async () => {
  const agent = await server.agent({ scopes: ["note:read"] });
  const ok = await agent.call("measure", { text: "four" });
  const refused = await agent.call("write_note", { text: "x" });
  const failed = await agent.call("fail", { text: "x" });
  const invalid = await agent.call("echo", { txt: "x" });
  invalid.assertError(/text/);
  failed.assertError("Write a note first");
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => ok.assertOk({ characters: 5 }), /characters/],
    [() => ok.assertRefused(), /not refused. measure: ok/],
    [() => ok.assertHeld(), /not held. measure: ok/],
    [() => ok.assertError(), /measure: ok/],
    [() => ok.assertRecord({ tool: "echo" }), /the record of measure/],
    [() => refused.assertOk(), /not carried out. write_note: refused \(scope_missing: note:write\)/],
    [() => refused.assertRefused({ missing: [] }), /note:write/],
    [() => refused.assertRefused({ rule: "policy_denied" }), /scope_missing/],
    [() => failed.assertError("Something else"), /Something else/],
  ];
  for (const [assertion, said] of wrong) assert.throws(assertion, said);
});

test("a server that is closed leaves nothing behind, nor does one that did not start", async () => {
  const folders = () => globSync("remit-testing-*", { cwd: tmpdir() }).length;
  const before = folders();
  const own = await createTestServer({ scopes, tools: [countWords, removeText] });
  assert.equal(folders(), before + 1);
  await own.close();
  await assert.rejects(createTestServer({ scopes, tools: [{ ...countWords, scopes: ["nowhere:read"] }] }), /nowhere:read/);
  assert.equal(await until(() => (folders() === before ? true : undefined)), true);
  assert.ok(existsSync(tmpdir()));
});
