import * as z from "zod";
import { defineTool } from "../../index.ts";
import { refuseEnvironment, type Context } from "../access.ts";
import { connectionId, environmentId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables, type ConnectionRow } from "../tables/index.ts";
import { certificateProblem } from "./certificate.ts";
import { findConnection, NO_SUCH_CONNECTION } from "./connection.ts";
import { checkIssuer, type Check } from "./discovery.ts";

const config = z.object({ issuer: z.string().optional(), certificate: z.string().optional() });

export const testConnection = defineTool({
  name: "test_connection",
  title: "Test connection",
  description: "Checks a connection: an OIDC issuer's documents and keys, or a SAML certificate's dates.",
  scopes: ["env:write"],
  effect: "write",
  idempotent: true,
  openWorld: true,
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, connection_id: connectionId }),
  output: z.object({ ok: z.boolean(), checks: z.array(z.object({ check: z.string(), ok: z.boolean(), detail: z.string() })) }),
  examples: [
    {
      title: "Test one",
      input: { environment_id: SAMPLE.environmentId, connection_id: SAMPLE.connectionId },
      output: { ok: false, checks: [{ check: "discovery document", ok: false, detail: "It answers with status 404." }] },
    },
  ],
  async run({ environment_id, connection_id }, context) {
    const refused = await refuseEnvironment(context, environment_id);
    if (refused !== undefined) return refused;
    const row = await findConnection(context.db, environment_id, connection_id);
    if (row === undefined) return NO_SUCH_CONNECTION;
    const checks = [...(await checksOf(context, row))];
    await context.db.updateTable("connection").set({ tested_at: context.now() }).where("id", "=", row.id).execute();
    return { ok: checks.every(({ ok }) => ok), checks };
  },
});

/** A social provider is what it is: there is nothing about it that could be wrong without a person signing in. */
export async function checksOf(context: Pick<Context, "fetchUrl" | "now">, row: ConnectionRow): Promise<readonly Check[]> {
  const { issuer, certificate } = config.parse(JSON.parse(row.config));
  if (issuer !== undefined) return checkIssuer(context, issuer);
  if (certificate === undefined) return [];
  const problem = certificateProblem(certificate, context.now());
  return [{ check: "certificate", ok: problem === undefined, detail: problem === undefined ? "It is valid." : `Refused: ${problem}.` }];
}
