import type { Clock } from "../../../lib/clock.ts";
import { didYouMean } from "../../../lib/did-you-mean.ts";
import { createId } from "../../../lib/id.ts";
import { createSecret } from "../../../lib/secret.ts";
import type { ClientRow, GrantRow, Store } from "../../../store/index.ts";
import type { ScopeCatalogue } from "../../../tool/index.ts";
import type { EventSink } from "../../events.ts";
import { checkClientKeys, type SecretHasher } from "../keys/index.ts";
import { redirectUriProblem } from "./client-metadata.ts";
import { isPlainClientName } from "./client-name.ts";

export interface NewAgent {
  /** Shown to people; 1 to 80 characters. */
  readonly name: string;
  readonly workspaceId: string;
  /** What it may be granted at most. */
  readonly scopes: readonly string[];
  /** Its public keys (RFC 7517). Without them it gets a secret. */
  readonly jwks?: unknown;
  /** Where people who sign in with it are sent back to. With them it acts for people only, and its standing grant stays unused. */
  readonly redirectUris?: readonly string[];
  /** A program that cannot keep a secret: it gets none. Only with redirect URIs. */
  readonly isPublic?: boolean;
  /** Whether it may introspect every token of this resource, as a resource server does. */
  readonly mayIntrospect?: boolean;
  /** Account of the person who makes it. */
  readonly createdBy?: string | undefined;
  /** How it is told that it needs another scope. Default: `http`. */
  readonly challenge?: ClientRow["challenge"];
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

/**
 * Makes an agent, an OAuth client with its standing grant, or a client that people sign in with. It is put on record before it exists, so that no agent is
 * without a record. Only an operator may call this; what an agent may do comes from here alone, never from what a client says about itself.
 */
export async function createAgent(maker: AgentMaker, input: NewAgent): Promise<CreatedAgent> {
  const problems = [
    ...(isPlainClientName(input.name) ? [] : ["name: use 1 to 80 visible characters"]),
    ...checkScopes(input.scopes, maker.scopes),
    ...checkCredential(input),
    ...checkRedirects(input.redirectUris),
    ...(await checkWorkspace(maker, input.workspaceId)),
  ];
  if (problems.length > 0) return { problems };
  const { clientSecret, ...credential } = createCredential(maker, input);
  const { client, grant, scope } = createRows(maker, input, credential);
  await maker.onEvent({
    event: "agent_created",
    clientId: client.id,
    workspaceId: input.workspaceId,
    grantId: grant.id,
    name: client.name,
    scope,
    authMethod: client.auth_method,
  });
  await maker.store.clients.create(client, grant);
  return { clientId: client.id, scope, ...(clientSecret === undefined ? {} : { clientSecret }) };
}

type Credential = Pick<ClientRow, "auth_method" | "secret_hash" | "jwks">;

function checkCredential({ jwks, isPublic = false, redirectUris }: NewAgent): readonly string[] {
  if (isPublic && jwks !== undefined) return ["jwks: a public client has no keys; leave one of the two out"];
  if (isPublic && redirectUris === undefined) return ["redirectUris: a public client needs them, as it can only act for people"];
  const keys = jwks === undefined ? undefined : checkClientKeys(jwks);
  return keys !== undefined && "problems" in keys ? keys.problems : [];
}

function checkRedirects(uris: readonly string[] | undefined): readonly string[] {
  if (uris === undefined) return [];
  const problem = uris.length === 0 ? "give at least one or leave them out" : redirectUriProblem(uris);
  return problem === undefined ? [] : [`redirectUris: ${problem}`];
}

function createCredential({ secrets }: AgentMaker, { jwks, isPublic }: NewAgent): Credential & { readonly clientSecret?: string } {
  if (isPublic === true) return { auth_method: "none", secret_hash: null, jwks: null };
  const keys = jwks === undefined ? undefined : checkClientKeys(jwks);
  if (keys !== undefined && "jwks" in keys) return { auth_method: "private_key_jwt", secret_hash: null, jwks: keys.jwks };
  const clientSecret = createSecret();
  return { auth_method: "client_secret", secret_hash: secrets.hash(clientSecret), jwks: null, clientSecret };
}

function createRows(maker: AgentMaker, input: NewAgent, credential: Credential): { client: ClientRow; grant: GrantRow; scope: string } {
  const { workspaceId, redirectUris } = input;
  const id = createId("cl");
  const scope = maker.scopes.parse(input.scopes.join(" ")).granted.join(" ");
  const shared = { workspace_id: workspaceId, scopes: scope, created_at: maker.now() };
  const grant: GrantRow = {
    ...shared,
    id: createId("gr"),
    kind: "standing",
    client_id: id,
    subject: id,
    parent_id: null,
    redirect_host: null,
    environments: null,
    expires_at: null,
    revoked_at: null,
  };
  const client: ClientRow = {
    ...shared,
    ...credential,
    id,
    kind: "operator",
    name: input.name,
    grant_id: grant.id,
    metadata: JSON.stringify(redirectUris === undefined ? {} : { redirect_uris: redirectUris }),
    may_introspect: input.mayIntrospect === true ? 1 : 0,
    created_by: input.createdBy ?? null,
    challenge: input.challenge ?? "http",
    used_at: null,
    disabled_at: null,
  };
  return { client, grant, scope };
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
