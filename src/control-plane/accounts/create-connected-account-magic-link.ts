import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment, type Context } from "../access.ts";
import { createLink } from "../links/index.ts";
import { newId } from "../new-id.ts";
import { environmentId, key, visibleText } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";

const TTL_SECONDS = 3_600;

export const createConnectedAccountMagicLink = defineTool({
  name: "create_connected_account_magic_link",
  title: "Create connected account magic link",
  description: "Makes a link, good once for an hour, with which a person connects their account at a product. Give it to that person only.",
  scopes: ["env:write"],
  effect: "write",
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    identifier: visibleText(254, "Whose account, such as an email address."),
    connector: key("The product, such as slack."),
  }),
  output: z.object({ connected_account_id: z.string(), url: z.string(), expires_at: z.string() }),
  examples: [
    {
      title: "Ask Bruno to connect Slack",
      input: { environment_id: SAMPLE.environmentId, identifier: "bruno@globex.example", connector: "slack" },
      output: {
        connected_account_id: SAMPLE.accountId,
        url: "https://mcp.example.com/links/3q2-7wXbB0…",
        expires_at: "2026-03-14T11:30:00.000Z",
      },
    },
  ],
  async run({ environment_id, identifier, connector }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const connected_account_id = await accountOf(context, { environment_id, identifier, connector });
    const link = await createLink(context, {
      kind: "connected_account",
      environment_id,
      data: { connected_account_id },
      ttlSeconds: TTL_SECONDS,
    });
    return { connected_account_id, ...link };
  },
});

interface Whose {
  readonly environment_id: string;
  readonly identifier: string;
  readonly connector: string;
}

/** The id of the account, which is made when it is not known yet. */
async function accountOf({ caller, db, now }: Context, whose: Whose): Promise<string> {
  const row = { id: newId("cac"), workspace_id: caller.workspaceId, ...whose, connected_at: null, created_at: now(), version: 1 };
  const made = await db
    .insertInto("connected_account")
    .values(row)
    .onConflict((conflict) => conflict.columns(["environment_id", "connector", "identifier"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  if (made !== undefined) return made.id;
  const { environment_id, identifier, connector } = whose;
  const present = db.selectFrom("connected_account").select("id").where("environment_id", "=", environment_id);
  return (await present.where("connector", "=", connector).where("identifier", "=", identifier).executeTakeFirstOrThrow()).id;
}
