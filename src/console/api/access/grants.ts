/** What was allowed to whom: the grants that live, what would have been enough, and an end to them. */
import * as z from "zod";
import type { Grants, LeastPrivilege } from "../../contract-evidence.ts";
import { done, type ConsoleContext, type ConsoleRequest } from "../../endpoint.ts";
import { agentNames } from "../../workspace-clients.ts";
import { readBody } from "../read-body.ts";
import { found, readQuery } from "../read-query.ts";
import { requireOwnGrant } from "./own.ts";

const MOST_SHOWN = 500;
/** The records of a window are read through, so there are few to choose from, and what was read is kept a while. */
const WINDOWS = [7, 30, 90] as const;
const MAX_AGE_MS = 60_000;

const days = z.coerce.number().pipe(z.literal(WINDOWS)).default(30);
const WINDOW = z.strictObject({ days });
const NARROWING = z.strictObject({ agent: z.string().min(1).max(2048), days });

/** Without those that agents handed on: these last minutes, and end with the one that they come from. */
export async function listGrants({ store, by, now }: ConsoleContext): Promise<Grants> {
  const rows = await store.db
    .selectFrom("access_grant as g")
    .innerJoin("client as c", "c.id", "g.client_id")
    .leftJoin("account as a", "a.id", "g.subject")
    .where("g.workspace_id", "=", by.workspaceId)
    .where("g.kind", "!=", "exchange")
    .where("g.revoked_at", "is", null)
    .where((eb) => eb.or([eb("g.expires_at", "is", null), eb("g.expires_at", ">", now())]))
    .select(["g.id", "g.kind", "g.client_id", "c.name", "a.email", "g.scopes", "g.created_at", "g.expires_at"])
    .orderBy("g.created_at", "desc")
    .orderBy("g.id")
    .limit(MOST_SHOWN)
    .execute();
  const grants = rows.map(({ id, kind, client_id, name, email, scopes, created_at, expires_at }) => ({
    id,
    kind,
    clientId: client_id,
    clientName: name,
    subject: email,
    scopes: scopes.split(" ").filter(Boolean),
    createdAt: created_at,
    expiresAt: expires_at,
  }));
  return { grants };
}

export async function revokeGrant(context: ConsoleContext, { params }: ConsoleRequest): Promise<{ readonly revoked: true }> {
  const id = params["id"] ?? "";
  await requireOwnGrant(context, id);
  done(await context.operator.revokeGrant(id, context.by.accountId));
  return { revoked: true };
}

export async function adviseGrants({ operator, store, by }: ConsoleContext, { query }: ConsoleRequest): Promise<LeastPrivilege> {
  const window = readQuery(WINDOW, query);
  const asked = { ...window, workspaceId: by.workspaceId, maxAgeMs: MAX_AGE_MS, isWithoutExchanged: true };
  const advice = found(await operator.adviseGrants(asked))
    .toReversed()
    .slice(0, MOST_SHOWN);
  const names = await agentNames(store, by.workspaceId);
  return { ...window, grants: advice.map((each) => ({ ...each, agentName: names.get(each.agent) ?? each.agent })) };
}

export async function narrowGrants({ operator, by }: ConsoleContext, { body }: ConsoleRequest) {
  const wanted = readBody(NARROWING, body);
  return done(await operator.narrowGrants({ ...wanted, workspaceId: by.workspaceId, by: by.accountId }));
}
