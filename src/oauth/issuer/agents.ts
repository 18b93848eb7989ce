import type { Clock } from "../../lib/clock.ts";
import { didYouMean } from "../../lib/did-you-mean.ts";
import { createId } from "../../lib/id.ts";
import { createSecret } from "../../lib/secret.ts";
import type { ClientRow, GrantRow, Store } from "../../store/index.ts";
import { findHidden, type ScopeCatalogue } from "../../tool/index.ts";
import { checkClientKeys } from "./client-keys.ts";
import type { EventSink } from "./events.ts";
import type { SecretHasher } from "./client-secrets.ts";

export interface NewAgent {
  /** Shown to people; 1 to 80 characters. */
  readonly name: string;
  readonly workspaceId: string;
  /** What it may be granted at most. */
  readonly scopes: readonly string[];
  /** Its public keys (RFC 7517). Without them it gets a secret. */
  readonly jwks?: unknown;
}

/** The new agent, or a sentence for each thing that is wrong with the request. The secret exists nowhere else. */
export type CreatedAgent =
  | { readonly clientId: string; readonly clientSecret?: string; readonly scope: string }
  | { readonly problems: readonly string[] };

export interface AgentMaker {
  readonly store: Pick<Store, "db" | "clients">;
  readonly scopes: ScopeCatalogue;
  readonly secrets: SecretHasher;
  readonly now: Clock;
  readonly onEvent: EventSink;
}

const MAX_NAME_CHARS = 80;

/**
 * Makes an agent: an OAuth client with its standing grant. It is put on record before it exists, so that no agent is without a record.
 * Only an operator may call this; what an agent may do comes from here alone, never from what a client says about itself.
 */
export async function createAgent(maker: AgentMaker, input: NewAgent): Promise<CreatedAgent> {
  const keys = input.jwks === undefined ? undefined : checkClientKeys(input.jwks);
  const keyProblems = keys !== undefined && "problems" in keys ? keys.problems : [];
  const problems = [
    ...checkName(input.name),
    ...checkScopes(input.scopes, maker.scopes),
    ...keyProblems,
    ...(await checkWorkspace(maker, input.workspaceId)),
  ];
  if (problems.length > 0) return { problems };
  const clientSecret = keys === undefined ? createSecret() : undefined;
  const credential =
    clientSecret === undefined
      ? { auth_method: "private_key_jwt" as const, secret_hash: null, jwks: keys !== undefined && "jwks" in keys ? keys.jwks : null }
      : { auth_method: "client_secret" as const, secret_hash: maker.secrets.hash(clientSecret), jwks: null };
  const { client, grant } = createRows(maker, input, credential);
  await maker.onEvent({
    event: "agent_created",
    clientId: client.id,
    workspaceId: client.workspace_id,
    grantId: grant.id,
    name: client.name,
    scope: client.scopes,
    authMethod: client.auth_method,
  });
  await maker.store.clients.create(client, grant);
  return { clientId: client.id, scope: client.scopes, ...(clientSecret === undefined ? {} : { clientSecret }) };
}

function createRows(
  { scopes, now }: AgentMaker,
  input: NewAgent,
  credential: Pick<ClientRow, "auth_method" | "secret_hash" | "jwks">,
): { client: ClientRow; grant: GrantRow } {
  const id = createId("cl");
  const shared = { workspace_id: input.workspaceId, scopes: scopes.parse(input.scopes.join(" ")).granted.join(" "), created_at: now() };
  const grant: GrantRow = { ...shared, id: createId("gr"), client_id: id, subject: id, expires_at: null, revoked_at: null };
  return { grant, client: { ...shared, ...credential, id, name: input.name, grant_id: grant.id, disabled_at: null } };
}

function checkName(name: string): string[] {
  const isShown = name.trim() !== "" && name.length <= MAX_NAME_CHARS && !/\p{Cc}/u.test(name) && findHidden(name) === undefined;
  return isShown ? [] : [`name: use 1 to ${MAX_NAME_CHARS} visible characters`];
}

function checkScopes(scopes: readonly string[], catalogue: ScopeCatalogue): string[] {
  if (scopes.length === 0) return ["scopes: name at least one scope that the agent may use"];
  return scopes
    .filter((scope) => !catalogue.names.includes(scope))
    .map((scope) => {
      const near = didYouMean(scope, catalogue.names);
      return `scopes: this server has no scope ${JSON.stringify(scope)}; ${near === undefined ? `use some of ${catalogue.names.join(", ")}` : `did you mean ${near}?`}`;
    });
}

async function checkWorkspace({ store }: AgentMaker, id: string): Promise<string[]> {
  const row = await store.db.selectFrom("workspace").select("id").where("id", "=", id).executeTakeFirst();
  return row === undefined ? ["workspace: there is none with this id; list the workspaces and use one of their ids"] : [];
}
