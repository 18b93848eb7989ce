import { isListed, decide } from "../call/index.ts";
import { refuse, type Refusal } from "../errors.ts";
import { openSigned, signValue } from "../lib/secret.ts";
import type { JsonSchema, Registry, ScopeSet, Target } from "../tool/index.ts";

/** The lists that a client can ask for. */
export type ListKind = "tools" | "prompts" | "resources" | "resourceTemplates" | "skills";

/** One page of a list as a caller with certain scopes sees it. `json` is the members of the result without braces. */
export interface ListPage {
  readonly items: readonly JsonSchema[];
  readonly nextCursor: string | undefined;
  readonly json: string;
}

/** Lists filtered by the decision, built once for each set of scopes. */
export interface Lists {
  page(kind: ListKind, scopes: ScopeSet, cursor: unknown): ListPage | Refusal;
}

type Listed = Target & { readonly definition: JsonSchema };

const PAGE_SIZE = 100;

/** `origin` is put to the icons that this server serves itself. */
export function createLists(registry: Registry, cursorKey: Uint8Array, origin: string): Lists {
  const pages = new WeakMap<ScopeSet, Map<ListKind, readonly ListPage[]>>();
  const all: Record<ListKind, readonly Listed[]> = {
    tools: [...registry.tools.values()],
    prompts: [...registry.prompts.values()],
    resources: [...registry.resources.values()].filter((resource) => resource.isListed),
    resourceTemplates: registry.templates,
    skills: [...registry.skills.values()],
  };
  return {
    page(kind, scopes, cursor) {
      let known = pages.get(scopes);
      if (known === undefined) pages.set(scopes, (known = new Map()));
      let list = known.get(kind);
      if (list === undefined) known.set(kind, (list = build(kind, scopes, { listed: all[kind], cursorKey, origin })));
      const index = cursor === undefined ? 0 : openPage(cursorKey, cursor, cursorContext(kind, scopes));
      const page = index === undefined ? undefined : list[index];
      return page ?? refuse("invalid_arguments", { message: "This cursor is not one of this list. Start again without a cursor." });
    },
  };
}

interface From {
  readonly listed: readonly Listed[];
  readonly cursorKey: Uint8Array;
  readonly origin: string;
}

function build(kind: ListKind, scopes: ScopeSet, from: From): ListPage[] {
  const visible = from.listed.filter((target) => isListed(scopes, target)).map((target) => withIcons(entryOf(scopes, target), from.origin));
  const pages: ListPage[] = [];
  for (let start = 0; start === 0 || start < visible.length; start += PAGE_SIZE) {
    const items = visible.slice(start, start + PAGE_SIZE);
    const hasMore = start + PAGE_SIZE < visible.length;
    const nextCursor = hasMore ? signValue(from.cursorKey, pages.length + 1, cursorContext(kind, scopes)) : undefined;
    const json = `"${kind}":${JSON.stringify(items)}${hasMore ? `,"nextCursor":${JSON.stringify(nextCursor)}` : ""}`;
    pages.push({ items, nextCursor, json });
  }
  return pages;
}

/** The entry of a target; one that may not be used yet says what it needs. */
function entryOf(scopes: ScopeSet, target: Listed): JsonSchema {
  const { definition } = target;
  const verdict = decide(scopes, target);
  if (verdict.allowed) return definition;
  const _meta = { ...Object(definition["_meta"]), "dev.remit/needs": { scopes: target.scopes, missing: verdict.missing } };
  // Nothing is told about the files of a skill, and its frontmatter must stay as it is.
  if (target.kind === "skill") return { ...definition, resources: "dynamic", _meta };
  const description = `${String(definition["description"])}\nNot available yet: needs the scope ${verdict.missing.join(" ")}.`;
  return { ...definition, description, _meta };
}

/** Icons that this server serves are declared as paths. */
export function withIcons(definition: JsonSchema, origin: string): JsonSchema {
  const { icons } = definition;
  if (!Array.isArray(icons)) return definition;
  return { ...definition, icons: icons.map((icon: { readonly src: string }) => ({ ...icon, src: new URL(icon.src, origin).href })) };
}

function openPage(cursorKey: Uint8Array, cursor: unknown, context: string): number | undefined {
  const index = typeof cursor === "string" ? openSigned(cursorKey, cursor, context) : undefined;
  return typeof index === "number" ? index : undefined;
}

function cursorContext(kind: ListKind, scopes: ScopeSet): string {
  return `list ${kind} ${scopes.granted.join(" ")}`;
}
