import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { CallLine, Connect, ConnectAttempt, Identity } from "../../src/console/contract.ts";
import { closingWithFile, startServer, type TestServer } from "../support/remit.ts";
import { askPerson, register } from "../support/connection.ts";
import { signInByLink } from "../support/person.ts";
import { createSurface } from "../support/tools.ts";
import { person, type ConsoleClient } from "./support/console-client.ts";

const file = closingWithFile();
let server: TestServer;
let member: ConsoleClient;
let owner: ConsoleClient;
let foreigner: ConsoleClient;
let reader: Identity;
let writer: Identity;
let keeper: Identity;

before(async () => {
  const surface = createSurface();
  const scopes = { ...surface.scopes, "vault:read": { description: "Read the vault.", access: "read", role: "admin" } } as const;
  server = await startServer(file, { ...surface, scopes, workspaceIds: ["wks_test", "wks_other"] });
  await server.operator.createAgent({ name: "Reader", scopes: ["note:read"], workspaceId: "wks_test" });
  await server.operator.createAgent({ name: "Writer", scopes: ["note:write", "admin:write"], workspaceId: "wks_test" });
  [member, owner] = [await person(server, "member", "wks_test"), await person(server, "owner", "wks_test")];
  await server.operator.createAgent({ name: "Keeper", scopes: ["note:read", "vault:read"], workspaceId: "wks_test" });
  foreigner = await person(server, "owner", "wks_other");
  [reader, writer, keeper] = [await identity("Reader"), await identity("Writer"), await identity("Keeper")];
});

async function identity(name: string): Promise<Identity> {
  const identities = (await member.get("identities")).json as unknown as readonly Identity[];
  return identities.find(({ label }) => label === name) ?? assert.fail(name);
}

async function visitorOf({ email }: ConsoleClient) {
  const link = await server.operator.createSignInLink(email);
  return signInByLink(server.url, "url" in link ? link.url : "");
}

async function call(who: ConsoleClient, order: object): Promise<readonly CallLine[]> {
  const lines: CallLine[] = [];
  for await (const line of who.lines("call", { era: "2026-07-28", arguments: { text: "hi" }, tool: "echo", as: reader.id, ...order }))
    lines.push(line as unknown as CallLine);
  return lines;
}

const of = <T extends CallLine["type"]>(lines: readonly CallLine[], type: T) =>
  lines.filter((line): line is Extract<CallLine, { type: T }> => line.type === type);

/** The answer to the call, and what was decided about it. */
function resultOf(lines: readonly CallLine[]) {
  const [end] = of(lines, "end");
  assert.ok(end?.explained !== undefined && end.explained !== null);
  const message = of(lines, "event").at(-1)?.message as { result?: { content: readonly { type: string; text: string }[] } } | undefined;
  return { content: message?.result?.content, explained: end.explained };
}

test("A call as an agent goes over the wire as its own would, and is on record with the person as its actor", async () => {
  const lines = await call(member, {});
  assert.deepEqual(
    lines.map(({ type }) => type),
    ["request", "response", "event", "end"],
  );
  const [request] = of(lines, "request");
  assert.deepEqual([request?.url, request?.headers["mcp-method"]], [server.mcpUrl, "tools/call"]);
  const { content, explained } = resultOf(lines);
  assert.deepEqual(content, [{ type: "text", text: "hi" }]);
  assert.equal(explained.allowed, true);
  assert.ok(explained.checks.some(({ check, outcome }) => check === "scopes" && outcome === "pass"));
  const records = await server.records();
  const record = records.findLast(({ tool }) => tool === "echo");
  const acted = records.findLast((each) => each["event"] === "console.acted");
  assert.deepEqual([record?.["client"], record?.["actor"]], ["remit-console/1", { sub: acted?.["by"] }]);
  const issued = records.find((each) => each["event"] === "token.issued" && each["token"] === record?.["token"]);
  assert.ok(Number(issued?.["expires_at"]) - Number(issued?.["at"]) <= 120_000);
});

test("T75: the token never reaches the browser, and nothing but this server is called", async () => {
  const text = JSON.stringify(await call(member, {}));
  assert.doesNotMatch(text, /eyJ|Bearer (?!•)/);
  const strange = await member.post("call", { as: reader.id, tool: "echo", era: "2026-07-28", url: "http://169.254.169.254/" });
  assert.deepEqual([strange.status, (strange.json["error"] as { code: string }).code], [400, "bad_request"]);
});

test("The older protocol opens its session, calls in it and closes it", async () => {
  const lines = await call(member, { era: "2025-11-25", tool: "stream_echo" });
  const methods = of(lines, "request").map(({ body }) => (JSON.parse(body) as { method: string }).method);
  assert.deepEqual(methods, ["initialize", "notifications/initialized", "tools/call"]);
  assert.equal(resultOf(lines).content?.[0]?.text, "hi done");
  assert.ok(of(lines, "event").some(({ message }) => (message as { method?: string }).method === "notifications/progress"));
});

test("What is refused is refused as it would be to the agent, and the decision says why", async () => {
  const cases = [
    ["a scope that the agent lacks", { tool: "write_note" }, 403, /note:write/],
    ["a scope that was unticked", { as: writer.id, scopes: [], tool: "echo" }, 403, /note:read/],
    ["arguments that do not fit", { arguments: { text: 7 } }, 200, undefined],
    ["a tool that is not there", { tool: "echoo" }, 200, /tools\/list shows|Use echo/],
  ] as const;
  for (const [title, order, status, change] of cases) {
    const lines = await call(member, order);
    assert.equal(of(lines, "response")[0]?.status, status, title);
    const { explained } = resultOf(lines);
    assert.ok(
      explained.checks.some(({ outcome }) => outcome === "fail"),
      title,
    );
    assert.equal(explained.allowed, change === undefined && status === 200, title);
    if (change !== undefined) assert.match(explained.checks.map((check) => check.change ?? "").join(" "), change, title);
  }
});

test("T74: nobody gets by a call as an agent what their own role would not let them give, or what is another person's", async () => {
  const codeOf = async (who: ConsoleClient, order: object) => {
    const { status, json } = await who.post("call", { tool: "echo", era: "2026-07-28", arguments: { text: "a" }, ...order });
    return status === 200 ? 200 : [status, (json["error"] as { code: string }).code];
  };
  assert.deepEqual(await codeOf(member, { as: keeper.id }), [403, "beyond_role"]);
  assert.equal(await codeOf(member, { as: keeper.id, scopes: ["note:read"] }), 200);
  assert.equal(await codeOf(owner, { as: keeper.id }), 200);
  const visitor = await visitorOf(owner);
  const clientId = await register({ origin: server.url }, { client_name: "Desk" });
  await askPerson({ origin: server.url }, { visitor }, { clientId, more: { resource: server.mcpUrl, scope: "note:read" } });
  const desk = await identity(`${owner.email} via Desk`);
  assert.deepEqual([desk.kind, desk.scopes], ["person", ["note:read"]]);
  assert.deepEqual(await codeOf(member, { as: desk.id }), [403, "another_person"]);
  assert.equal(await codeOf(owner, { as: desk.id }), 200);
  assert.deepEqual(await codeOf(owner, { as: "gr_nothing" }), [404, "no_identity"]);
});

test("Resources are read and prompts are got as the agent would", async () => {
  for (const era of ["2026-07-28", "2025-11-25"]) {
    const read = await call(member, { as: writer.id, kind: "resource", tool: "notes://all", era });
    assert.match(JSON.stringify(of(read, "event").at(-1)?.message), /"text":"notes"/, era);
    assert.equal(of(read, "end")[0]?.explained?.allowed, true, era);
  }
  const got = await call(member, { as: writer.id, kind: "prompt", tool: "summarize", arguments: { note: "first" } });
  assert.match(JSON.stringify(of(got, "event").at(-1)?.message), /Summarize first/);
  const refused = await call(member, { kind: "resource", tool: "notes://all" });
  assert.equal(of(refused, "end")[0]?.explained?.allowed, false);
});

test("Explaining runs nothing, puts nothing on record, and says what would change the outcome", async () => {
  const before = (await server.records()).length;
  const { json } = await member.post("explain", { as: reader.id, tool: "write_note", arguments: { text: "a" }, era: "2026-07-28" });
  assert.equal(json["allowed"], false);
  assert.match(JSON.stringify(json["checks"]), /note:write/);
  assert.equal((await server.records()).length, before);
});

test("The surface tells for an identity which scopes it holds and which are missing, and leaves nothing out", async () => {
  const { json } = await member.get(`surface?as=${reader.id}`);
  const tools = json["tools"] as { name: string; scopes: unknown; tokens: number; examples: unknown[] }[];
  const named = (name: string) => tools.find((tool) => tool.name === name) ?? assert.fail(name);
  assert.deepEqual(named("echo").scopes, [{ scope: "note:read", held: true }]);
  assert.deepEqual(named("wipe").scopes, [
    { scope: "note:write", held: false },
    { scope: "admin:write", held: false },
  ]);
  assert.deepEqual(named("echo").examples, [{ title: "Hello", arguments: { text: "hello" } }]);
  assert.ok(named("echo").tokens > 10);
  const nobody = (await member.get("surface")).json["tools"] as typeof tools;
  assert.deepEqual(nobody[0]?.scopes, [{ scope: "note:read", held: null }]);
  const narrowed = (await member.get(`surface?as=${writer.id}&scope=note:read`)).json["tools"] as typeof tools;
  assert.deepEqual(narrowed.find(({ name }) => name === "write_note")?.scopes, [{ scope: "note:write", held: false }]);
});

test("Calls are saved for the workspace, and removed", async () => {
  const saved = await member.post("saved-calls", { name: "Say hello", tool: "echo", arguments: { text: "hello" }, era: "2026-07-28" });
  assert.equal(saved.status, 200);
  const id = String(saved.json["id"]);
  assert.deepEqual((await owner.get("saved-calls?tool=echo")).json, [
    { id, name: "Say hello", tool: "echo", arguments: { text: "hello" }, era: "2026-07-28" },
  ]);
  assert.deepEqual((await owner.get("saved-calls?tool=wipe")).json, []);
  assert.deepEqual((await foreigner.get("saved-calls")).json, []);
  assert.equal((await foreigner.post(`saved-calls/${id}/remove`)).status, 404);
  assert.equal((await owner.post(`saved-calls/${id}/remove`)).status, 200);
});

test("Each client is given the address of this server, in a form that it takes", async () => {
  const { mcpUrl, clients } = (await member.get("connect")).json as unknown as Connect;
  assert.equal(mcpUrl, server.mcpUrl);
  for (const { id, deepLink, snippets } of clients) {
    assert.ok(snippets.length > 0, id);
    for (const { title, text } of snippets) assert.ok(text.includes(mcpUrl), `${id}: ${title}`);
    if (deepLink !== null) assert.ok(URL.canParse(deepLink), id);
  }
  const cursor = clients.find(({ id }) => id === "cursor")?.deepLink ?? "";
  assert.deepEqual(JSON.parse(Buffer.from(new URL(cursor).searchParams.get("config") ?? "", "base64").toString()), { url: mcpUrl });
  const vsCode = clients.find(({ id }) => id === "vscode")?.deepLink?.split("?")[1] ?? "";
  assert.deepEqual(JSON.parse(decodeURIComponent(vsCode)), { name: "remit", type: "http", url: mcpUrl });
});

test("A handshake is told step by step to the people of its workspace, and to no others", async () => {
  const told: unknown[] = [];
  const others = foreigner.lines("connect/live");
  void others.next().then(({ value }) => told.push(value));
  const mine = member.lines("connect/live");
  const visitor = await visitorOf(owner);
  const clientId = await register({ origin: server.url }, { client_name: "Night desk" });
  await askPerson({ origin: server.url }, { visitor }, { clientId, more: { resource: server.mcpUrl, scope: "note:read" } });
  for await (const line of mine) {
    const { client, steps } = line as unknown as ConnectAttempt;
    if (!client.includes("Night desk") || !steps.some(({ step, outcome }) => step === "consent" && outcome === "passed")) continue;
    assert.deepEqual(steps[0]?.step, "registration");
    break;
  }
  assert.deepEqual(told, []);
  // It ends with the server.
  void others.return(undefined);
});

test("A person of another workspace finds and reaches nothing of this one", async () => {
  assert.deepEqual((await foreigner.get("identities")).json, []);
  for (const path of [`surface?as=${reader.id}`]) assert.equal((await foreigner.get(path)).status, 404, path);
  for (const path of ["call", "explain"])
    assert.equal((await foreigner.post(path, { as: reader.id, tool: "echo", era: "2026-07-28" })).status, 404, path);
  const { recent, attention, steps } = (await foreigner.get("overview")).json;
  assert.deepEqual([recent, attention, steps], [[], [], { isConnected: false, hasCalled: false }]);
});
