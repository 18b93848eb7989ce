import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "../../src/errors.ts";
import { ENGINES, SQLITE } from "../store/support/engines.ts";
import { controlPlane } from "../../src/control-plane/index.ts";
import { createToolHarness, type Agent, type ToolHarness } from "../support/tool-harness.ts";
import { AGENT, createLargeSurface, moreOf } from "./support/large-tools.ts";

const { surface, entered } = createLargeSurface();
let harness: ToolHarness;
before(async () => {
  harness = await createToolHarness(SQLITE, surface);
});
after(() => harness.close());

async function cursorOf(agent: Agent = AGENT, tool = "list_notes", from = harness): Promise<string> {
  const cursor = moreOf(await from.call(agent, { tool }))?.cursor;
  assert.ok(cursor !== undefined);
  return cursor;
}

async function assertInvalid(cursor: string, { agent = AGENT, tool = "list_notes", from = harness } = {}): Promise<void> {
  entered.clear();
  const { isError, text, content } = await from.call(agent, { tool, arguments: { cursor } });
  assert.equal(isError, true, cursor);
  assert.equal(text, `This cursor is not valid (any more). Call ${tool} again without it.`);
  assert.equal(content.length, 1);
  assert.equal(entered.size, 0);
}

test("T48: a cursor with any character changed, cut short or made longer opens nothing", async () => {
  const cursor = await cursorOf();
  for (let i = "more_".length; i < cursor.length; i++) {
    const other = cursor[i] === "A" ? "B" : "A";
    await assertInvalid(cursor.slice(0, i) + other + cursor.slice(i + 1));
  }
  for (const bad of [
    cursor.slice(0, -1),
    `${cursor}A`,
    `${cursor}=`,
    "more_",
    "more_.",
    `more_${cursor}`,
    cursor.replace(".", ""),
    `${cursor} `,
  ])
    await assertInvalid(bad);
});

test("T48: a cursor with the signature of another opens nothing", async () => {
  const cursor = await cursorOf();
  const [payload = ""] = cursor.split(".");
  const [, mac = ""] = (await cursorOf()).split(".");
  await assertInvalid(`${payload}.${mac}`);
});

const strangers: readonly [title: string, agent: Agent][] = [
  ["agent", { ...AGENT, clientId: "agt_b" }],
  ["person", { ...AGENT, subject: "usr_b" }],
  ["workspace", { ...AGENT, workspaceId: "wks_b" }],
  ["set of environments", { ...AGENT, environments: ["env_1"] }],
];

for (const [title, agent] of strangers) {
  test(`T43: a cursor of one principal opens nothing for another ${title}, and is not used up by the attempt`, async () => {
    const cursor = await cursorOf();
    await assertInvalid(cursor, { agent });
    assert.equal((await harness.call(AGENT, { tool: "list_notes", arguments: { cursor } })).isError, false);
  });
}

test("T43: a cursor of one tool opens nothing in another", async () => {
  const cursor = await cursorOf();
  await assertInvalid(cursor, { tool: "read_text" });
  const both = { ...AGENT, scope: "note:read note:admin" };
  await assertInvalid(await cursorOf(both, "list_all"), { agent: both });
});

test("T43: going on needs the scopes of the tool, also when they were there at the start", async () => {
  const both = { ...AGENT, scope: "note:read note:admin" };
  const cursor = await cursorOf(both, "list_all");
  const answer = await harness.send({ ...AGENT, scope: "note:read" }, { tool: "list_all", arguments: { cursor } });
  assert.ok(isRefusal(answer));
  assert.equal(answer.refused, "insufficient_scope");
});

test("a cursor holds for ten minutes, whatever the client asks in between", async () => {
  const cursor = await cursorOf();
  const started = harness.clock.now;
  harness.clock.now = started + 10 * 60_000 - 1;
  assert.equal((await harness.call(AGENT, { tool: "list_notes", arguments: { cursor } })).isError, false);
  harness.clock.now = started + 10 * 60_000;
  await assertInvalid(cursor);
});

test("a refreshed token with the same principal and more scopes goes on", async () => {
  const cursor = await cursorOf();
  const { isError } = await harness.call({ ...AGENT, scope: "note:read note:admin" }, { tool: "list_notes", arguments: { cursor } });
  assert.equal(isError, false);
});

test("what is kept is encrypted: neither the rows nor a row put in another's place show anything", async () => {
  const cursor = await cursorOf();
  const rows = await harness.store.db.selectFrom("stored_result").selectAll().execute();
  assert.ok(rows.length > 0);
  for (const { sealed } of rows) {
    assert.match(sealed, /^[A-Za-z0-9_-]+$/);
    assert.doesNotMatch(Buffer.from(sealed, "base64url").toString("latin1"), /note_/);
  }
  const id = rows.at(-1)?.id ?? "";
  const [second, third] = rows.filter((row) => row.id === id);
  assert.ok(second !== undefined && third !== undefined);
  await harness.store.db.updateTable("stored_result").set({ sealed: third.sealed }).where("id", "=", id).where("part", "=", 2).execute();
  const answer = await harness.send(AGENT, { tool: "list_notes", arguments: { cursor } });
  assert.ok(isRefusal(answer) && answer.refused === "fault");
});

test("a call whose rest cannot be kept answers its first part and says so", async (t) => {
  const broken = await createToolHarness(SQLITE, surface);
  t.after(() => broken.close());
  await broken.store.db.schema.dropTable("stored_result").execute();
  const part = await broken.call(AGENT, { tool: "list_notes" });
  assert.equal(part.isError, false);
  assert.equal(moreOf(part)?.cursor, undefined);
  assert.match(JSON.stringify(part.content.at(-1)), /The rest could not be kept/);
});

for (const engine of ENGINES) {
  test(`of one principal at most 64 results are kept, the oldest is dropped first, and others lose nothing (${engine.name})`, async (t) => {
    const own = await createToolHarness(engine, surface);
    t.after(() => own.close());
    const other = await cursorOf({ ...AGENT, subject: "usr_b" }, "list_notes", own);
    const cursors: string[] = [];
    for (let i = 0; i < 66; i++) {
      own.clock.now++;
      cursors.push(await cursorOf(AGENT, "list_notes", own));
    }
    for (const cursor of cursors.slice(0, 2)) await assertInvalid(cursor, { from: own });
    for (const cursor of [...cursors.slice(2, 4), cursors.at(-1) ?? ""])
      assert.equal((await own.call(AGENT, { tool: "list_notes", arguments: { cursor } })).isError, false);
    const rest = await own.call({ ...AGENT, subject: "usr_b" }, { tool: "list_notes", arguments: { cursor: other } });
    assert.equal(rest.isError, false);
    assert.ok((await own.store.results.sweep(own.clock.now + 10 * 60_000)) > 66);
    assert.equal((await own.store.db.selectFrom("stored_result").select("id").execute()).length, 0);
  });

  test(`of one principal at most so many bytes are kept (${engine.name})`, async (t) => {
    const own = await createToolHarness(engine, surface);
    t.after(() => own.close());
    const row = { part: 2, workspace_id: "w", client_id: "c", subject: "s", tool: "t", sealed: "x", created_at: 0, expires_at: 9 };
    const add = (id: string, bytes: number, at: number) =>
      own.store.results.add([{ ...row, id, bytes, created_at: at }], { results: 64, bytes: 100 });
    await add("first", 40, 1);
    await add("second", 50, 2);
    await add("third", 30, 3);
    const kept = await own.store.db.selectFrom("stored_result").select("id").orderBy("id").execute();
    assert.deepEqual(
      kept.map(({ id }) => id),
      ["second", "third"],
    );
  });
}

test("a tool's own cursors go to the tool: what it signs never looks like one of ours", async (t) => {
  const plane = await createToolHarness(SQLITE, controlPlane);
  t.after(() => plane.close());
  const at = plane.clock.now;
  await plane.store.db.insertInto("workspace").values({ id: "wks_a", name: "A", created_at: at }).execute();
  const agent = { workspaceId: "wks_a", scope: "wks:read" };
  // A text that begins with a quotation mark or a bracket never becomes base64url that begins with an m.
  for (const position of ["", "m", "more_", "é"])
    assert.doesNotMatch(Buffer.from(JSON.stringify(position)).toString("base64url"), /^more_/);
  const own = await plane.call(agent, { tool: "list_workspace_members", arguments: { cursor: "abc" } });
  assert.match(own.text, /^This cursor was not made for this list/);
  const ours = await plane.call(agent, { tool: "list_workspace_members", arguments: { cursor: "more_abc" } });
  assert.match(ours.text, /^This cursor is not valid \(any more\)/);
});
