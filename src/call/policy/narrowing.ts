import { refuse, type Refusal } from "../../errors.ts";
import type { ScopeSet } from "../../tool/index.ts";
import { authorityOf, type Authority } from "./authority.ts";
import { intersect, readOnlyOf, type Policy } from "./policy.ts";

/** What the address that a client uses takes away from what its token allows. It can add nothing. */
export interface Narrowing {
  /** The only environment; undefined for all. */
  readonly environment: string | undefined;
  readonly isReadOnly: boolean;
  /** The query that says so, in one form: with its question mark, or empty. */
  readonly search: string;
}

export const UNNARROWED: Narrowing = { environment: undefined, isReadOnly: false, search: "" };

const MAX_ID_CHARS = 128;

/**
 * Reads `?environment=ID&readonly=1`. Anything else, and anything twice, is refused: who mistypes a limit must not go without one. `own` are
 * the parameters that the path has for itself.
 */
export function parseNarrowing(search: string, own: readonly string[] = []): Narrowing | Refusal {
  if (search.length <= 1) return UNNARROWED;
  const given = new URLSearchParams(search);
  for (const name of own) given.delete(name);
  const names = [...given.keys()];
  if (names.some((name) => name !== "environment" && name !== "readonly") || new Set(names).size !== names.length)
    return refuse("invalid_query");
  const environment = given.get("environment") ?? undefined;
  const readonly = given.get("readonly");
  if (environment === "" || (environment?.length ?? 0) > MAX_ID_CHARS || (readonly !== null && readonly !== "1"))
    return refuse("invalid_query");
  if (names.length === 0) return UNNARROWED;
  const canonical = new URLSearchParams({
    ...(environment === undefined ? {} : { environment }),
    ...(readonly === null ? {} : { readonly }),
  });
  return { environment, isReadOnly: readonly === "1", search: `?${canonical.toString()}` };
}

/** What was granted, as far as decisions go. */
interface Held {
  readonly scopes: ScopeSet;
  /** Ids; undefined for all. */
  readonly environments?: readonly string[] | undefined;
}

/** What remains of it under a policy and at an address: what decisions rest on, and the environments (undefined for all). */
export function narrowed(
  held: Held,
  policy: Policy,
  { environment, isReadOnly }: Pick<Narrowing, "environment" | "isReadOnly">,
): { readonly authority: Authority; readonly environments: readonly string[] | undefined } {
  const asked = environment === undefined ? undefined : [environment];
  const environments = intersect(intersect(held.environments, policy.environments), asked);
  return { authority: authorityOf(held.scopes, isReadOnly ? readOnlyOf(policy) : policy), environments };
}
