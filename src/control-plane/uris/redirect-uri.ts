import * as z from "zod";
import { defineTool, undoable } from "../../index.ts";
import { UNDO_WINDOW_SECONDS } from "../plans.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { addUri, planRemoval, removeUri, restoreUri, uriParameters } from "./uri.ts";

const example = { environment_id: SAMPLE.environmentId, uri: "https://app.example.com/callback" } as const;

export const addRedirectUri = defineTool({
  name: "add_redirect_uri",
  title: "Add redirect URI",
  description: "Adds a URI to which people may be sent with a code once signed in.",
  scopes: ["env:write"],
  effect: "write",
  idempotent: true,
  tables: controlPlaneTables,
  input: z.object(uriParameters),
  examples: [{ title: "Add one", input: example }],
  run: ({ uri, environment_id }, context) => addUri(context, { environment_id, kind: "redirect" }, uri),
});

export const removeRedirectUri = defineTool({
  name: "remove_redirect_uri",
  title: "Remove redirect URI",
  description: "Removes a URI to which people may be sent with a code once signed in. Can be undone for a day.",
  scopes: ["env:write"],
  effect: "destructive",
  tables: controlPlaneTables,
  input: z.object(uriParameters),
  examples: [{ title: "Remove one", input: example }],
  plan: ({ uri, environment_id }, context) => planRemoval(context, { environment_id, kind: "redirect" }, uri),
  async run({ uri, environment_id }, context) {
    const done = await removeUri(context, { environment_id, kind: "redirect" }, uri);
    return "refused" in done ? done.refused : undoable("The URI is removed.", done.removed);
  },
  undo: { windowSeconds: UNDO_WINDOW_SECONDS, run: restoreUri },
});
