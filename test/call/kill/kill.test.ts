import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import * as z from "zod";
import { createServer, defineScopes, defineTool, type Operator } from "../../../src/index.ts";
import { controlPlane } from "../../../src/control-plane/index.ts";
import { readEvents } from "../../support/legacy-client.ts";
import { callTool, fetchToken, modernRequest, rpc, startServer, until, type TestServer } from "../../support/remit.ts";

const scopes = defineScopes({
  "box:read": { description: "See boxes.", access: "read", baseline: true },
  "box:write": { description: "Change boxes.", access: "write", includes: ["box:read"] },
});
const TASKS = { "io.modelcontextprotocol/clientCapabilities": { extensions: { "io.modelcontextprotocol/tasks": {} } } };

function createSurface() {
  const ended: string[] = [];
  const shared = { scopes: ["box:read"], effect: "read", examples: [{ title: "One", input: {} }] } as const;
  const input = z.object({ environment_id: z.string().optional() });
  const look = defineTool({ ...shared, name: "look", title: "Look", description: "Looks at boxes.", input, run: () => "boxes" });
  const wait = defineTool({
    ...shared,
    name: "wait",
    title: "Wait",
    description: "Waits until it is told to stop.",
    input: z.object({}),
    task: "allowed",
    timeoutMs: 60_000,
    async run(_input, { signal, progress }) {
      await progress(1, 2, "waiting");
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      ended.push("wait");
      return "ended";
    },
  });
  return { ended, surface: { scopes, tools: [look, wait] } };
}

async function createWorld(t: TestContext) {
  const { ended, surface } = createSurface();
  const server = await startServer(t, surface);
  const credentials = await server.agent("box:write");
  const token = await fetchToken(server.url, credentials);
  const other = await server.token("box:read");
  return { server, ended, credentials, token, other, surface };
}

/** The receipt of a kill that must succeed. */
async function kill(operator: Operator, order: Parameters<Operator["kill"]>[0]) {
  const receipt = await operator.kill(order);
  assert.ok("id" in receipt, JSON.stringify(receipt));
  assert.ok(receipt.applied_at !== null);
  return receipt;
}

/** The receipt once it names what was refused. */
const completed = (server: TestServer, id: string) =>
  until(async () => (await server.operator.listKills()).find((each) => each.id === id && each.refused !== null));

async function startWaiting(server: TestServer, token: string) {
  const request = modernRequest(token, { method: "tools/call", params: { name: "wait", arguments: {} }, meta: { progressToken: "p" } });
  const stream = readEvents(await fetch(server.mcpUrl, request));
  await stream.next();
  return stream;
}

test("T12: a killed agent is refused at once, what it has open ends, it gets no token, and the receipt names both calls", async (t) => {
  const { server, ended, credentials, token, other } = await createWorld(t);
  assert.equal((await callTool(server, token, "look")).status, 200);
  const running = await startWaiting(server, token);
  const listen = modernRequest(token, { method: "subscriptions/listen", params: { notifications: { toolsListChanged: true } } });
  const listening = readEvents(await fetch(server.mcpUrl, listen));
  await listening.next();
  const task = await rpc(server, token, { method: "tools/call", params: { name: "wait", arguments: {} }, meta: TASKS });
  assert.equal(task.body.result?.["resultType"], "task");
  const receipt = await kill(server.operator, { kind: "agent", value: credentials.clientId, reason: "it misbehaves" });
  const refused = await callTool(server, token, "look");
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get("www-authenticate") ?? "", /error="invalid_token"/);
  assert.equal((await callTool(server, other, "look")).status, 200, "others go on");
  await assert.rejects(fetchToken(server.url, credentials), /401|invalid_client/);
  await running.rest();
  await listening.rest();
  await until(() => (ended.length === 2 ? true : undefined));
  const done = await completed(server, receipt.id);
  assert.equal(done.refused?.agent, credentials.clientId);
  const records = await server.records();
  const accepted = records.find(({ seq }) => seq === receipt.accepted?.seq);
  assert.equal(accepted?.["decision"], receipt.accepted?.decision);
  const applied = records.find((record) => record["event"] === "kill.applied");
  const after = records.filter(({ seq, ...record }) => seq > (applied?.seq ?? 0) && record["agent"] === credentials.clientId);
  assert.ok(after.every((record) => record["kind"] !== "call" || record["allowed"] === false || record["outcome"] === "cancelled"));
  const events = await until(async () => {
    const found = (await server.records()).flatMap(({ event }) => (String(event).startsWith("kill.") ? [event] : []));
    return found.length === 3 ? found : undefined;
  });
  assert.deepEqual(events, ["kill.ordered", "kill.applied", "kill.refused"]);
  assert.equal(await server.operator.liftKill(receipt.id), true);
  assert.equal((await callTool(server, token, "look")).status, 401, "what had ended stays ended");
  // Times in tokens are whole seconds: one of the second of the kill is refused too.
  const again = await until(async () => {
    const fresh = await fetchToken(server.url, credentials);
    return (await callTool(server, fresh, "look")).status === 200 ? fresh : undefined;
  });
  assert.ok(again);
});

test("T12: a killed tool is neither listed nor called nor left running, in its workspace, and explained as killed until that is lifted", async (t) => {
  const { server, ended, token } = await createWorld(t);
  const running = await startWaiting(server, token);
  const receipt = await kill(server.operator, { kind: "tool", value: "wait" });
  await running.rest();
  assert.deepEqual(ended, ["wait"]);
  const names = async () => {
    const { body } = await rpc(server, token, { method: "tools/list" });
    return ((body.result?.["tools"] ?? []) as readonly { readonly name: string }[]).map(({ name }) => name);
  };
  assert.deepEqual(await names(), ["look"]);
  const { body } = await callTool(server, token, "wait");
  assert.match(JSON.stringify(body.result), /An operator of this server has stopped this/);
  assert.equal(body.result?.["isError"], true);
  const done = await completed(server, receipt.id);
  const record = (await server.records()).find(({ seq }) => seq === done.refused?.seq);
  assert.deepEqual([record?.["rule"], record?.["policy_rule"], record?.["tool"]], ["killed", receipt.id, "wait"]);
  const explained = await server.operator.explainDecision(String(done.refused?.decision));
  assert.ok("checks" in explained);
  assert.equal(explained.checks.find(({ check }) => check === "kill")?.change, `An operator lifts it: remit kill lift ${receipt.id}`);
  assert.equal((await callTool(server, token, "look")).status, 200);
  await server.operator.liftKill(receipt.id);
  assert.deepEqual(await names(), ["look", "wait"]);
});

test("T12: in a killed workspace nothing is accepted and no token issued, also after a restart; lifting lets agents ask anew", async (t) => {
  const { server, credentials, token, surface } = await createWorld(t);
  assert.equal((await callTool(server, token, "look")).status, 200);
  const receipt = await kill(server.operator, { kind: "workspace", value: "wks_test" });
  assert.equal((await callTool(server, token, "look")).status, 401);
  await assert.rejects(fetchToken(server.url, credentials), /400|401/);
  assert.equal((await completed(server, receipt.id)).refused?.agent, credentials.clientId);
  await server.close();
  const { parseConfig } = await import("../../../src/index.ts");
  const config = parseConfig({ PORT: "0", REMIT_DATA: server.dataDir, REMIT_LOG_LEVEL: "silent" });
  const next = await createServer({ ...surface, config });
  t.after(() => next.close());
  await next.listen();
  await assert.rejects(fetchToken(next.url, credentials), /400|401/);
  assert.equal(await next.operator.liftKill(receipt.id), true);
  // Times in tokens are whole seconds: one of the second in which it was lifted is refused too.
  await until(async () => ((await callTool(next, await fetchToken(next.url, credentials), "look")).status === 200 ? true : undefined));
});

test("T12: what is about a killed environment is refused or not there, by argument and by address; other environments are as they were", async (t) => {
  const server = await startServer(t, controlPlane);
  const token = await server.token("env:write org:write");
  const create = async (name: string) => {
    const { body } = await callTool(server, token, "create_environment", { name, kind: "development" });
    return String(((body.result?.["structuredContent"] ?? {}) as Readonly<Record<string, unknown>>)["environment_id"]);
  };
  const [stopped, open] = [await create("Stopped"), await create("Open")];
  const receipt = await kill(server.operator, { kind: "environment", value: stopped });
  const list = (environment_id: string, at = server.mcpUrl) => callTool({ mcpUrl: at }, token, "list_organizations", { environment_id });
  for (const answer of [await list(stopped), await list(open, `${server.mcpUrl}?environment=${stopped}`)]) {
    assert.match(JSON.stringify(answer.body), /An operator of this server has stopped this/);
  }
  assert.equal((await list(open)).body.result?.["isError"], undefined);
  const { body } = await callTool(server, token, "list_environments");
  assert.doesNotMatch(JSON.stringify(body), new RegExp(stopped));
  assert.equal((await completed(server, receipt.id)).kind, "environment");
  await server.operator.liftKill(receipt.id);
  assert.equal((await list(stopped)).body.result?.["isError"], undefined);
});

test("T12: a refresh that races the kill of its agent or person never leaves a token that works", async (t) => {
  const { server, credentials } = await createWorld(t);
  const issuing = Array.from({ length: 30 }, () => fetchToken(server.url, credentials).catch(() => undefined));
  const receipt = await kill(server.operator, { kind: "agent", value: credentials.clientId });
  for (const token of await Promise.all(issuing)) {
    if (token !== undefined) assert.equal((await callTool(server, token, "look")).status, 401);
  }
  assert.ok(receipt.applied_at);
});

test("T12: a killed grant and person cannot be used again", async (t) => {
  const { server, token, credentials } = await createWorld(t);
  const wrong = await server.operator.kill({ kind: "environment", value: "env_none" });
  assert.ok("problems" in wrong && wrong.problems[0]?.includes("there is no environment"));
  const [grant] = (await server.operator.listGrants()).filter(({ client_id }) => client_id === credentials.clientId);
  const receipt = await kill(server.operator, { kind: "grant", value: grant?.id ?? "" });
  assert.equal((await callTool(server, token, "look")).status, 401);
  const lifted = await server.operator.liftKill(receipt.id);
  assert.ok(lifted !== true && lifted.problems[0]?.includes("stays revoked"));
  const made = await server.operator.createPerson({ email: "eve@example.com", name: "Eve", role: "admin" });
  assert.ok("accountId" in made);
  const { value } = await kill(server.operator, { kind: "user", value: "eve@example.com" });
  assert.equal(value, made.accountId);
  assert.ok("problems" in (await server.operator.createSignInLink("eve@example.com")));
});
