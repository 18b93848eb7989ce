import * as z from "zod";
import { defineTool, toolError } from "../../index.ts";
import { refuseEnvironment, type Context, type Refused } from "../access.ts";
import { newId } from "../new-id.ts";
import { displayName, environmentId, httpUrl, visibleText } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables } from "../tables/index.ts";
import { certificateProblem } from "./certificate.ts";
import { KINDS, PROVIDERS } from "./connection.ts";
import { checkIssuer } from "./discovery.ts";

const MAX_CONNECTIONS = 100;
const TOO_MANY = toolError(`An environment has at most ${MAX_CONNECTIONS} connections.`);
const TAKEN = toolError("A connection with this name exists already in this environment. list_environment_connections shows those in use.");

/** What each kind needs, and all that it may have. */
const FIELDS = {
  oidc: ["issuer", "client_id"],
  saml: ["entity_id", "sso_url", "certificate"],
  social: ["provider", "client_id"],
} as const;

export const createConnection = defineTool({
  name: "create_connection",
  title: "Create connection",
  description:
    "Creates a way to sign in: oidc needs issuer and client_id, saml entity_id, sso_url and certificate, social provider and client_id. An issuer is checked first. People add secrets later; enable_environment_connection turns it on.",
  scopes: ["env:write"],
  effect: "write",
  openWorld: true,
  tables: controlPlaneTables,
  input: z.object({
    environment_id: environmentId,
    name: displayName(),
    kind: z.enum(KINDS),
    issuer: httpUrl().optional(),
    client_id: visibleText(200).optional(),
    entity_id: visibleText(500).optional(),
    sso_url: httpUrl().optional(),
    certificate: z.string().max(8000).optional().describe("PEM."),
    provider: z.enum(PROVIDERS).optional(),
  }),
  output: z.object({ connection_id: z.string() }),
  examples: [
    {
      title: "A company's own provider",
      input: {
        environment_id: SAMPLE.environmentId,
        name: "Globex SSO",
        kind: "oidc",
        issuer: "https://id.globex.example",
        client_id: "remit",
      },
      output: { connection_id: SAMPLE.connectionId },
    },
  ],
  async run({ environment_id, name, kind, ...fields }, context) {
    const refused =
      (await refuseEnvironment(context, environment_id)) ?? refuseFields(kind, fields) ?? (await refuseValues(context, fields));
    if (refused !== undefined) return refused;
    const { caller, db, now } = context;
    const existing = db.selectFrom("connection").where("environment_id", "=", environment_id);
    const { count } = await existing.select((eb) => eb.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
    if (count >= MAX_CONNECTIONS) return TOO_MANY;
    const config = JSON.stringify(fields);
    const state = { is_enabled: 0, config, tested_at: kind === "oidc" ? now() : null, created_at: now(), version: 1 };
    const row = { id: newId("conn"), workspace_id: caller.workspaceId, environment_id, name, kind, ...state };
    const created = await db
      .insertInto("connection")
      .values(row)
      .onConflict((conflict) => conflict.columns(["environment_id", "name"]).doNothing())
      .returning("id")
      .executeTakeFirst();
    return created === undefined ? TAKEN : { connection_id: row.id };
  },
});

interface Fields {
  readonly issuer?: string | undefined;
  readonly certificate?: string | undefined;
}

function refuseFields(kind: (typeof KINDS)[number], fields: Fields & Readonly<Record<string, unknown>>): Refused | undefined {
  const needed: readonly string[] = FIELDS[kind];
  const missing = needed.filter((name) => fields[name] === undefined);
  const extra = Object.keys(fields).filter((name) => fields[name] !== undefined && !needed.includes(name));
  if (missing.length > 0) return toolError(`A connection of kind ${kind} needs ${needed.join(", ")}. Missing: ${missing.join(", ")}.`);
  return extra.length === 0
    ? undefined
    : toolError(`A connection of kind ${kind} has only ${needed.join(", ")}. Leave out ${extra.join(", ")}.`);
}

async function refuseValues(context: Context, { issuer, certificate }: Fields): Promise<Refused | undefined> {
  const problem = certificate === undefined ? undefined : certificateProblem(certificate, context.now());
  if (problem !== undefined) return toolError(`The certificate is refused: ${problem}.`);
  const failed = issuer === undefined ? undefined : (await checkIssuer(context, issuer)).find(({ ok }) => !ok);
  return failed === undefined
    ? undefined
    : toolError(`The issuer does not pass the check of its ${failed.check}, so nothing was created. ${failed.detail}`);
}
