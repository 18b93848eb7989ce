import * as z from "zod";
import { defineTool, undoable } from "../../index.ts";
import { UNDO_WINDOW_SECONDS } from "../plans.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { addUri, planRemoval, removeUri, restoreUri, uriParameters } from "./uri.ts";

const example = { environment_id: SAMPLE.environmentId, uri: "https://app.example.com/bye" } as const;

export const addPostLogoutRedirectUri = defineTool({
  name: "add_post_logout_redirect_uri",
  title: "Add post-logout redirect URI",
  description: "Allows a page where people may land once signed out.",
  scopes: ["env:write"],
  effect: "write",
  idempotent: true,
  tables: controlPlaneTables,
  input: z.object(uriParameters),
  examples: [{ title: "Add one", input: example }],
  run: ({ uri, environment_id }, context) => addUri(context, { environment_id, kind: "post_logout" }, uri),
});

export const removePostLogoutRedirectUri = defineTool({
  name: "remove_post_logout_redirect_uri",
  title: "Remove post-logout redirect URI",
  description: "Forbids a page where people may land once signed out. Can be undone for a day.",
  scopes: ["env:write"],
  effect: "destructive",
  tables: controlPlaneTables,
  input: z.object(uriParameters),
  examples: [{ title: "Remove one", input: example }],
  plan: ({ uri, environment_id }, context) => planRemoval(context, { environment_id, kind: "post_logout" }, uri),
  async run({ uri, environment_id }, context) {
    const done = await removeUri(context, { environment_id, kind: "post_logout" }, uri);
    return "refused" in done ? done.refused : undoable("The URI is removed.", done.removed);
  },
  undo: { windowSeconds: UNDO_WINDOW_SECONDS, run: restoreUri },
});
