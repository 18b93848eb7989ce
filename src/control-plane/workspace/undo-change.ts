import * as z from "zod";
import { defineTool } from "../../index.ts";

export const undoChange = defineTool({
  name: "undo_change",
  title: "Undo change",
  description: "Takes back a change within its time, by the change id that the answer of the change showed. Works once.",
  scopes: ["change:undo"],
  effect: "write",
  input: z.object({
    change_id: z
      .string()
      .regex(/^chg_\w{1,40}$/)
      .describe("Such as chg_…."),
  }),
  examples: [{ title: "Undo a deletion", input: { change_id: "chg_6x0k2m4n8p1q3r5s7t9v0w2x4y" } }],
  run: ({ change_id }, context) => context.undo(change_id),
});
