import { defineTool, toolError, undoable, type CallContext } from "remit";
import * as z from "zod";
import { noteTables, type NoteTables } from "../tables/notes.ts";

const NO_SUCH_NOTE = toolError("There is no note with this id. list_notes shows the ids.");
const undoData = z.object({ note_id: z.string() });

/**
 * A destructive tool never runs on an agent's word alone: `plan` says what would be lost, and a person decides. What `undo` does is offered
 * for a day.
 */
export const deleteNote = defineTool({
  name: "delete_note",
  title: "Delete a note",
  description: "Deletes a note for everybody in the workspace. Use it only when somebody asks for it. It can be undone for a day.",
  scopes: ["note:delete"],
  effect: "destructive",
  tables: noteTables,
  input: z.object({ note_id: z.string().max(100).describe("Id of the note, as list_notes gives it.") }),
  examples: [{ title: "Delete one", input: { note_id: "note_1b4f" } }],
  async plan({ note_id }, context) {
    const text = await find(context, note_id);
    if (text === undefined) return NO_SUCH_NOTE;
    return {
      summary: "Deletes a note.",
      changes: [{ change: "delete", resource: `note ${note_id}`, before: { text } }],
      rows: 1,
      losesAccess: [],
      versions: {},
    };
  },
  async run({ note_id }, { db, now }) {
    const deleted = await db
      .updateTable("note")
      .set({ deleted_at: now() })
      .where("id", "=", note_id)
      .where("deleted_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    return deleted === undefined ? NO_SUCH_NOTE : undoable("The note is deleted.", { note_id });
  },
  undo: {
    windowSeconds: 86_400,
    async run(data, { db }) {
      const { note_id } = undoData.parse(data);
      await db.updateTable("note").set({ deleted_at: null }).where("id", "=", note_id).execute();
      return "The note is back.";
    },
  },
});

async function find({ db }: CallContext<NoteTables>, id: string): Promise<string | undefined> {
  const row = await db.selectFrom("note").select("text").where("id", "=", id).where("deleted_at", "is", null).executeTakeFirst();
  return row?.text;
}
