import type { Kysely } from "kysely";
import type { OrganizationRow, ControlPlaneTables } from "../../../src/control-plane/index.ts";
import { createId } from "../../../src/lib/id.ts";
import type { CoreTables, Store } from "../../../src/store/index.ts";
import type { Agent } from "../../support/tool-harness.ts";

export const ALL_SCOPES = "wks:write env:write org:write docs:read";

/** A workspace with two environments, three members and three organizations in each environment. */
export interface Workspace {
  readonly id: string;
  readonly environmentId: string;
  readonly otherEnvironmentId: string;
  /** In `environmentId`, newest first. */
  readonly organizationIds: readonly string[];
  /** In `otherEnvironmentId`. */
  readonly otherOrganizationIds: readonly string[];
  /** By role. */
  readonly memberIds: Readonly<Record<string, string>>;
  /** Holds every scope. */
  readonly agent: Agent;
}

export type Rows = Kysely<CoreTables & ControlPlaneTables>;

/** All tables, not confined to any workspace. */
export function rowsOf(store: Store): Rows {
  return store.db;
}

export async function addWorkspace(db: Rows, name: string): Promise<Workspace> {
  const id = createId("wks");
  await db.insertInto("workspace").values({ id, name, created_at: 1 }).execute();
  const memberIds: Record<string, string> = {};
  for (const who of ["owner", "admin", "viewer"] as const) memberIds[who] = await addMember(db, { workspaceId: id, name, who });
  const environmentId = await addEnvironment(db, id, "live");
  const otherEnvironmentId = await addEnvironment(db, id, "trial");
  return {
    id,
    environmentId,
    otherEnvironmentId,
    organizationIds: (await addOrganizations(db, { workspace_id: id, environment_id: environmentId }, 3)).toReversed(),
    otherOrganizationIds: await addOrganizations(db, { workspace_id: id, environment_id: otherEnvironmentId }, 3),
    memberIds,
    agent: { workspaceId: id, scope: ALL_SCOPES },
  };
}

export async function addMember(
  db: Rows,
  { workspaceId, name, who }: { readonly workspaceId: string; readonly name: string; readonly who: string },
): Promise<string> {
  const account = { id: createId("acc"), email: `${who}@${name.toLowerCase()}.example`, name: `${name} ${who}`, created_at: 1 };
  await db.insertInto("account").values(account).execute();
  const role = who === "owner" || who === "admin" ? who : "viewer";
  const member = { id: createId("mem"), workspace_id: workspaceId, account_id: account.id, role, created_at: 1 } as const;
  await db.insertInto("member").values(member).execute();
  return member.id;
}

export async function addEnvironment(db: Rows, workspaceId: string, slug: string): Promise<string> {
  const id = createId("env");
  const row = { id, workspace_id: workspaceId, name: slug.toUpperCase(), slug, kind: "development", created_at: 1, version: 1 } as const;
  await db.insertInto("environment").values(row).execute();
  return id;
}

/** Ids of new organizations, oldest first, named 1, 2, 3 … with the external ids ext-1, ext-2, ext-3 … */
export async function addOrganizations(
  db: Rows,
  place: Pick<OrganizationRow, "workspace_id" | "environment_id">,
  count: number,
): Promise<readonly string[]> {
  const rows = Array.from({ length: count }, (_, i) => {
    const name = String(i + 1);
    // Two in a row have the same instant, so that the order needs the id too.
    return {
      ...place,
      id: createId("org"),
      name,
      external_id: `ext-${name}`,
      created_at: 1000 * Math.floor(i / 2),
      version: 1,
      features: "{}",
    };
  });
  const ordered = rows.toSorted((a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1));
  await db.insertInto("organization").values(rows).execute();
  return ordered.map(({ id }) => id);
}
