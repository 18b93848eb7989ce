import { randomUUID } from "node:crypto";
import { defineTool } from "remit";
import * as z from "zod";
import { noteTables } from "../tables/notes.ts";

export const addNote = defineTool({
  name: "add_note",
  title: "Add a note",
  description: "Adds a note to the workspace, for everybody in it to read. Use it when somebody wants to keep something in mind.",
  scopes: ["note:write"],
  effect: "write",
  tables: noteTables,
  input: z.object({ text: z.string().min(1).max(2000).describe("What the note shall say.") }),
  output: z.object({ note_id: z.string().describe("Id of the new note.") }),
  examples: [{ title: "A reminder", input: { text: "Call the supplier." }, output: { note_id: "note_1b4f" } }],
  async run({ text }, { db, caller, now }) {
    const id = `note_${randomUUID()}`;
    await db.insertInto("note").values({ id, workspace_id: caller.workspaceId, text, created_at: now(), deleted_at: null }).execute();
    return { note_id: id };
  },
});
