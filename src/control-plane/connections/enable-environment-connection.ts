import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { refuseEnvironment } from "../access.ts";
import { connectionId, environmentId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { findConnection, NO_SUCH_CONNECTION } from "./connection.ts";
import { checksOf } from "./test-connection.ts";

export const enableEnvironmentConnection = defineTool({
  name: "enable_environment_connection",
  title: "Enable environment connection",
  description: "Lets people sign in by a connection. It is tested first, and stays off when a check fails.",
  scopes: ["env:write"],
  effect: "write",
  idempotent: true,
  openWorld: true,
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, connection_id: connectionId }),
  examples: [
    {
      title: "Let people in by it",
      input: { environment_id: SAMPLE.environmentId, connection_id: SAMPLE.connectionId },
    },
  ],
  async run({ environment_id, connection_id }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const row = await findConnection(context.db, environment_id, connection_id);
    if (row === undefined) return NO_SUCH_CONNECTION;
    if (row.is_enabled === 1) return "People can sign in by it.";
    const failed = (await checksOf(context, row)).find(({ ok }) => !ok);
    if (failed !== undefined) return toolError(`It stays off, because the check of its ${failed.check} failed. ${failed.detail}`);
    await context.db
      .updateTable("connection")
      .set({ is_enabled: 1, tested_at: context.now(), version: row.version + 1 })
      .where("id", "=", row.id)
      .where("version", "=", row.version)
      .execute();
    return "People can sign in by it.";
  },
});
