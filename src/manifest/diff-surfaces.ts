import { canonicalJson } from "../lib/canonical-json.ts";
import { diffSchemas, type SchemaChange } from "./diff-schemas.ts";
import type { SurfaceScope, SurfaceTool, ToolSurface } from "./surface.ts";

/**
 * `breaking`: what worked is refused, or answers otherwise. `widening`: an agent can do, reach or read more than before, or is held back by
 * less. `wording`: texts for people and models, which steer both.
 */
export const KINDS = ["breaking", "widening", "wording"] as const;
export type ChangeKind = (typeof KINDS)[number];

export interface SurfaceChange {
  readonly kind: ChangeKind;
  readonly of: "tool" | "scope";
  readonly name: string;
  /** What changed, in one word that stays the same: `effect`, `scopes`, `input` … */
  readonly what: string;
  /** JSON Pointer into the schema; empty elsewhere. */
  readonly path: string;
  /** A sentence. */
  readonly text: string;
}

type Change = Omit<SurfaceChange, "of" | "name" | "path"> & { readonly path?: string };

/** Every difference between two surfaces, each judged: the weightier kinds first, then by name. */
export function diffSurfaces(before: ToolSurface, after: ToolSurface): readonly SurfaceChange[] {
  const scopes = pairsOf(Object.entries(before.scopes), Object.entries(after.scopes)).flatMap(([name, old, now]) =>
    diffScope(old, now).map((change): SurfaceChange => ({ path: "", ...change, of: "scope", name })),
  );
  const byName = ({ tools }: ToolSurface) => tools.map((tool): [string, SurfaceTool] => [tool.name, tool]);
  const tools = pairsOf(byName(before), byName(after)).flatMap(([name, old, now]) =>
    diffTool(old, now).map((change): SurfaceChange => ({ path: "", ...change, of: "tool", name })),
  );
  return [...scopes, ...tools].toSorted(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}

function pairsOf<T>(before: readonly [string, T][], after: readonly [string, T][]): [string, T | undefined, T | undefined][] {
  const [old, now] = [new Map(before), new Map(after)];
  return [...new Set([...old.keys(), ...now.keys()])].map((name) => [name, old.get(name), now.get(name)]);
}

const RANK = { read: 0, write: 1, destructive: 2 } as const;
const ROLES = ["viewer", "member", "admin", "owner"];

function diffTool(old: SurfaceTool | undefined, now: SurfaceTool | undefined): readonly Change[] {
  if (now === undefined) return [{ kind: "breaking", what: "removed", text: "the tool is gone" }];
  if (old === undefined) {
    return [{ kind: "widening", what: "added", text: `a new tool, effect ${now.effect}, for ${now.scopes.join(" and ")}` }];
  }
  return [
    ...diffEffect(old, now),
    ...setChanges(old.scopes, now.scopes).map(([side, scope]): Change =>
      side === "added"
        ? { kind: "breaking", what: "scopes", text: `it also needs the scope ${scope}` }
        : { kind: "widening", what: "scopes", text: `it no longer needs the scope ${scope}` },
    ),
    ...diffHints(old, now),
    ...texts([
      ["title", old.title, now.title],
      ["description", old.description, now.description],
    ]),
    ...diffSchemas(old.inputSchema, now.inputSchema).map((change) => ofInput(change)),
    ...diffOutput(old, now),
  ];
}

function diffEffect(old: SurfaceTool, now: SurfaceTool): readonly Change[] {
  if (old.effect === now.effect) return [];
  const reason = RANK[now.effect] > RANK[old.effect] ? "it can do more" : "approvals and read-only rules hold it back less";
  return [{ kind: "widening", what: "effect", text: `the effect was ${old.effect} and is ${now.effect}: ${reason}` }];
}

function diffHints(old: SurfaceTool, now: SurfaceTool): readonly Change[] {
  const changes: Change[] = [];
  const [was, is] = [old.annotations, now.annotations];
  if (was["openWorldHint"] !== is["openWorldHint"]) {
    changes.push(
      is["openWorldHint"] === true
        ? { kind: "widening", what: "open_world", text: "it reaches systems outside of the server" }
        : { kind: "wording", what: "open_world", text: "it no longer reaches systems outside of the server" },
    );
  }
  if (was["idempotentHint"] !== is["idempotentHint"]) {
    changes.push(
      is["idempotentHint"] === true
        ? { kind: "wording", what: "idempotent", text: "calling it twice now does no more than once" }
        : { kind: "breaking", what: "idempotent", text: "calling it twice no longer does the same as once" },
    );
  }
  if (old.discoverable !== now.discoverable) {
    changes.push(
      now.discoverable
        ? { kind: "widening", what: "discoverable", text: "callers that may not use it see it in lists" }
        : { kind: "breaking", what: "discoverable", text: "callers that may not use it no longer see it in lists" },
    );
  }
  return changes;
}

function ofInput({ side, path, text }: SchemaChange): Change {
  if (side === "words") return { kind: "wording", what: "input", path, text };
  if (side === "narrower") return { kind: "breaking", what: "input", path, text };
  return { kind: "widening", what: "input", path, text };
}

/** A new member is more to read; whatever else changes, somebody may have relied on how it was. */
function diffOutput({ outputSchema: old }: SurfaceTool, { outputSchema: now }: SurfaceTool): readonly Change[] {
  if (old === undefined && now === undefined) return [];
  if (old === undefined) return [{ kind: "wording", what: "output", text: "it says what it answers" }];
  if (now === undefined) return [{ kind: "breaking", what: "output", text: "it no longer says what it answers" }];
  return diffSchemas(old, now).map(({ side, isNewMember, path, text }): Change => ({
    kind: side === "words" ? "wording" : isNewMember ? "widening" : "breaking",
    what: "output",
    path,
    text,
  }));
}

function diffScope(old: SurfaceScope | undefined, now: SurfaceScope | undefined): readonly Change[] {
  if (now === undefined) return [{ kind: "breaking", what: "removed", text: "the scope is gone" }];
  if (old === undefined) return [{ kind: "widening", what: "added", text: `a new scope with ${now.access} access` }];
  const changes: Change[] = [];
  if (old.access !== now.access) {
    const text = `its access was ${old.access} and is ${now.access}`;
    changes.push({ kind: now.access === "write" ? "widening" : "breaking", what: "access", text });
  }
  if (old.role !== now.role) {
    const isLower = ROLES.indexOf(now.role) < ROLES.indexOf(old.role);
    changes.push({
      kind: isLower ? "widening" : "breaking",
      what: "role",
      text: `the least role for it was ${old.role} and is ${now.role}`,
    });
  }
  if (old.baseline !== now.baseline) {
    const text = now.baseline ? "it is asked for at first" : "it is no longer asked for at first";
    changes.push({ kind: now.baseline ? "widening" : "breaking", what: "baseline", text });
  }
  for (const [side, scope] of setChanges(old.includes, now.includes)) {
    changes.push(
      side === "added"
        ? { kind: "widening", what: "includes", text: `it includes ${scope}` }
        : { kind: "breaking", what: "includes", text: `it no longer includes ${scope}` },
    );
  }
  return [...changes, ...texts([["description", old.description, now.description]])];
}

function texts(pairs: readonly (readonly [what: string, old: string, now: string])[]): Change[] {
  return pairs
    .filter(([, old, now]) => old !== now)
    .map(([what, old, now]) => ({ kind: "wording", what, text: `the ${what} was ${canonicalJson(old)} and is ${canonicalJson(now)}` }));
}

function setChanges(old: readonly string[], now: readonly string[]): (readonly ["added" | "removed", string])[] {
  return [
    ...now.filter((each) => !old.includes(each)).map((each) => ["added", each] as const),
    ...old.filter((each) => !now.includes(each)).map((each) => ["removed", each] as const),
  ];
}
