import { narrowByAll } from "../../oauth/index.ts";
import type { Effect, Role, ScopeSet } from "../../tool/index.ts";
import { decide } from "../authorize.ts";
import { narrowed } from "../policy/index.ts";
import { problem, type ExplainDeps, type Problems } from "./explain-deps.ts";
import { findHolder, parseScopes } from "./holder.ts";

/** A grant to think of. */
export interface GrantQuery {
  readonly workspaceId: string;
  /** Space-separated. */
  readonly scopes: string;
  /** The agent that it would be given to: what it may be granted at most counts, and the policy about it. */
  readonly agent?: string | undefined;
  /** The role of the person who would give it. */
  readonly role?: Role | undefined;
  readonly isReadOnly?: boolean | undefined;
}

/** What a grant would let its holder do. */
export interface Simulation {
  /** Scopes that it would hold, included ones too. */
  readonly scopes: readonly string[];
  /** Scopes that were asked for and that it would not hold: beyond what the agent or the role may have. */
  readonly beyond: readonly string[];
  readonly tools: readonly SimulatedTool[];
}

export interface SimulatedTool {
  readonly tool: string;
  readonly effect: Effect;
  readonly decision: "allowed" | "needs_approval" | "denied";
  readonly rule: string;
  readonly missing: readonly string[];
  readonly approvers: number;
  /** Id of the policy's rule that it follows, or null. */
  readonly policy_rule: string | null;
  /** Whether the agent's newest live grant does not let it do that; false when no agent is named. */
  readonly is_new: boolean;
}

/** What a grant could do, before it is given. Nothing is run or changed. */
export async function simulateGrant(deps: ExplainDeps, query: GrantQuery): Promise<Simulation | Problems> {
  const asked = parseScopes(deps, query.scopes);
  if ("problems" in asked) return asked;
  const ceiling = await ceilingOf(deps, query);
  if ("problems" in ceiling) return ceiling;
  const scopes = narrowByAll(deps.registry.scopes, asked.granted.join(" "), ceiling.limits);
  const policy = deps.policies.of(query.workspaceId, query.agent ?? "");
  const at = { environment: undefined, isReadOnly: query.isReadOnly === true };
  const { authority } = narrowed({ scopes }, policy, at);
  const present = narrowed({ scopes: await presentScopes(deps, query) }, policy, at).authority;
  const tools = [...deps.registry.tools.values()].map((target): SimulatedTool => {
    const { allowed, rule, missing, approvers, policyRule } = decide(authority, target);
    return {
      tool: target.name,
      effect: target.effect,
      decision: allowed ? (approvers > 0 ? "needs_approval" : "allowed") : "denied",
      rule,
      missing,
      approvers,
      policy_rule: policyRule ?? null,
      is_new: query.agent !== undefined && allowed && !decide(present, target).allowed,
    };
  });
  return { scopes: [...scopes.held].toSorted(), beyond: asked.granted.filter((scope) => !scopes.held.has(scope)), tools };
}

async function ceilingOf(deps: ExplainDeps, { agent, role, workspaceId }: GrantQuery): Promise<{ readonly limits: string[] } | Problems> {
  const ofRole = role === undefined ? [] : [deps.registry.scopes.forRole(role)];
  if (agent === undefined) return { limits: ofRole };
  const client = await deps.store.clients.find(agent);
  if (client === undefined || (client.workspace_id !== null && client.workspace_id !== workspaceId)) {
    return problem(`there is no agent ${JSON.stringify(agent)} in this workspace; remit agent list shows their ids`);
  }
  const most = client.scopes ?? deps.selfRegisteredScopes;
  return { limits: [...ofRole, ...(most === undefined ? [] : [most])] };
}

async function presentScopes(deps: ExplainDeps, { agent, workspaceId }: GrantQuery): Promise<ScopeSet> {
  const holder = agent === undefined ? undefined : await findHolder(deps, { agent, workspaceId });
  return holder !== undefined && "isLive" in holder && holder.isLive ? holder.scopes : deps.registry.scopes.parse("");
}
