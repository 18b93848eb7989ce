import { ROLES, type Catalogue, type Explanation, type Fetched, type Mail, type OutsideRequest, type Registry } from "../tool/index.ts";
import { FetchRefusedError, type GuardedFetch } from "../lib/guarded-fetch.ts";
import { decide } from "./authorize.ts";
import type { Principal } from "./principal.ts";

/** What lies around the tools of this server. */
export interface Outside {
  /** The public origin. */
  readonly url: string;
  readonly fetch: GuardedFetch;
  /** Whether it was sent. */
  mail(mail: Mail): Promise<boolean>;
}

const MAX_BODY_BYTES = 256 * 1024;
/** Headers that say where a request goes and where it ends. */
const OURS = new Set(["host", "connection", "content-length", "transfer-encoding", "upgrade", "expect", "te", "trailer"]);
const catalogues = new WeakMap<Registry, Catalogue>();

export function catalogueOf(registry: Registry): Catalogue {
  let catalogue = catalogues.get(registry);
  if (catalogue === undefined) catalogues.set(registry, (catalogue = makeCatalogue(registry)));
  return catalogue;
}

function makeCatalogue({ tools, scopes }: Registry): Catalogue {
  return {
    tools: [...tools.values()].map(({ name, effect, scopes: needed, tool }) => ({ name, title: tool.title, effect, scopes: needed })),
    scopes: Object.entries(scopes.declarations).map(([name, { description, access }]) => ({
      name,
      description,
      access,
      includes: [...scopes.parse(name).held].filter((held) => held !== name).sort(),
      role: ROLES.find((role) => scopes.forRole(role).split(" ").includes(name)) ?? "owner",
    })),
  };
}

/** What lists and calls would decide about a tool for this principal; undefined when there is none of this name. */
export function explain(registry: Registry, principal: Principal, name: string): Explanation | undefined {
  const target = registry.tools.get(name);
  if (target === undefined) return undefined;
  const { allowed, rule, missing, approvers } = decide(principal.authority, target);
  return { name, title: target.tool.title, effect: target.effect, scopes: target.scopes, allowed, rule, missing, approvers };
}

/** Reads a URL that a caller chose, through the guard. Says why not with a word of ours only. */
export async function fetchOutside(
  guarded: GuardedFetch,
  url: string,
  { headers = {}, ...request }: OutsideRequest = {},
): Promise<Fetched> {
  const sent = Object.entries(headers).filter(([name]) => !OURS.has(name.toLowerCase()));
  try {
    const { status, text } = await guarded(url, {
      ...request,
      headers: { accept: "application/json", ...Object.fromEntries(sent) },
      maxBodyBytes: MAX_BODY_BYTES,
    });
    return { status, text };
  } catch (error) {
    if (error instanceof FetchRefusedError) return { refused: error.reason };
    throw error;
  }
}
