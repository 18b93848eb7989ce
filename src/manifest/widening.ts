import { diffSurfaces } from "./diff-surfaces.ts";
import { heldBy, type SurfaceTool, type ToolSurface } from "./surface.ts";

/** What an agent can do now, with the same scopes, that it could not before. */
export interface Widening {
  readonly tool: string;
  readonly title: string;
  /** Scopes that the tool needs. */
  readonly scopes: readonly string[];
  /** Half a sentence that follows the title. */
  readonly why: string;
}

/**
 * What became possible, between two surfaces, with these scopes: tools that change things and were out of reach, a stronger effect, more that
 * can be given to what changes things, a way outside. What an agent can read more of does not count: a person consents to looking as such.
 */
export function wideningFor(before: ToolSurface, after: ToolSurface, granted: readonly string[]): readonly Widening[] {
  const [had, has] = [reached(before, granted), reached(after, granted)];
  const touched = new Map<string, string>();
  for (const { of, name, what, kind } of diffSurfaces(before, after)) {
    const [old, now] = [had.get(name), has.get(name)];
    if (of !== "tool" || kind !== "widening" || old === undefined || now === undefined || touched.has(name)) continue;
    if (what === "open_world") touched.set(name, "reaches systems outside");
    if (what === "input" && now.effect !== "read") touched.set(name, "takes more than before");
    if (what === "effect" && EFFECTS.indexOf(now.effect) > EFFECTS.indexOf(old.effect)) touched.set(name, STRONGER[now.effect]);
  }
  return [...has.values()].flatMap((tool) => {
    const why = had.has(tool.name) || tool.effect === "read" ? touched.get(tool.name) : `is new here and ${DOES[tool.effect]}`;
    return why === undefined ? [] : [{ tool: tool.name, title: tool.title, scopes: tool.scopes, why }];
  });
}

const EFFECTS = ["read", "write", "destructive"];
const DOES = { read: "looks", write: "makes changes", destructive: "may lose something" } as const;
const STRONGER = { read: "looks", write: "makes changes now", destructive: "may lose something now" } as const;

function reached(surface: ToolSurface, granted: readonly string[]): ReadonlyMap<string, SurfaceTool> {
  const held = heldBy(surface, granted);
  return new Map(surface.tools.filter(({ scopes }) => scopes.every((scope) => held.has(scope))).map((tool) => [tool.name, tool]));
}
