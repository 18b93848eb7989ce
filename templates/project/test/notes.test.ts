import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestServer } from "remit/testing";
import { surface } from "../src/surface.ts";
import { addNote } from "../src/tools/add-note.ts";
import { deleteNote } from "../src/tools/delete-note.ts";
import { listNotes } from "../src/tools/list-notes.ts";

test("a note that was added is listed", async () => {
  await using server = await createTestServer(surface);
  const agent = await server.agent({ scopes: ["note:write"] });
  const { value } = (await agent.call(addNote, { text: "Call the supplier." })).assertOk();
  const { notes } = (await agent.call(listNotes, {})).assertOk().value;
  assert.deepEqual(
    notes.map(({ note_id, text }) => [note_id, text]),
    [[value.note_id, "Call the supplier."]],
  );
});

test("an agent that may only read neither adds nor deletes", async () => {
  await using server = await createTestServer(surface);
  const agent = await server.agent({ scopes: ["note:read"] });
  const shown = await agent.tools();
  assert.ok(shown.includes("list_notes") && !shown.includes("add_note") && !shown.includes("delete_note"), shown.join(", "));
  (await agent.call(addNote, { text: "Call the supplier." })).assertRefused({ missing: ["note:write"] });
  (await agent.call(deleteNote, { note_id: "note_1b4f" })).assertRefused({ missing: ["note:delete"] });
});

test("a note is deleted only after a person has approved it, and the ledger says for whom", async () => {
  await using server = await createTestServer(surface);
  const owner = await server.person({ role: "owner" });
  const agent = await server.agent({ scopes: ["note:write", "note:delete"], person: owner });
  const { value } = await agent.call(addNote, { text: "Call the supplier." });
  const held = (await agent.call(deleteNote, { note_id: value.note_id })).assertHeld();
  await owner.approve(held);
  (await agent.call(deleteNote, { note_id: value.note_id })).assertOk().assertRecord({ effect: "destructive", subject: owner.accountId });
  assert.deepEqual((await agent.call(listNotes, {})).value, { notes: [] });
});
