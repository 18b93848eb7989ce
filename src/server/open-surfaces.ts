import { canonicalJson } from "../lib/canonical-json.ts";
import { diffSurfaces, KINDS, parseSurface, wideningFor, type ToolSurface } from "../manifest/index.ts";
import { createSurfaceWatch } from "../oauth/index.ts";
import type { Ground } from "./ground.ts";

/** So long a surface is kept that nothing stands under any more. */
const KEPT_MS = 90 * 86_400_000;

/** Compares what is offered now with what was at the last start; a difference is on record before anybody is served. */
export async function openSurfaces(ground: Pick<Ground, "store" | "registry" | "record" | "now" | "log">) {
  const { store, registry, now } = ground;
  const watch = createSurfaceWatch(store.surfaces, registry);
  const { sha256, surface } = watch;
  const last = await store.surfaces.latest();
  if (last !== undefined && last.sha256 !== sha256) {
    const before = parseSurface(JSON.parse(last.body));
    if (typeof before !== "string") await tellChange(ground, { before, after: surface, from: last.sha256, to: sha256 });
  }
  await store.surfaces.put({ sha256, body: canonicalJson(surface), served_at: now() });
  await store.surfaces.adopt(last?.sha256 ?? sha256);
  await store.surfaces.sweep(now() - KEPT_MS);
  return watch;
}

interface Change {
  readonly before: ToolSurface;
  readonly after: ToolSurface;
  readonly from: string;
  readonly to: string;
}

async function tellChange(
  { store, record, now, log }: Parameters<typeof openSurfaces>[0],
  { before, after, from, to }: Change,
): Promise<void> {
  const changes = diffSurfaces(before, after);
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, changes.filter((change) => change.kind === kind).length]));
  await record({ event: "surface.changed", from, to, ...counts });
  // Nobody is asked again for agents that act for themselves: who looks after a workspace is told, and may narrow them.
  const standing = await store.db
    .selectFrom("access_grant")
    .select(["workspace_id", "client_id", "scopes"])
    .where("kind", "=", "standing")
    .where("revoked_at", "is", null)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now())]))
    .orderBy("client_id")
    .execute();
  const touched = standing
    .map((grant) => ({ ...grant, tools: wideningFor(before, after, grant.scopes.split(" ")).map(({ tool }) => tool) }))
    .filter(({ tools }) => tools.length > 0);
  for (const [workspace, grants = []] of Object.entries(Object.groupBy(touched, (grant) => grant.workspace_id))) {
    const tools = [...new Set(grants.flatMap((grant) => grant.tools))];
    await record({ event: "surface.widened", workspace, to, agents: grants.map((grant) => grant.client_id), tools });
  }
  if (touched.length > 0)
    log.warn(
      { agents: touched.length },
      "agents can do more than before with the scopes that they have; see surface.widened in the ledger",
    );
}
