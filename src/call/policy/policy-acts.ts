/** What an operator may say about agents and tools: rules that act within a second, each change on record with what was there before. */
import type { Clock } from "../../lib/clock.ts";
import { didYouMean } from "../../lib/did-you-mean.ts";
import { createId } from "../../lib/id.ts";
import type { PolicyRuleRow, Store } from "../../store/index.ts";
import type { Effect, Registry } from "../../tool/index.ts";
import type { Policies } from "./policies.ts";

/** A rule to be set. Which members belong to it depends on its action. */
export interface NewPolicyRule {
  readonly action: PolicyRuleRow["action"];
  /** May be left out while there is one workspace. */
  readonly workspaceId?: string | undefined;
  /** Left out for every agent of the workspace. */
  readonly clientId?: string | undefined;
  /** Of `allow`, `deny`, `approve` and `limit`: one tool, or all with an effect; without both, everything. */
  readonly tool?: string | undefined;
  readonly effect?: Effect | undefined;
  /** Of `approve`: how many people must approve, 1 or 2. Default 1. */
  readonly approvers?: number | undefined;
  /** Of `environment`. */
  readonly environmentId?: string | undefined;
  /** Of `limit`: calls per second over time, and calls a day (UTC). */
  readonly perSecond?: number | undefined;
  readonly perDay?: number | undefined;
}

/** A rule in force. */
export type PolicyRule = Pick<
  PolicyRuleRow,
  "id" | "workspace_id" | "client_id" | "action" | "tool" | "effect" | "approvers" | "environment_id" | "per_day" | "created_at"
> & { readonly per_second: number | null };

type Problems = { readonly problems: readonly string[] };

export interface PolicyOperator {
  /** All rules in force, the oldest first. */
  listPolicy(): Promise<readonly PolicyRule[]>;
  /** Puts a rule in force, in the place of the one that speaks about the same. */
  setPolicy(rule: NewPolicyRule): Promise<PolicyRule | Problems>;
  removePolicy(ruleId: string): Promise<true | Problems>;
}

export interface PolicyActsDeps {
  readonly store: Pick<Store, "db" | "clients" | "policies">;
  readonly policies: Pick<Policies, "refresh">;
  readonly tools: Registry["tools"];
  readonly now: Clock;
  /** Resolves when the event is on record. */
  readonly record: (event: { readonly event: string; readonly [member: string]: unknown }) => Promise<void>;
  /** The workspace that is meant; undefined when that is not clear. */
  chooseWorkspace(given: string | undefined): Promise<string | undefined>;
}

export function createPolicyActs(deps: PolicyActsDeps): PolicyOperator {
  const { store, policies, now, record } = deps;
  // One after the other, so that what is recorded as before is what was there.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<R>(act: () => Promise<R>): Promise<R> {
    const turn = last.catch(() => undefined).then(act);
    last = turn;
    return turn;
  }

  return {
    listPolicy: async () => (await store.policies.list()).map(shown),
    setPolicy: (rule) =>
      inTurn(async () => {
        const workspaceId = await deps.chooseWorkspace(rule.workspaceId);
        if (workspaceId === undefined) return { problems: ["say which workspace the rule is for; there is none, or more than one"] };
        const problems = [...problemsOfForm(rule), ...(await problemsOfNames(deps, rule, workspaceId))];
        if (problems.length > 0) return { problems };
        const row = newRow(rule, workspaceId, now());
        const before = await store.policies.find(workspaceId, row.place);
        const after = shown(row);
        await record({
          event: "policy.set",
          workspace: workspaceId,
          agent: row.client_id,
          rule: row.id,
          before: before ? shown(before) : null,
          after,
        });
        await store.policies.set(row);
        await policies.refresh();
        return after;
      }),
    removePolicy: (ruleId) =>
      inTurn(async () => {
        const before = await store.policies.findById(ruleId);
        if (before === undefined)
          return { problems: [`there is no rule ${JSON.stringify(ruleId)} in force; remit policy list shows their ids`] };
        const { workspace_id: workspace, client_id: agent } = before;
        await record({ event: "policy.removed", workspace, agent, rule: ruleId, before: shown(before), after: null });
        await store.policies.remove(ruleId, now());
        await policies.refresh();
        return true;
      }),
  };
}

type NewRow = Omit<PolicyRuleRow, "revision" | "removed_at">;

function newRow(rule: NewPolicyRule, workspaceId: string, at: number): NewRow {
  const { action, clientId = null, tool = null, effect = null, environmentId = null, perSecond, perDay = null } = rule;
  const isRuling = action === "allow" || action === "deny" || action === "approve";
  return {
    id: createId("pol"),
    workspace_id: workspaceId,
    client_id: clientId,
    tool,
    effect,
    action,
    approvers: action === "approve" ? (rule.approvers ?? 1) : null,
    environment_id: environmentId,
    per_1000_seconds: perSecond === undefined ? null : Math.round(perSecond * 1000),
    per_day: perDay,
    // Of what allows, denies and asks, one rule speaks about the same agent and tool.
    place: JSON.stringify([isRuling ? "ruling" : action, clientId, tool, effect, environmentId]),
    created_at: at,
  };
}

function shown(row: NewRow): PolicyRule {
  const { id, workspace_id, client_id, action, tool, effect, approvers, environment_id, per_1000_seconds, per_day, created_at } = row;
  const perSecond = per_1000_seconds === null ? null : per_1000_seconds / 1000;
  return { id, workspace_id, client_id, action, tool, effect, approvers, environment_id, per_second: perSecond, per_day, created_at };
}

const MAX_PER_SECOND = 10_000;
const MAX_PER_DAY = 1_000_000_000;

/** What is wrong with a rule whatever it names, a sentence each. */
function problemsOfForm({ action, tool, effect, approvers, environmentId, perSecond, perDay }: NewPolicyRule): string[] {
  const problems: string[] = [];
  const hasTarget = tool !== undefined || effect !== undefined;
  const isLimit = perSecond !== undefined || perDay !== undefined;
  if (tool !== undefined && effect !== undefined) problems.push("a rule names a tool or an effect, not both");
  if ((action === "read_only" || action === "environment") && hasTarget)
    problems.push(`${action} is for an agent or a workspace as a whole`);
  if (action === "allow" && !hasTarget) problems.push("say what to allow: a tool or an effect. Without a rule, scopes decide");
  if (approvers !== undefined && action !== "approve") problems.push("only approve takes a number of people");
  if (approvers !== undefined && approvers !== 1 && approvers !== 2) problems.push("1 or 2 people can be asked to approve");
  if ((environmentId !== undefined) !== (action === "environment"))
    problems.push("environment takes an environment, and no other action does");
  if (isLimit !== (action === "limit")) problems.push("limit takes calls per second, calls a day or both, and no other action does");
  if (perSecond !== undefined && !(perSecond >= 0.001 && perSecond <= MAX_PER_SECOND))
    problems.push(`calls per second are from 0.001 to ${MAX_PER_SECOND}`);
  if (perDay !== undefined && !(Number.isInteger(perDay) && perDay >= 1 && perDay <= MAX_PER_DAY))
    problems.push(`calls a day are a whole number from 1 to ${MAX_PER_DAY}`);
  return problems;
}

/** A rule for a name that nothing has would hold for nothing, and nobody would notice. */
async function problemsOfNames({ store, tools }: PolicyActsDeps, rule: NewPolicyRule, workspaceId: string): Promise<string[]> {
  const { clientId, tool, environmentId } = rule;
  const problems: string[] = [];
  const workspace = await store.db.selectFrom("workspace").select("id").where("id", "=", workspaceId).executeTakeFirst();
  if (workspace === undefined) problems.push(`there is no workspace ${JSON.stringify(workspaceId)}`);
  const client = clientId === undefined ? undefined : await store.clients.find(clientId);
  if (clientId !== undefined && (client === undefined || (client.workspace_id !== null && client.workspace_id !== workspaceId)))
    problems.push(`there is no agent ${JSON.stringify(clientId)} in this workspace; remit agent list shows their ids`);
  if (tool !== undefined && !tools.has(tool)) {
    const meant = didYouMean(tool, [...tools.keys()]);
    problems.push(`there is no tool ${JSON.stringify(tool)}${meant === undefined ? "" : `; did you mean ${meant}?`}`);
  }
  if (environmentId === undefined) return problems;
  const environment = await store.db
    .selectFrom("environment")
    .select("id")
    .where("workspace_id", "=", workspaceId)
    .where("id", "=", environmentId)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return environment === undefined ? [...problems, `there is no environment ${JSON.stringify(environmentId)} in this workspace`] : problems;
}
