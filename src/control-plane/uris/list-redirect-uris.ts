import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { environmentId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";

export const listRedirectUris = defineTool({
  name: "list_redirect_uris",
  title: "List redirect URIs",
  description: "Lists where people may be sent to after signing in or out, or to begin.",
  scopes: ["env:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId }),
  output: z.object({
    redirect_uris: z.array(z.string()),
    post_logout_redirect_uris: z.array(z.string()),
    initiate_login_uri: z.string().nullable(),
  }),
  examples: [
    {
      title: "All URIs",
      input: { environment_id: SAMPLE.environmentId },
      output: { redirect_uris: ["https://app.example.com/callback"], post_logout_redirect_uris: [], initiate_login_uri: null },
    },
  ],
  async run({ environment_id }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const rows = await context.db
      .selectFrom("environment_uri")
      .select(["kind", "uri"])
      .where("environment_id", "=", environment_id)
      .orderBy("kind")
      .orderBy("uri")
      .execute();
    const of = (wanted: string) => rows.filter(({ kind }) => kind === wanted).map(({ uri }) => uri);
    return {
      redirect_uris: of("redirect"),
      post_logout_redirect_uris: of("post_logout"),
      initiate_login_uri: of("initiate_login")[0] ?? null,
    };
  },
});
