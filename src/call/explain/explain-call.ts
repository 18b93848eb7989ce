import { didYouMean } from "../../lib/did-you-mean.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { CallQuery, DecisionCheck, DecisionExplanation, RegisteredTool } from "../../tool/index.ts";
import { narrowed } from "../policy/index.ts";
import { argumentsFor } from "../results/index.ts";
import { fitArguments } from "../validate.ts";
import { checkDecision, listOf } from "./checks.ts";
import { problem, type ExplainDeps, type Problems } from "./explain-deps.ts";
import { findHolder, parseScopes, type Holder } from "./holder.ts";

/** What would be decided about a call that is not made. Nothing is run, and nothing is put on record. */
export async function explainCall(deps: ExplainDeps, workspaceId: string, query: CallQuery): Promise<DecisionExplanation | Problems> {
  const target = deps.registry.tools.get(query.tool);
  if (target === undefined) return problem(unknownTool(deps, query.tool));
  const holder = await holderOf(deps, workspaceId, query);
  if ("problems" in holder) return holder;
  const policy = deps.policies.of(workspaceId, query.agent ?? "");
  const { authority, environments } = narrowed(holder, policy, {
    environment: query.environment,
    isReadOnly: query.isReadOnly === true,
  });
  const { verdict, checks } = checkDecision(authority, target, deps.registry.scopes);
  const all = [
    ...grantCheck(holder),
    ...checks,
    ...(query.arguments === undefined ? [] : await argumentChecks(deps, { target, workspaceId, environments }, query.arguments)),
  ];
  return {
    target: target.name,
    ...(query.agent === undefined ? {} : { agent: query.agent }),
    ...("grant" in holder ? { grant: holder.grant } : {}),
    allowed: verdict.allowed,
    rule: verdict.rule,
    passes: all.every(({ outcome }) => outcome !== "fail"),
    checks: all,
  };
}

type Bearer = Holder | Pick<Holder, "scopes" | "environments">;

async function holderOf(deps: ExplainDeps, workspaceId: string, { agent, grant, scopes }: CallQuery): Promise<Bearer | Problems> {
  if (scopes !== undefined) {
    const set = parseScopes(deps, scopes);
    return "problems" in set ? set : { scopes: set, environments: undefined };
  }
  if (agent === undefined) return problem("name an agent or scopes, so that there is somebody to decide about");
  return findHolder(deps, { agent, grant, workspaceId });
}

function grantCheck(holder: Bearer): DecisionCheck[] {
  if (!("isLive" in holder)) return [];
  const base = { check: "grant", needs: "a live grant of an agent in use" } as const;
  if (holder.isLive) return [{ ...base, outcome: "pass", has: holder.grant }];
  const change = "Somebody lets the agent in again; remit agent list and remit grant list show what ended.";
  return [{ ...base, outcome: "fail", has: `${holder.grant}, which ended or whose agent or person was disabled`, change }];
}

interface Place {
  readonly target: RegisteredTool;
  readonly workspaceId: string;
  readonly environments: readonly string[] | undefined;
}

async function argumentChecks(deps: ExplainDeps, { target, workspaceId, environments }: Place, args: unknown): Promise<DecisionCheck[]> {
  const fitted = fitArguments(target, argumentsFor(target, args) ?? {});
  const base = { check: "arguments", needs: "the input schema of the tool" } as const;
  if ("invalid" in fitted) {
    const paths = fitted.problems.map(({ path, code }) => `${code} at ${path === "" ? "/" : path}`);
    return [{ ...base, outcome: "fail", has: listOf(paths), change: fitted.invalid }];
  }
  const fits: DecisionCheck = { ...base, outcome: "pass", has: "arguments that fit" };
  const id = isRecord(args) ? args["environment_id"] : undefined;
  return typeof id === "string" ? [fits, await environmentCheck(deps, { workspaceId, environments }, id)] : [fits];
}

/** Asks the store through the very handle that tools have. */
async function environmentCheck(
  { store }: ExplainDeps,
  { workspaceId, environments }: Pick<Place, "workspaceId" | "environments">,
  id: string,
): Promise<DecisionCheck> {
  const row = await store
    .inWorkspace(workspaceId, environments)
    .selectFrom("environment")
    .select("id")
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  const has = environments === undefined ? "all environments of the workspace" : listOf(environments);
  const base = { check: "environment", needs: id, has } as const;
  if (row !== undefined) return { ...base, outcome: "pass" };
  const change = "Use an environment of this workspace that the grant, the policy and the address let it see.";
  return { ...base, outcome: "fail", change };
}

function unknownTool({ registry }: ExplainDeps, name: string): string {
  const meant = didYouMean(name, registry.tools.keys());
  const shown = JSON.stringify(name.slice(0, 64));
  return meant === undefined ? `there is no tool ${shown}` : `there is no tool ${shown}; did you mean ${meant}?`;
}
