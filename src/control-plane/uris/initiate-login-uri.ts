import { sql } from "kysely";
import * as z from "zod";
import { defineTool, undoable } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { newId } from "../new-id.ts";
import { environmentId } from "../parameters.ts";
import { UNDO_WINDOW_SECONDS } from "../plans.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { planRemoval, removeUri, restoreUri, uriParameters } from "./uri.ts";

const KIND = "initiate_login";

export const setInitiateLoginUri = defineTool({
  name: "set_initiate_login_uri",
  title: "Set initiate-login URI",
  description: "Sets the URI that others send people to so that a sign-in begins; it takes the place of the one before.",
  scopes: ["env:write"],
  effect: "write",
  idempotent: true,
  tables: controlPlaneTables,
  input: z.object(uriParameters),
  examples: [
    {
      title: "Set it",
      input: { environment_id: SAMPLE.environmentId, uri: "https://app.example.com/login" },
    },
  ],
  async run({ environment_id, uri }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const row = {
      id: newId("uri"),
      workspace_id: context.caller.workspaceId,
      environment_id,
      kind: KIND,
      uri,
      created_at: context.now(),
    } as const;
    await context.db
      .insertInto("environment_uri")
      .values(row)
      .onConflict((conflict) =>
        conflict.column("environment_id").where("kind", "=", sql.lit(KIND)).doUpdateSet({ id: row.id, uri, created_at: row.created_at }),
      )
      .execute();
    return "The URI is set.";
  },
});

export const removeInitiateLoginUri = defineTool({
  name: "remove_initiate_login_uri",
  title: "Remove initiate-login URI",
  description: "Removes the URI at which others can begin a sign-in. Can be undone for a day.",
  scopes: ["env:write"],
  effect: "destructive",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId }),
  examples: [{ title: "Remove it", input: { environment_id: SAMPLE.environmentId } }],
  plan: ({ environment_id }, context) => planRemoval(context, { environment_id, kind: KIND }),
  async run({ environment_id }, context) {
    const done = await removeUri(context, { environment_id, kind: KIND });
    return "refused" in done ? done.refused : undoable("The URI is removed.", done.removed);
  },
  undo: { windowSeconds: UNDO_WINDOW_SECONDS, run: restoreUri },
});
