import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestServer } from "../../src/testing/index.ts";
import { countWords, removeText, scopes, tools } from "./surface.ts";

test("words are counted", async () => {
  await using server = await createTestServer({ scopes, tools });
  const agent = await server.agent({ scopes: ["text:read"] });
  (await agent.call(countWords, { text: "Hello, world" })).assertOk({ words: 2 });
});

test("who may only read neither sees nor calls what removes", async () => {
  await using server = await createTestServer({ scopes, tools });
  const agent = await server.agent({ scopes: ["text:read"] });
  assert.deepEqual(await agent.tools(), ["count_words"]);
  const call = await agent.call(removeText, { name: "greeting" });
  call.assertRefused({ missing: ["text:write"] }).assertRecord({ tool: "remove_text", outcome: "refused", agent: agent.clientId });
});

test("nothing is removed before a person has approved it", async () => {
  await using server = await createTestServer({ scopes, tools });
  const owner = await server.person({ role: "owner" });
  const agent = await server.agent({ scopes: ["text:write"], person: owner });
  const held = (await agent.call(removeText, { name: "greeting" })).assertHeld();
  await owner.approve(held);
  (await agent.call(removeText, { name: "greeting" })).assertOk().assertRecord({ effect: "destructive", subject: owner.accountId });
  (await agent.call(removeText, { name: "greting" })).assertError("No text is called greting.");
});
