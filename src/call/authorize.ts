import { refuse, type Refusal } from "../errors.ts";
import type { Challenges } from "../oauth/index.ts";
import type { ScopeSet, Target } from "../tool/index.ts";
import type { Principal } from "./principal.ts";

/** What was decided about one target for one set of scopes, and by which rule. */
export interface Verdict {
  readonly allowed: boolean;
  readonly rule: "all_scopes_held" | "scope_missing";
  /** Needed scopes that are not held, in the order of the declaration. */
  readonly missing: readonly string[];
}

const ALLOWED: Verdict = { allowed: true, rule: "all_scopes_held", missing: [] };
const verdicts = new WeakMap<ScopeSet, Map<Target, Verdict>>();

/**
 * The decision: may a holder of these scopes use this target? Lists, calls, consent text and explanations all ask this one function, so
 * that they cannot disagree. Pure; the answer is kept with the scope set.
 */
export function decide(scopes: ScopeSet, target: Target): Verdict {
  let known = verdicts.get(scopes);
  if (known === undefined) verdicts.set(scopes, (known = new Map()));
  let verdict = known.get(target);
  if (verdict === undefined) known.set(target, (verdict = judge(scopes, target)));
  return verdict;
}

function judge(scopes: ScopeSet, target: Target): Verdict {
  const missing = target.scopes.filter((scope) => !scopes.held.has(scope));
  return missing.length === 0 ? ALLOWED : { allowed: false, rule: "scope_missing", missing };
}

/** Whether a list shows the target to a holder of these scopes. */
export function isListed(scopes: ScopeSet, target: Target): boolean {
  return target.discoverable || decide(scopes, target).allowed;
}

declare const authorized: unique symbol;

/** The permission of one principal to use one target. Only `authorize` makes one. */
export interface Grant<T extends Target = Target> {
  readonly [authorized]: true;
  readonly principal: Principal;
  readonly target: T;
}

/**
 * A grant, or the 403 that names every scope the operation needs (RFC 6750 §3.1). `isAccumulating` adds what is held already, for clients
 * older than 2026-07-28, which replace their scopes by those of the challenge.
 */
export function authorize<T extends Target>(
  principal: Principal,
  target: T,
  options: { readonly challenges: Challenges; readonly isAccumulating: boolean },
): Grant<T> | Refusal {
  const verdict = decide(principal.scopes, target);
  if (verdict.allowed) return { principal, target } as unknown as Grant<T>;
  const lacking = verdict.missing.join(" ");
  const message = `The ${target.kind} ${target.name} needs the scope ${lacking}, which the access token lacks.`;
  const asked = options.isAccumulating ? [...new Set([...principal.scopes.granted, ...target.scopes])] : target.scopes;
  // A bound token is sent with another scheme, and so is the challenge (RFC 9449 §7.1).
  const scheme = principal.token.jkt === undefined ? "Bearer" : "DPoP";
  return refuse("insufficient_scope", {
    message,
    headers: { "www-authenticate": options.challenges.insufficientScope(asked, message, scheme) },
    data: { scope: target.scopes.join(" "), missing: lacking },
  });
}
