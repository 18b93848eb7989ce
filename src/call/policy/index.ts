/** Policy as data: what operators say about agents and tools, beside what scopes allow. */
export { authorityOf, type Authority } from "./authority.ts";
export { compilePolicy } from "./compile-policy.ts";
export { createMeters, type Meters } from "./meters.ts";
export { narrowed, parseNarrowing, UNNARROWED, type Narrowing } from "./narrowing.ts";
export { createPolicies, type Policies } from "./policies.ts";
export { createPolicyActs, type PolicyActsDeps, type PolicyOperator } from "./policy-acts.ts";
export { consult, NO_POLICY, type Limit, type Policy } from "./policy.ts";
export { endSpent, refusePolicy, tellPolicy } from "./told.ts";
