/** As whom a call can be made: every live grant of the workspace, that of an agent itself or one that a person gave. */
import { narrowByAll, readStandings } from "../../../oauth/index.ts";
import type { Identity } from "../../contract.ts";
import { ConsoleProblem, type ConsoleContext } from "../../endpoint.ts";

const MAX_IDENTITIES = 500;
/** Grants narrowed from others are given to agents by agents, and live for minutes. */
const KINDS = ["standing", "person", "enterprise"] as const;

/** A grant, with who it is for. */
export interface Bearer extends Identity {
  readonly clientId: string;
  /** The account that it acts for; undefined for an agent that acts for itself. */
  readonly accountId: string | undefined;
}

async function listBearers({ store, registry, config, by, now }: ConsoleContext, id?: string): Promise<readonly Bearer[]> {
  const rows = await store.db
    .selectFrom("access_grant as g")
    .innerJoin("client as c", "c.id", "g.client_id")
    .leftJoin("account as a", "a.id", "g.subject")
    .where("g.workspace_id", "=", by.workspaceId)
    .where("g.kind", "in", KINDS)
    .where("g.revoked_at", "is", null)
    .where("c.disabled_at", "is", null)
    .where((eb) => eb.or([eb("g.expires_at", "is", null), eb("g.expires_at", ">", now())]))
    .$if(id !== undefined, (query) => query.where("g.id", "=", id ?? ""))
    .select(["g.id", "g.kind", "g.client_id", "c.name as client_name", "a.id as account_id", "a.email"])
    .orderBy("g.created_at", "desc")
    .orderBy("g.id")
    .limit(MAX_IDENTITIES)
    .execute();
  const { selfRegisteredScopes } = config;
  const ids = rows.map((row) => row.id);
  const standings = await readStandings({ db: store.db, scopes: registry.scopes, selfRegisteredScopes }, ids);
  const bearers = rows.flatMap((row): Bearer[] => {
    const standing = standings.get(row.id);
    if (standing === undefined || !standing.isLive) return [];
    const [own = "", ...others] = standing.limits;
    const { granted } = narrowByAll(registry.scopes, own, others);
    const isAgent = row.email === null;
    const label = isAgent ? row.client_name : `${row.email} via ${row.client_name}`;
    return [
      {
        id: row.id,
        label,
        kind: isAgent ? "agent" : "person",
        scopes: granted,
        clientId: row.client_id,
        accountId: row.account_id ?? undefined,
      },
    ];
  });
  return bearers.toSorted((a, b) => a.kind.localeCompare(b.kind) || a.label.localeCompare(b.label));
}

export async function findBearer(context: ConsoleContext, id: string): Promise<Bearer> {
  const [bearer] = await listBearers(context, id);
  if (bearer !== undefined) return bearer;
  throw new ConsoleProblem(404, {
    code: "no_identity",
    message: "Nobody of this workspace can be called as by that id, or their access has ended.",
    next: "Choose again who the call is made as.",
  });
}

export async function listIdentities(context: ConsoleContext): Promise<readonly Identity[]> {
  const bearers = await listBearers(context);
  return bearers.map(({ id, label, kind, scopes }) => ({ id, label, kind, scopes }));
}
