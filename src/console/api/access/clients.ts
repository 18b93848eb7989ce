/** Who can ask for access: what is known of each client, new agents, and those that are put out of use. */
import * as z from "zod";
import type { Clients, Credentials } from "../../contract-evidence.ts";
import { ConsoleProblem, done, type ConsoleContext, type ConsoleRequest } from "../../endpoint.ts";
import { workspaceClients } from "../../workspace-clients.ts";
import { readBody } from "../read-body.ts";
import { requireOwnClient } from "./own.ts";

const MOST_SHOWN = 500;

const NEW_AGENT = z.strictObject({
  name: z.string().trim().min(1, "give it a name").max(120),
  scopes: z.array(z.string().max(64)).min(1, "choose at least one").max(200),
});

export async function listClients({ store, registry, config, by }: ConsoleContext): Promise<Clients> {
  const rows = await workspaceClients(store, by.workspaceId, MOST_SHOWN);
  const clients = rows.map(({ id, name, kind, scopes, created_at, used_at, disabled_at }) => ({
    id,
    name,
    kind,
    scopes: registry.scopes.parse(scopes ?? config.selfRegisteredScopes ?? registry.scopes.names.join(" ")).granted,
    createdAt: created_at,
    usedAt: used_at,
    disabledAt: disabled_at,
  }));
  return { clients, scopes: registry.scopes.names };
}

/** Nobody gives an agent what their own role would not let them have done by one. */
export async function createAgent({ operator, registry, by }: ConsoleContext, { body }: ConsoleRequest): Promise<Credentials> {
  const { name, scopes } = readBody(NEW_AGENT, body);
  const { held } = registry.scopes.parse(registry.scopes.forRole(by.member));
  const beyond = registry.scopes.parse(scopes.join(" ")).granted.filter((scope) => !held.has(scope));
  if (beyond.length > 0)
    throw new ConsoleProblem(403, {
      code: "beyond_role",
      message: `The agent would have ${beyond.join(", ")}, which is beyond your own role (${by.member}) in ${by.workspaceName}.`,
      next: "Untick it, or ask an owner to make the agent.",
    });
  const { clientId, clientSecret } = done(
    await operator.createAgent({ name, scopes, workspaceId: by.workspaceId, createdBy: by.accountId }),
  );
  return { clientId, clientSecret: clientSecret ?? null };
}

export async function disableAgent(context: ConsoleContext, { params }: ConsoleRequest): Promise<{ readonly disabled: true }> {
  const { id } = await requireOwnClient(context, params["id"] ?? "");
  done(await context.operator.disableAgent(id, context.by.accountId));
  return { disabled: true };
}

export async function enableAgent(context: ConsoleContext, { params }: ConsoleRequest): Promise<{ readonly disabled: false }> {
  const { id } = await requireOwnClient(context, params["id"] ?? "");
  done(await context.operator.enableAgent(id, context.by.accountId));
  return { disabled: false };
}
