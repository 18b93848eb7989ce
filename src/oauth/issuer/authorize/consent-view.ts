import type { Store } from "../../../store/index.ts";
import type { ClientRow, GrantRow } from "../../../store/index.ts";
import type { Role, ScopeCatalogue } from "../../../tool/index.ts";
import { isLoopbackRedirect, redirectHost } from "../clients/index.ts";
import type { SurfaceWatch, WidenedTool } from "../../surface-watch.ts";
import type { PendingAuthorization } from "./authorizations.ts";

export interface ConsentScope {
  readonly name: string;
  /** The sentence of its declaration. */
  readonly sentence: string;
  readonly access: "read" | "write";
  /** Titles of the tools that it opens. */
  readonly tools: readonly string[];
  /** `granted` before; `widened`: granted before, but it opens more now; `new`; or `beyond_role`: more than the person may do in this workspace. */
  readonly state: "granted" | "widened" | "new" | "beyond_role";
  /** What it opens that it did not when it was granted, a sentence each. */
  readonly since: readonly string[];
  /** Whether it is chosen to begin with: what only looks, and what was granted before. */
  readonly isTicked: boolean;
}

export interface ConsentWorkspace {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly environments: readonly { readonly id: string; readonly name: string }[];
  readonly scopes: readonly ConsentScope[];
  /** The environments that it was limited to before; null for no limit. */
  readonly limitedTo: readonly string[] | null;
}

/** What a person sees before deciding. Names come from the client and are not to be trusted. */
export interface ConsentView {
  readonly clientId: string;
  readonly clientName: string;
  readonly clientKind: ClientRow["kind"];
  /** Host of the client's id when that is a URL, else of the redirect URI, else `a device`. */
  readonly askingHost: string;
  readonly redirectHost: string | null;
  /** The answer goes to a program on the person's own computer, which anybody may have written. */
  readonly isLoopbackOnly: boolean;
  readonly workspaces: readonly ConsentWorkspace[];
}

export interface ViewDeps {
  readonly store: Pick<Store, "db">;
  readonly scopes: ScopeCatalogue;
  /** Titles of the tools that a scope opens to an agent in a workspace. */
  toolsOf(scope: string, agent: { readonly workspaceId: string; readonly clientId: string }): readonly string[];
  /** The scopes that this client may be granted at most. */
  policyOf(client: ClientRow): string;
  readonly surfaces?: SurfaceWatch | undefined;
}

/** The view for one person: only workspaces they belong to, and what their role there allows. */
export async function describeConsent(deps: ViewDeps, pending: PendingAuthorization, accountId: string): Promise<ConsentView> {
  const { client, redirectUri } = pending;
  const members = await memberships(deps.store, accountId);
  const own = client.workspace_id === null ? members : members.filter((member) => member.id === client.workspace_id);
  const workspaces = await Promise.all(own.map((member) => describeWorkspace(deps, { pending, accountId, member })));
  const host = redirectUri === null ? null : redirectHost(redirectUri);
  return {
    clientId: client.id,
    clientName: client.name,
    clientKind: client.kind,
    askingHost: client.kind === "document" ? new URL(client.id).host : (host ?? "a device"),
    redirectHost: host,
    isLoopbackOnly: redirectUri !== null && isLoopbackRedirect(redirectUri),
    workspaces,
  };
}

export interface Membership {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export function memberships({ db }: Pick<Store, "db">, accountId: string): Promise<Membership[]> {
  return db
    .selectFrom("member as m")
    .innerJoin("workspace as w", "w.id", "m.workspace_id")
    .where("m.account_id", "=", accountId)
    .select(["w.id", "w.name", "m.role"])
    .orderBy("w.name")
    .orderBy("w.id")
    .execute();
}

interface Place {
  readonly pending: PendingAuthorization;
  readonly accountId: string;
  readonly member: Membership;
}

async function describeWorkspace(deps: ViewDeps, { pending, accountId, member }: Place): Promise<ConsentWorkspace> {
  const environments = await deps.store.db
    .selectFrom("environment")
    .select(["id", "name"])
    .where("workspace_id", "=", member.id)
    .where("deleted_at", "is", null)
    .orderBy("name")
    .execute();
  const present = await findConsent(deps.store, { pending, accountId, workspaceId: member.id });
  const before = deps.scopes.parse(present?.scopes ?? "").held;
  const widened = present === undefined ? [] : await widenedSince(deps, present, deps.scopes.parse(present.scopes).granted);
  const within = deps.scopes.parse(deps.scopes.forRole(member.role)).held;
  const allowed = deps.scopes.parse(deps.policyOf(pending.client)).held;
  const scopes = pending.requested
    .filter((name) => allowed.has(name))
    .map((name): ConsentScope => {
      const declared = deps.scopes.declarations[name];
      const since = before.has(name) ? sentencesOf(deps.scopes, widened, name) : [];
      const known = since.length > 0 ? "widened" : "granted";
      const state = !within.has(name) ? "beyond_role" : before.has(name) ? known : "new";
      const access = declared?.access ?? "write";
      const isTicked = state === "granted" || (state === "new" && access === "read");
      const tools = deps.toolsOf(name, { workspaceId: member.id, clientId: pending.client.id });
      return { name, sentence: declared?.description ?? name, access, tools, state, since, isTicked };
    });
  const limitedTo = present === undefined ? null : limitOf(present);
  return { ...member, environments, scopes, limitedTo };
}

/** What a consent opens, as far as these scopes go, that it did not when it was given. */
export async function widenedSince(
  { surfaces }: Pick<ViewDeps, "surfaces">,
  grant: GrantRow,
  scopes: readonly string[],
): Promise<readonly WidenedTool[]> {
  return (await surfaces?.widened(grant.surface ?? null, scopes.join(" "))) ?? [];
}

/** Whether a scope is one of those that open a tool, by itself or by what it includes. */
export function opens(scopes: ScopeCatalogue, tool: WidenedTool, scope: string): boolean {
  const { held } = scopes.parse(scope);
  return tool.scopes.some((needed) => held.has(needed));
}

function sentencesOf(scopes: ScopeCatalogue, widened: readonly WidenedTool[], scope: string): string[] {
  return widened.filter((tool) => opens(scopes, tool, scope)).map(({ title, why }) => `${title} ${why}.`);
}

/** The environments that a grant is limited to; null for all. */
export function limitOf({ environments }: GrantRow): readonly string[] | null {
  return environments === null ? null : (JSON.parse(environments) as readonly string[]);
}

/** The live consent that a new one would add to. */
export async function findConsent(
  { db }: Pick<Store, "db">,
  { pending, accountId, workspaceId }: { readonly pending: PendingAuthorization; readonly accountId: string; readonly workspaceId: string },
): Promise<GrantRow | undefined> {
  const host = pending.redirectUri === null ? null : redirectHost(pending.redirectUri);
  return db
    .selectFrom("access_grant")
    .selectAll()
    .where("kind", "=", "person")
    .where("client_id", "=", pending.client.id)
    .where("subject", "=", accountId)
    .where("workspace_id", "=", workspaceId)
    .where("redirect_host", host === null ? "is" : "=", host)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
}
