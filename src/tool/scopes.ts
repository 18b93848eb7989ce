import { BootError } from "../errors.ts";

/** One permission, declared once. */
export interface ScopeDeclaration {
  /** A sentence that a person reads before consenting, such as "See the organizations of this workspace." */
  readonly description: string;
  /** What holding it allows at most. A tool that writes needs at least one `write` scope. */
  readonly access: "read" | "write";
  /** Baseline scopes are the ones that the first 401 asks for. */
  readonly baseline?: boolean;
  /**
   * The least role that a person needs in the workspace for an agent to hold it on their behalf. Default: `viewer` for `read`, `member` for `write`.
   */
  readonly role?: Role;
  /** Scopes that holding this one includes, such as `org:read` for `org:write`. */
  readonly includes?: readonly string[];
}

/** A person's place in a workspace, from least to most. */
export const ROLES = ["viewer", "member", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

export type ScopeDeclarations = Readonly<Record<string, ScopeDeclaration>>;

/** Declares the scopes of a server. Keys are scope tokens (RFC 6749 §3.3). */
export function defineScopes<const S extends ScopeDeclarations>(scopes: S): S {
  return scopes;
}

/**
 * The scopes of one token: what it was granted and all that this includes. Interned, so that one object stands for
 * each combination and answers computed for it can be kept on it.
 */
export interface ScopeSet {
  /** As in the token, sorted, known scopes only. */
  readonly granted: readonly string[];
  /** Granted scopes and everything they include. */
  readonly held: ReadonlySet<string>;
  /** `held`, sorted, as a JSON array. */
  readonly heldJson: string;
}

export interface ScopeCatalogue {
  /** All scopes in the order of their declaration. */
  readonly names: readonly string[];
  readonly baseline: readonly string[];
  readonly declarations: ScopeDeclarations;
  /** The interned set for a space-separated scope string (RFC 6749 §3.3); unknown scopes are dropped. */
  parse(scope: string): ScopeSet;
  /** The scopes that an agent may hold at most on behalf of a person with this role, space-separated. */
  forRole(role: Role): string;
}

const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]{1,64}$/;
const MAX_INTERNED = 1000;

/** What is wrong with scope declarations, a sentence each. */
function checkScopes(scopes: ScopeDeclarations): string[] {
  const problems: string[] = [];
  for (const [name, scope] of Object.entries(scopes)) {
    if (!SCOPE_TOKEN.test(name)) problems.push(`scope "${name}": use 1 to 64 visible ASCII characters without quotes (RFC 6749 §3.3)`);
    if (name === "offline_access" || name === "openid") problems.push(`scope "${name}": this name is reserved; choose another`);
    if (scope.description.trim().length < 8)
      problems.push(`scope "${name}": describe it in a sentence that a person can read before consenting`);
    for (const included of scope.includes ?? []) {
      if (!(included in scopes)) problems.push(`scope "${name}" includes "${included}", which is not declared`);
      else if (scope.access === "read" && scopes[included]?.access === "write") {
        problems.push(`scope "${name}" is read access but includes "${included}", which writes; make it access: "write"`);
      }
    }
  }
  return problems;
}

/** Throws BootError when the declarations are not sound. */
export function createScopeCatalogue(scopes: ScopeDeclarations): ScopeCatalogue {
  const problems = checkScopes(scopes);
  if (problems.length > 0) throw new BootError(problems);
  const names = Object.keys(scopes);
  const interned = new Map<string, ScopeSet>();
  const byRole = new Map(ROLES.map((role) => [role, names.filter((name) => isWithin(role, name, scopes)).join(" ")]));
  return {
    forRole: (role) => byRole.get(role) ?? "",
    names,
    baseline: names.filter((name) => scopes[name]?.baseline === true),
    declarations: scopes,
    parse(scope) {
      const granted = [...new Set(scope.split(" "))].filter((name) => Object.hasOwn(scopes, name)).sort();
      const key = granted.join(" ");
      const known = interned.get(key);
      if (known !== undefined) return known;
      const held = new Set<string>();
      for (const name of granted) include(name, scopes, held);
      const set: ScopeSet = { granted, held, heldJson: JSON.stringify([...held].sort()) };
      if (interned.size >= MAX_INTERNED) interned.clear();
      interned.set(key, set);
      return set;
    },
  };
}

/** A scope that includes one beyond the role is beyond it too. */
function isWithin(role: Role, name: string, scopes: ScopeDeclarations): boolean {
  const held = new Set<string>();
  include(name, scopes, held);
  return [...held].every((each) => {
    const scope = scopes[each];
    return scope !== undefined && ROLES.indexOf(scope.role ?? (scope.access === "read" ? "viewer" : "member")) <= ROLES.indexOf(role);
  });
}

function include(name: string, scopes: ScopeDeclarations, into: Set<string>): void {
  if (into.has(name)) return;
  into.add(name);
  for (const included of scopes[name]?.includes ?? []) include(included, scopes, into);
}
