import { defineTool } from "remit";
import * as z from "zod";
import { noteTables } from "../tables/notes.ts";

const note = z.object({
  note_id: z.string().describe("Id of the note, for delete_note."),
  text: z.string().describe("What it says."),
  created_at: z.iso.datetime().describe("When it was added."),
});

export const listNotes = defineTool({
  name: "list_notes",
  title: "List notes",
  description: "Lists the newest notes of the workspace, newest first. Use it to find what was written down, and for the ids of notes.",
  scopes: ["note:read"],
  effect: "read",
  tables: noteTables,
  input: z.object({ limit: z.number().int().min(1).max(50).default(20).describe("How many notes to list.") }),
  output: z.object({ notes: z.array(note) }),
  examples: [
    {
      title: "The newest note",
      input: { limit: 1 },
      output: { notes: [{ note_id: "note_1b4f", text: "Call the supplier.", created_at: "2026-03-14T10:30:00.000Z" }] },
    },
  ],
  async run({ limit }, { db }) {
    const rows = await db
      .selectFrom("note")
      .select(["id", "text", "created_at"])
      .where("deleted_at", "is", null)
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(limit)
      .execute();
    return { notes: rows.map(({ id, text, created_at }) => ({ note_id: id, text, created_at: new Date(created_at).toISOString() })) };
  },
});
