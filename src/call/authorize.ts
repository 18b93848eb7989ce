import { refuse, type Refusal } from "../errors.ts";
import type { Challenges } from "../oauth/index.ts";
import type { Target } from "../tool/index.ts";
import { consult, refusePolicy, type Authority, type Limit } from "./policy/index.ts";
import type { Principal } from "./principal.ts";

/** What was decided about one target for one authority, and by which rule. */
export interface Verdict {
  readonly allowed: boolean;
  /** `needs_approval` allows the call, once people have approved it. */
  readonly rule: "all_scopes_held" | "scope_missing" | "policy_denied" | "read_only" | "killed" | "needs_approval";
  /** Needed scopes that are not held, in the order of the declaration. */
  readonly missing: readonly string[];
  /** How many people must approve each call; 0 for none. */
  readonly approvers: number;
  /** Id of the rule of the workspace's policy that the verdict follows; undefined when it follows none. */
  readonly policyRule: string | undefined;
  /** How often it may be called. */
  readonly limits: readonly Limit[];
}

const verdicts = new WeakMap<Authority, Map<Target, Verdict>>();

/**
 * The decision: may a holder of this authority use this target? Lists, calls, consent text and explanations all ask this one function, so
 * that they cannot disagree. Pure; the answer is kept with the authority.
 */
export function decide(authority: Authority, target: Target): Verdict {
  let known = verdicts.get(authority);
  if (known === undefined) verdicts.set(authority, (known = new Map()));
  let verdict = known.get(target);
  if (verdict === undefined) known.set(target, (verdict = judge(authority, target)));
  return verdict;
}

/** What a policy refuses comes first: more scopes would not help there. */
function judge({ scopes, policy }: Authority, target: Target): Verdict {
  const { rule, ...said } = consult(policy, target);
  if (rule === "killed" || rule === "read_only" || rule === "policy_denied") return { allowed: false, rule, missing: [], ...said };
  const missing = target.scopes.filter((scope) => !scopes.held.has(scope));
  if (missing.length > 0) return { allowed: false, rule: "scope_missing", missing, approvers: 0, policyRule: undefined, limits: [] };
  return { allowed: true, rule: rule === "silent" ? "all_scopes_held" : rule, missing, ...said };
}

/** Whether a list shows the target to a holder of this authority. */
export function isListed(authority: Authority, target: Target): boolean {
  return target.discoverable || decide(authority, target).allowed;
}

declare const authorized: unique symbol;

/** The permission of one principal to use one target. Only `authorize` makes one. */
export interface Grant<T extends Target = Target> {
  readonly [authorized]: true;
  readonly principal: Principal;
  readonly target: T;
  readonly verdict: Verdict;
}

/**
 * A grant, or the 403 that names every scope the operation needs (RFC 6750 §3.1). `isAccumulating` adds what is held already, for clients
 * older than 2026-07-28, which replace their scopes by those of the challenge. What a policy refuses is no matter of scopes.
 */
export function authorize<T extends Target>(
  principal: Principal,
  target: T,
  options: { readonly challenges: Challenges; readonly isAccumulating: boolean },
): Grant<T> | Refusal {
  const verdict = decide(principal.authority, target);
  if (verdict.allowed) return { principal, target, verdict } as unknown as Grant<T>;
  if (verdict.rule !== "scope_missing") return refusePolicy(verdict, target);
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
