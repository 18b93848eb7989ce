import assert from "node:assert/strict";
import { test } from "node:test";
import { createLimiter } from "../../src/lib/limiter.ts";
import { callTool, rpc, startServer, until } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

const textOf = (result: Record<string, unknown> | undefined) => (result?.["content"] as { text: string }[] | undefined)?.[0]?.text ?? "";

test("a structured result is sent as structuredContent and as the same JSON in text (U5)", async (t) => {
  const server = await startServer(t, createSurface());
  const { body } = await callTool(server, await server.token("note:read"), "measure", { text: "hello" });
  assert.deepEqual(body.result?.["structuredContent"], { characters: 5 });
  assert.equal(textOf(body.result), '{"characters":5}');
});

test("a result that its own output schema refuses never leaves", async (t) => {
  const server = await startServer(t, createSurface());
  const { body } = await callTool(server, await server.token("note:read"), "measure", { text: "lie" });
  assert.equal(body.error?.code, -32603);
});

test("a tool's own error is a result with isError, and a result over the budget is none: its first part says how to go on", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  const failed = await callTool(server, token, "fail", { text: "x" });
  assert.equal(failed.body.result?.["isError"], true);
  assert.equal(textOf(failed.body.result), "Nothing to do. Write a note first.");
  const huge = await callTool(server, token, "huge", { text: "x" });
  assert.equal(huge.body.result?.["isError"], undefined);
  assert.match(textOf(huge.body.result), /^x+$/);
  assert.match(
    JSON.stringify(huge.body.result),
    /Part 1 of 4 of the result of huge: characters 1–\S+ of 300,000\. To go on, call huge again/,
  );
});

const badArguments: readonly [title: string, args: unknown, expected: RegExp][] = [
  ["a misspelt parameter", { Text: "x" }, /\/: "Text" is not a parameter. Did you mean "text"\?/],
  ["a missing parameter", {}, /\/text: required, expected string/],
  ["a wrong type", { text: 7 }, /\/text: expected string \(string: Any text\.\)/],
  ["a text too long", { text: "x".repeat(100_001) }, /\/text: expected string of at most 100000 characters/],
  ["arguments that are a list", [], /\/: expected object/],
];

for (const [title, args, expected] of badArguments) {
  test(`${title} gets the place, the expected shape and an example, and the code is not entered (U11)`, async (t) => {
    const surface = createSurface();
    const server = await startServer(t, surface);
    const { status, body } = await rpc(server, await server.token("note:read"), {
      method: "tools/call",
      params: { name: "echo", arguments: args },
    });
    assert.equal(status, 200);
    assert.equal(body.result?.["isError"], true);
    assert.match(textOf(body.result), expected);
    assert.match(textOf(body.result), /Example: \{"text":"hello"\}/);
    assert.equal(surface.entered.get("echo"), undefined);
  });
}

test("every call, list and refusal is one record that says who, what, with which permission, how it was decided and how it ended", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:read");
  const before = (await server.records()).length;
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  await rpc(server, token, { method: "tools/list" });
  await rpc(server, token, { method: "tools/call", params: { name: "echo", arguments: { text: "x" } }, meta: { traceparent } });
  await callTool(server, token, "write_note", { text: "x" });
  await callTool(server, token, "nothing", {});
  const [list, call, refused, unknown, ...rest] = (await server.records()).slice(before);
  assert.deepEqual(rest, []);
  assert.equal(list?.["method"], "tools/list");
  const { agent, subject, grant, workspace, ...members }: Record<string, unknown> = call ?? {};
  assert.match(String(agent), /^cl_/);
  assert.equal(subject, agent);
  assert.match(String(grant), /^gr_/);
  assert.equal(workspace, "wks_test");
  assert.equal(members["kind"], "call");
  assert.equal(members["tool"], "echo");
  assert.equal(members["effect"], "read");
  assert.equal(members["allowed"], true);
  assert.equal(members["rule"], "all_scopes_held");
  assert.deepEqual(members["held"], ["note:read"]);
  assert.deepEqual(members["needed"], ["note:read"]);
  assert.deepEqual(members["arguments"], { text: "x" });
  assert.match(String(members["arguments_digest"]), /^[0-9a-f]{64}$/);
  assert.match(String(members["result_digest"]), /^[0-9a-f]{64}$/);
  assert.equal(members["trace"], "0af7651916cd43dd8448eb211c80319c");
  assert.equal(members["outcome"], "ok");
  assert.equal(refused?.["outcome"], "refused");
  assert.equal(refused["reason"], "insufficient_scope");
  assert.deepEqual(refused["missing"], ["note:write"]);
  assert.equal(refused["result_digest"], undefined);
  assert.equal(unknown?.["named"], "nothing");
  assert.equal(new Set([list, call, refused, unknown].map((record) => record?.["decision"])).size, 4);
});

test("a write has its intent on record before it runs, and its outcome after", async (t) => {
  const server = await startServer(t, createSurface());
  await callTool(server, await server.token("note:write"), "write_note", { text: "x" });
  const [intent, outcome] = (await server.records()).slice(-2);
  assert.equal(intent?.["kind"], "intent");
  assert.equal(intent["outcome"], undefined);
  assert.equal(outcome?.["kind"], "outcome");
  assert.equal(outcome["outcome"], "ok");
  assert.equal(outcome["decision"], intent["decision"]);
});

test("an agent over its rate is told when to come back, and other agents are not slowed", async (t) => {
  const server = await startServer(t, createSurface(), { REMIT_RATE_PER_SECOND: "1", REMIT_RATE_BURST: "3" });
  const [busy, quiet] = [await server.token("note:read"), await server.token("note:read")];
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { status, headers } = await rpc(server, busy, { method: "tools/list" });
    statuses.push(status);
    if (status === 429) assert.match(headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  }
  assert.deepEqual(statuses.slice(0, 3), [200, 200, 200]);
  assert.equal(statuses.includes(429), true);
  assert.equal((await rpc(server, quiet, { method: "tools/list" })).status, 200);
});

test("a bucket fills again with time, never beyond its size, and forgets agents that are full", () => {
  let now = 0;
  const limiter = createLimiter({ perSecond: 10, burst: 5, now: () => now });
  const taken = (key: string) => Array.from({ length: 20 }, () => limiter.take(key)).filter((wait) => wait === 0).length;
  assert.equal(taken("a"), 5);
  assert.equal(limiter.take("a"), 1);
  now += 200;
  assert.equal(taken("a"), 2);
  now += 3_600_000;
  assert.equal(taken("a"), 5);
  for (let i = 0; i < 30_000; i++) limiter.take(`agent ${i}`);
  assert.equal(limiter.take("a") > 0, true);
});

test("calls in flight end, and nothing is lost, when the server stops", async (t) => {
  const surface = createSurface();
  const server = await startServer(t, surface);
  const token = await server.token("note:read");
  const calls = Array.from({ length: 20 }, (_, i) =>
    rpc(server, token, { method: "tools/call", params: { name: "stream_echo", arguments: { text: `n${i}`, waitMs: 60 } } }),
  );
  await until(() => (surface.entered.get("stream_echo") === 20 ? true : undefined));
  await server.close();
  const answers = await Promise.all(calls);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  const outcomes = (await server.records()).filter(({ tool }) => tool === "stream_echo").map(({ outcome }) => outcome);
  assert.deepEqual(outcomes, Array(20).fill("ok"));
});
