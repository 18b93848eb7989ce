import { describeSurface, hashSurface, parseSurface, wideningFor, type ToolSurface } from "../manifest/index.ts";
import type { SurfaceStore } from "../store/index.ts";
import type { Registry } from "../tool/index.ts";

/** A tool with which a grant can do more than when it was given. */
export interface WidenedTool {
  readonly title: string;
  readonly scopes: readonly string[];
  /** Follows the title in a sentence. */
  readonly why: string;
}

/** Which tools there are, and what they were when something was allowed. */
export interface SurfaceWatch {
  /** SHA-256 of what is offered now, hex. */
  readonly sha256: string;
  /** What these scopes (space-separated) open now that they did not at that surface; null for one of before surfaces were kept. */
  widened(since: string | null, scopes: string): Promise<readonly WidenedTool[]>;
}

const MAX_KEPT = 1000;

export function createSurfaceWatch(
  store: Pick<SurfaceStore, "find">,
  registry: Pick<Registry, "scopes" | "tools">,
): SurfaceWatch & { readonly surface: ToolSurface } {
  const surface = describeSurface(registry);
  const sha256 = hashSurface(surface);
  const kept = new Map<string, readonly WidenedTool[]>();
  return {
    surface,
    sha256,
    async widened(since, scopes) {
      if (since === null || since === sha256) return [];
      const key = `${since} ${scopes}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const row = await store.find(since);
      // What was allowed cannot be read any more: then all that changes things counts as new.
      const before = row === undefined ? "" : parseSurface(JSON.parse(row.body));
      const found = wideningFor(typeof before === "string" ? { ...surface, tools: [] } : before, surface, scopes.split(" "));
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(key, found);
      return found;
    },
  };
}
