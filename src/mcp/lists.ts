import { isListed, decide, type Authority } from "../call/index.ts";
import { refuse, type Refusal } from "../errors.ts";
import { openSigned, signValue } from "../lib/secret.ts";
import type { JsonSchema, Registry, Target } from "../tool/index.ts";

/** The lists that a client can ask for. */
export type ListKind = "tools" | "prompts" | "resources" | "resourceTemplates" | "skills";

/** One page of a list as a caller with certain authority sees it. `json` is the members of the result without braces. */
export interface ListPage {
  readonly items: readonly JsonSchema[];
  readonly nextCursor: string | undefined;
  readonly json: string;
}

/** Lists filtered by the decision, built once for each authority. */
export interface Lists {
  page(kind: ListKind, authority: Authority, cursor: unknown): ListPage | Refusal;
}

type Listed = Target & { readonly definition: JsonSchema };

const PAGE_SIZE = 100;

/** `origin` is put to the icons that this server serves itself. */
export function createLists(registry: Registry, cursorKey: Uint8Array, origin: string): Lists {
  const pages = new WeakMap<Authority, Map<ListKind, readonly ListPage[]>>();
  const all: Record<ListKind, readonly Listed[]> = {
    tools: [...registry.tools.values()],
    prompts: [...registry.prompts.values()],
    resources: [...registry.resources.values()].filter((resource) => resource.isListed),
    resourceTemplates: registry.templates,
    skills: [...registry.skills.values()],
  };
  return {
    page(kind, authority, cursor) {
      let known = pages.get(authority);
      if (known === undefined) pages.set(authority, (known = new Map()));
      let list = known.get(kind);
      if (list === undefined) known.set(kind, (list = build(kind, authority, { listed: all[kind], cursorKey, origin })));
      const index = cursor === undefined ? 0 : openPage(cursorKey, cursor, cursorContext(kind, authority));
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

function build(kind: ListKind, authority: Authority, from: From): ListPage[] {
  const visible = from.listed
    .filter((target) => isListed(authority, target))
    .map((target) => withIcons(entryOf(authority, target), from.origin));
  const pages: ListPage[] = [];
  for (let start = 0; start === 0 || start < visible.length; start += PAGE_SIZE) {
    const items = visible.slice(start, start + PAGE_SIZE);
    const hasMore = start + PAGE_SIZE < visible.length;
    const nextCursor = hasMore ? signValue(from.cursorKey, pages.length + 1, cursorContext(kind, authority)) : undefined;
    const json = `"${kind}":${JSON.stringify(items)}${hasMore ? `,"nextCursor":${JSON.stringify(nextCursor)}` : ""}`;
    pages.push({ items, nextCursor, json });
  }
  return pages;
}

/** The entry of a target; one that may not be used yet says what it needs. */
function entryOf(authority: Authority, target: Listed): JsonSchema {
  const { definition } = target;
  const verdict = decide(authority, target);
  if (verdict.allowed) return definition;
  const needs = { scopes: target.scopes, missing: verdict.missing };
  const isRefused = verdict.rule !== "scope_missing";
  const _meta = {
    ...Object(definition["_meta"]),
    ...(isRefused ? { "dev.remit/policy": { rule: verdict.rule } } : { "dev.remit/needs": needs }),
  };
  // Nothing is told about the files of a skill, and its frontmatter must stay as it is.
  if (target.kind === "skill") return { ...definition, resources: "dynamic", _meta };
  const why = isRefused
    ? "Not available: a policy of this workspace says no."
    : `Not available yet: needs the scope ${verdict.missing.join(" ")}.`;
  const description = `${String(definition["description"])}\n${why}`;
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

function cursorContext(kind: ListKind, { scopes, policy }: Authority): string {
  return `list ${kind} ${scopes.granted.join(" ")} ${policy.stamp}`;
}
