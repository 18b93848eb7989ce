import { addNote } from "./add-note.ts";
import { deleteNote } from "./delete-note.ts";
import { listNotes } from "./list-notes.ts";

export const tools = [addNote, deleteNote, listNotes];
