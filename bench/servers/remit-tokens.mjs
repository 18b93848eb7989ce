/**
 * Remit's token endpoint as published, with everything on: each token is looked up in the store, decided and on record in the durable ledger
 * before it is answered. Plain JavaScript over the build, like the server of the tool call.
 */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { createServer, defineScopes, parseConfig } from "../../dist/index.js";

const FAMILIES = 64;
const HOUR_MS = 3_600_000;
const SCOPE = "echo:read";

const scopes = defineScopes({
  [SCOPE]: { description: "Hear back what was said.", access: "read", baseline: true },
});
const dataDir = process.env.REMIT_DATA;
if (dataDir === undefined) throw new Error("REMIT_DATA must name a folder of its own");
const config = parseConfig({ PORT: "0", REMIT_DATA: dataDir, REMIT_LOG_LEVEL: "warn", REMIT_ACCESS_TOKEN_TTL_SECONDS: "3600" });
const server = await createServer({ name: "bench", version: "1.0.0", scopes, tools: [], config });
const workspaceId = randomUUID();
const accountId = "usr_bench";

const db = await server.operator.seed(async (store, now) => {
  await store.insertInto("workspace").values({ id: workspaceId, name: "Bench", created_at: now }).execute();
  const account = { id: accountId, email: "bench@example.com", name: "Bench", password_hash: null, created_at: now, disabled_at: null };
  await store.insertInto("account").values(account).execute();
  const member = { id: "mem_bench", workspace_id: workspaceId, account_id: accountId, role: "member", created_at: now };
  await store.insertInto("member").values(member).execute();
  return store;
});
const agent = await server.operator.createAgent({ name: "Bench agent", scopes: [SCOPE], workspaceId });
if (db === undefined || "problems" in agent) throw new Error("the store could not be filled");

/** A refresh token as the authorization code flow leaves it, of a grant of its own. */
async function createRefreshToken(now) {
  const value = `rt_${randomBytes(32).toString("base64url")}`;
  const grantId = `grt_${randomUUID()}`;
  const grant = { id: grantId, kind: "person", workspace_id: workspaceId, client_id: agent.clientId, subject: accountId, scopes: SCOPE };
  const consent = { parent_id: null, redirect_host: `${grantId}.example`, environments: null };
  const times = { created_at: now, expires_at: null };
  await db
    .insertInto("access_grant")
    .values({ ...grant, ...consent, ...times, revoked_at: null })
    .execute();
  const expiry = { created_at: now, expires_at: now + HOUR_MS, family_expires_at: now + HOUR_MS };
  const token = { id_hash: createHash("sha256").update(value).digest("hex"), family_id: `fam_${randomUUID()}`, grant_id: grantId };
  const rest = { client_id: agent.clientId, scopes: SCOPE, jkt: null, used_at: null, successor: null };
  await db
    .insertInto("refresh_token")
    .values({ ...token, ...rest, ...expiry })
    .execute();
  return value;
}

const refreshTokens = [];
for (let family = 0; family < FAMILIES; family++) refreshTokens.push(await createRefreshToken(Date.now()));
await server.listen();
const { clientId, clientSecret } = agent;
const port = Number(new URL(server.url).port);
process.stdout.write(`${JSON.stringify({ port, clientId, clientSecret, resource: server.mcpUrl, scope: SCOPE, refreshTokens })}\n`);
