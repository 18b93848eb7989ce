import type { ScopeSet } from "../../tool/index.ts";
import type { Policy } from "./policy.ts";

/** All that a decision rests on: what was granted, and what the policy of the workspace says about the agent. */
export interface Authority {
  readonly scopes: ScopeSet;
  readonly policy: Policy;
}

const authorities = new WeakMap<Policy, WeakMap<ScopeSet, Authority>>();

/** One object for each pair, so that what was decided for it can be kept with it. */
export function authorityOf(scopes: ScopeSet, policy: Policy): Authority {
  let known = authorities.get(policy);
  if (known === undefined) authorities.set(policy, (known = new WeakMap()));
  let authority = known.get(scopes);
  if (authority === undefined) known.set(scopes, (authority = { scopes, policy }));
  return authority;
}
