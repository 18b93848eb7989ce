import { parseSearch, searchLedger, type FoundRecord, type Problem, type SearchPage } from "../../audit/index.ts";
import type { DecisionCheck, DecisionExplanation, PastDecision, Target } from "../../tool/index.ts";
import { decide } from "../authorize.ts";
import { compilePolicy, narrowed, NO_POLICY, type Policy } from "../policy/index.ts";
import { checkDecision, listOf } from "./checks.ts";
import { problem, type ExplainDeps, type Problems } from "./explain-deps.ts";
import { readHolders } from "./holder.ts";

const DECISION = /^dec_[\w-]{1,40}$/;
/** The records of one decision name instants no further apart. */
const AROUND_MS = 3_600_000;
const KINDS = ["tool", "prompt", "resource", "skill"] as const;

/**
 * A decision on record, taken apart by the function that made it: from what the record says was needed and held, and the rules that were
 * in force then. `within` confines the search: to one workspace, and to the newest records.
 */
export async function explainDecision(
  deps: ExplainDeps,
  past: PastDecision,
  within: Pick<SearchPage, "workspaceId" | "maxScanned"> = {},
): Promise<DecisionExplanation | Problems> {
  const { decision } = past;
  if (!DECISION.test(decision)) return problem("a decision id looks like dec_ and letters; records show theirs");
  const record = await findDecision(deps, past, within);
  if (record === undefined) return problem(`there is no decision ${decision} on record here${newest(within)}`);
  const told = toldOf(record);
  const target = targetOf(record);
  if (target === undefined) {
    const checks = argumentsOf(record);
    return { ...told, checks, passes: told.allowed && checks.every(({ outcome }) => outcome !== "fail") };
  }
  const { authority } = narrowed({ scopes: heldOf(record) }, await policyAt(deps, record), narrowingOf(record));
  const found = checkDecision(authority, target, deps.registry.scopes).checks.map((check) => asItWent(check, record));
  const checks = [...found, ...argumentsOf(record)];
  const now = await decideNow(deps, record, target);
  return { ...told, passes: checks.every(({ outcome }) => outcome !== "fail"), checks, ...(now === undefined ? {} : { now }) };
}

/** The newest record of it: that of its end, when there is one. */
async function findDecision(
  deps: ExplainDeps,
  { decision, at }: PastDecision,
  within: Pick<SearchPage, "workspaceId" | "maxScanned">,
): Promise<FoundRecord | undefined> {
  const search = parseSearch(`decision:${decision}`, deps.now());
  if ("problems" in search) return undefined;
  const times = at === undefined ? {} : { since: at - AROUND_MS, until: at + AROUND_MS };
  const { rows } = await searchLedger(deps.ledger, { ...search, ...times }, { limit: 1, ...within });
  return rows[0]?.record;
}

function newest({ maxScanned }: Pick<SearchPage, "maxScanned">): string {
  return maxScanned === undefined ? "" : `, among the newest ${maxScanned} records`;
}

function toldOf(record: FoundRecord) {
  const optional = (name: string, member: string) => (typeof record[member] === "string" ? { [name]: record[member] } : {});
  const kind = KINDS.find((each) => typeof record[each] === "string");
  return {
    decision: text(record["decision"]),
    at: Number(record["at"]),
    ...optional("outcome", "outcome"),
    ...optional("reason", "reason"),
    target: kind === undefined ? text(record["named"]) || text(record["method"]) : text(record[kind]),
    ...optional("agent", "agent"),
    ...optional("grant", "grant"),
    allowed: record["allowed"] === true,
    rule: text(record["rule"]),
  };
}

/** The target as it was declared then; undefined for requests that every caller may make, and names that nothing had. */
function targetOf(record: FoundRecord): Target | undefined {
  const kind = KINDS.find((each) => typeof record[each] === "string");
  const effect = record["effect"];
  if (kind === undefined || (effect !== "read" && effect !== "write" && effect !== "destructive")) return undefined;
  const scopes = listIn(record, "needed");
  return { kind, name: text(record[kind]), scopes, effect, discoverable: false, scopesJson: JSON.stringify(scopes), index: -1 };
}

function heldOf(record: FoundRecord) {
  const held = listIn(record, "held");
  return { granted: held, held: new Set(held), heldJson: JSON.stringify(held) };
}

function narrowingOf(record: FoundRecord) {
  const { environment, read_only: isReadOnly } = (record["narrowed"] ?? {}) as Readonly<Record<string, unknown>>;
  return { environment: typeof environment === "string" ? environment : undefined, isReadOnly: isReadOnly === true };
}

/** The policy of the agent at the time of the record: rules are kept when they go out of force. */
async function policyAt({ store, policies }: ExplainDeps, record: FoundRecord): Promise<Policy> {
  const [workspaceId, agent, at] = [text(record["workspace"]), text(record["agent"]), Number(record["at"])];
  const rules = await store.db
    .selectFrom("policy_rule")
    .selectAll()
    .where("workspace_id", "=", workspaceId)
    .where("created_at", "<=", at)
    .where((eb) => eb.or([eb("removed_at", "is", null), eb("removed_at", ">", at)]))
    .where((eb) => eb.or([eb("client_id", "is", null), eb("client_id", "=", agent)]))
    .orderBy("revision")
    .execute();
  const asksByDefault = askedByDefault(record) ?? policies.of(workspaceId, agent).asksByDefault;
  return compilePolicy(rules, { ...NO_POLICY, asksByDefault, stops: stopsAt(record) });
}

/** The kill that refused the call, if one did; whatever it was aimed at, it stood against this call. */
function stopsAt({ rule, policy_rule: kill }: FoundRecord): Policy["stops"] {
  if (rule !== "killed" || typeof kill !== "string") return undefined;
  return { workspace: kill, tools: new Map(), environments: new Map() };
}

/** Whether destructive calls asked people unless a rule said otherwise, as far as the record tells. */
function askedByDefault({ rule, policy_rule: policyRule }: FoundRecord): boolean | undefined {
  if (rule === "all_scopes_held") return false;
  return rule === "needs_approval" && policyRule === undefined ? true : undefined;
}

/** What a check of the decision came to in the call: an approval that was given, a limit that was met. */
function asItWent(check: DecisionCheck, record: FoundRecord): DecisionCheck {
  const { approval, limit, outcome } = record;
  if (check.outcome === "ask" && typeof approval === "string" && outcome !== "held") {
    return { check: check.check, needs: check.needs, outcome: outcome === "refused" ? "fail" : "pass", has: `the approval ${approval}` };
  }
  if (check.check === "limit" && typeof limit === "string" && check.has.includes(limit)) {
    return { ...check, outcome: "fail", has: `as many calls as the rule ${limit} allows`, change: "Wait; the answer told until when." };
  }
  return check;
}

function argumentsOf({ outcome, problems, reason, named }: FoundRecord): DecisionCheck[] {
  const found = Array.isArray(problems) ? (problems as Problem[]) : [];
  if (outcome !== "invalid_arguments") {
    if (reason !== "not_known" && found.length === 0) return [];
    const suggestion = found.find((each) => each.suggestion !== undefined)?.suggestion;
    const change = suggestion === undefined ? "Use a name that tools/list shows." : `Use ${suggestion}.`;
    return [{ check: "arguments", outcome: "fail", needs: "a name that exists", has: text(named) || "none", change }];
  }
  const needs = found.map(({ path, expected }) => `${path === "" ? "/" : path}: ${expected ?? "a known parameter"}`);
  const has = found.map(({ path, code, received }) => `${path === "" ? "/" : path}: ${received ?? code}`);
  const hints = found.flatMap(({ suggestion }) => (suggestion === undefined ? [] : [`Use ${suggestion}.`]));
  const change = hints.join(" ") || "Send arguments that fit the input schema of the tool.";
  return [{ check: "arguments", outcome: "fail", needs: needs.join("; ") || "the input schema of the tool", has: listOf(has), change }];
}

/** What the same call would be decided as now, with what its grant holds now. */
async function decideNow(deps: ExplainDeps, record: FoundRecord, then: Target) {
  const [holder] = await readHolders(deps, [text(record["grant"])]);
  const target = presentTarget(deps, then);
  if (holder?.isLive !== true || target === undefined) return undefined;
  const { authority } = narrowed(holder, deps.policies.of(holder.workspaceId, holder.agent), narrowingOf(record));
  const { allowed, rule } = decide(authority, target);
  return { allowed, rule };
}

function presentTarget({ registry }: ExplainDeps, { kind, name }: Target): Target | undefined {
  switch (kind) {
    case "tool":
      return registry.tools.get(name);
    case "prompt":
      return registry.prompts.get(name);
    case "resource":
      return registry.resources.get(name) ?? registry.templates.find((template) => template.name === name);
    case "skill":
      return [...registry.skills.values()].find((skill) => skill.name === name);
    default:
      return undefined;
  }
}

function listIn(record: FoundRecord, member: string): readonly string[] {
  const list = record[member];
  return Array.isArray(list) ? list.filter((each) => typeof each === "string") : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
