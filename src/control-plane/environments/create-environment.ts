import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { newId } from "../new-id.ts";
import { LIMITED } from "../access.ts";
import { displayName, environmentKind, MAX_SLUG_CHARS, slug as slugParameter } from "../parameters.ts";

export const SLUG_TAKEN = toolError(
  "An environment with this slug exists already in your workspace. Choose another slug; list_environments shows those in use.",
);
const NO_SLUG = toolError("No slug can be made from this name, because it has no letter a-z and no digit. Send a slug as well.");

export const createEnvironment = defineTool({
  name: "create_environment",
  title: "Create environment",
  description: "Creates an environment, a separate space for organizations. Refused when its slug is taken.",
  scopes: ["env:write"],
  effect: "write",
  input: z.object({
    name: displayName("Name for people, such as Staging."),
    kind: environmentKind.default("development"),
    slug: slugParameter.optional().describe("Unique in the workspace; made from name when left out."),
  }),
  output: z.object({ environment_id: z.string(), slug: z.string(), version: z.number() }),
  examples: [
    {
      title: "A place to try things out",
      input: { name: "Staging", kind: "development" },
      output: { environment_id: "env_3a5c7e9f1b2d4f6a8c0e1d3b5f7a9c2e", slug: "staging", version: 1 },
    },
    { title: "With a slug of its own", input: { name: "Produktion (Österreich)", kind: "production", slug: "prod-at" } },
  ],
  async run({ name, kind, slug = slugOf(name) }, { caller, db, now }) {
    if (caller.environments !== undefined) return LIMITED;
    if (slug === "") return NO_SLUG;
    const row = { id: newId("env"), workspace_id: caller.workspaceId, name, slug, kind, created_at: now(), version: 1, deleted_at: null };
    // One statement decides and writes, so that of two calls at the same time one is told.
    const created = await db
      .insertInto("environment")
      .values(row)
      .onConflict((conflict) => conflict.columns(["workspace_id", "slug"]).doNothing())
      .returning("id")
      .executeTakeFirst();
    return created === undefined ? SLUG_TAKEN : { environment_id: row.id, slug, version: 1 };
  },
});

/** `Produktion (Österreich)` becomes `produktion-osterreich`; empty when no character of the name can stay. */
function slugOf(name: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const parts = plain.split(/[^a-z0-9]+/).filter((part) => part !== "");
  return parts.join("-").slice(0, MAX_SLUG_CHARS).replace(/-$/, "");
}
