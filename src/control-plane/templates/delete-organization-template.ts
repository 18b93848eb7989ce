import * as z from "zod";
import { defineTool, isUniqueViolation, undoable } from "../../index.ts";
import { environmentId, templateId } from "../parameters.ts";
import { planOf, UNDO_WINDOW_SECONDS } from "../plans.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { NO_SUCH_TEMPLATE, requireTemplate, summarizeTemplate, TEMPLATE_TAKEN } from "./template.ts";

const undoData = z.object({ template_id: z.string() });

export const deleteOrganizationTemplate = defineTool({
  name: "delete_organization_template",
  title: "Delete organization template",
  description: "Deletes a template; organizations made from it stay as they are. Can be undone for a day.",
  scopes: ["env:write"],
  effect: "destructive",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, template_id: templateId }),
  examples: [
    {
      title: "Delete one",
      input: { environment_id: SAMPLE.environmentId, template_id: SAMPLE.templateId },
    },
  ],
  async plan(ids, context) {
    const row = await requireTemplate(context, ids);
    if (!("id" in row)) return row;
    const made = context.db.selectFrom("organization").where("template_id", "=", row.id).where("deleted_at", "is", null);
    const { count } = await made.select((eb) => eb.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
    const { version, ...before } = summarizeTemplate(row);
    const change = { change: "delete", resource: `template ${row.id}`, before } as const;
    return planOf(`Deletes the template ${row.name}; ${count} organizations made from it can no longer be reconciled.`, [change], {
      versions: { [row.id]: version },
    });
  },
  async run(ids, context) {
    const row = await requireTemplate(context, ids);
    if (!("id" in row)) return row;
    const deleted = await context.db
      .updateTable("organization_template")
      .set(({ eb }) => ({ deleted_at: context.now(), version: eb("version", "+", 1) }))
      .where("id", "=", row.id)
      .where("deleted_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    return deleted === undefined ? NO_SUCH_TEMPLATE : undoable(`The template ${row.id} is deleted.`, { template_id: row.id });
  },
  undo: {
    windowSeconds: UNDO_WINDOW_SECONDS,
    async run(data, { db }) {
      const { template_id } = undoData.parse(data);
      try {
        const restored = await db
          .updateTable("organization_template")
          .set(({ eb }) => ({ deleted_at: null, version: eb("version", "+", 1) }))
          .where("id", "=", template_id)
          .where("deleted_at", "is not", null)
          .returning("name")
          .executeTakeFirst();
        return restored === undefined ? NO_SUCH_TEMPLATE : `The template ${restored.name} is back.`;
      } catch (error) {
        if (isUniqueViolation(error)) return TEMPLATE_TAKEN;
        throw error;
      }
    },
  },
});
