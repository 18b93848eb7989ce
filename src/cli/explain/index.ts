/** The commands that tell why something was decided, what would be, and what would be enough. */
import type { Command } from "commander";
import * as z from "zod";
import { EXIT, ExitError } from "../exit.ts";
import { order } from "../order.ts";
import type { Order } from "../orders.ts";
import { table } from "../table.ts";
import { addLeastPrivilegeCommand } from "./least-privilege.ts";

const explained = z.object({
  decision: z.string().optional(),
  at: z.number().optional(),
  outcome: z.string().optional(),
  reason: z.string().optional(),
  target: z.string(),
  agent: z.string().optional(),
  allowed: z.boolean(),
  rule: z.string(),
  passes: z.boolean(),
  checks: z.array(z.object({ check: z.string(), outcome: z.string(), needs: z.string(), has: z.string(), change: z.string().optional() })),
  now: z.object({ allowed: z.boolean(), rule: z.string() }).optional(),
});

const simulated = z.object({
  scopes: z.array(z.string()),
  beyond: z.array(z.string()),
  tools: z.array(
    z.object({
      tool: z.string(),
      effect: z.string(),
      decision: z.string(),
      rule: z.string(),
      missing: z.array(z.string()),
      approvers: z.number(),
      policy_rule: z.string().nullable(),
      is_new: z.boolean(),
    }),
  ),
});

interface ExplainOptions {
  readonly agent?: string;
  readonly grant?: string;
  readonly scopes?: string;
  readonly tool?: string;
  readonly args?: string;
  readonly environment?: string;
  readonly readonly?: boolean;
  readonly workspace?: string;
  readonly json?: boolean;
}

export function addExplainCommands(program: Command): void {
  program
    .command("explain")
    .description("Tell why a call was decided as it was, or what would be decided about one that is not made.")
    .argument("[decision]", "id of a decision on record")
    .option("--tool <name>", "instead of a decision: the tool to think of calling")
    .option("--args <json>", "its arguments as a JSON object")
    .option("--agent <client-id>", "who would call")
    .option("--grant <grant>", "with which of its grants; the newest live one without")
    .option("--scopes <scopes>", "holding these scopes instead, separated by spaces")
    .option("--environment <id>", "through the address of one environment")
    .option("--readonly", "through the address for reading only")
    .option("--workspace <id>", "needed when there is more than one")
    .option("--json", "print JSON")
    .action(explain);
  program
    .command("simulate")
    .description("Show what a grant could do before it is given: each tool allowed, waiting for approval, or denied.")
    .requiredOption("--scopes <scopes>", "what it would hold, separated by spaces")
    .option("--agent <client-id>", "to whom it would be given")
    .option("--role <role>", "the role of the person who would give it: viewer, member, admin or owner", parseRole)
    .option("--readonly", "used through the address for reading only")
    .option("--workspace <id>", "needed when there is more than one")
    .option("--json", "print JSON")
    .action(simulate);
  addLeastPrivilegeCommand(program);
}

async function explain(decision: string | undefined, options: ExplainOptions): Promise<void> {
  const { tool, agent, grant, scopes, environment, readonly, workspace } = options;
  if ((decision === undefined) === (tool === undefined)) {
    throw new ExitError(EXIT.usage, "Give either the id of a decision or --tool.");
  }
  if (tool === undefined) {
    show(await order({ order: "explain.decision", decision: decision ?? "" }), options.json === true);
    return;
  }
  const args = options.args === undefined ? {} : { arguments: parseArguments(options.args) };
  await explainCall(
    { tool, agent, grant, scopes, environment, isReadOnly: readonly, workspaceId: workspace, ...args },
    options.json === true,
  );
}

type CallQuery = Omit<Extract<Order, { readonly order: "explain.call" }>, "order">;

/** Tells what would be decided about a call that is not made. The exit code is 3 when it would not pass. */
export async function explainCall(query: CallQuery, isJson: boolean): Promise<void> {
  const { passes } = show(await order({ order: "explain.call", ...query }), isJson);
  if (!passes) process.exitCode = EXIT.denied;
}

function show(value: unknown, isJson: boolean): z.infer<typeof explained> {
  const told = explained.parse(value);
  console.log(isJson ? JSON.stringify(value) : describe(told));
  return told;
}

function describe({ decision, at, target, agent, allowed, rule, outcome, reason, passes, checks, now }: z.infer<typeof explained>): string {
  const who = agent === undefined ? "" : ` by ${agent}`;
  const when = at === undefined ? "" : ` at ${new Date(at).toISOString()}`;
  const end = outcome === undefined ? (passes ? "would pass" : "would not pass") : [outcome, reason].filter(Boolean).join(", ");
  const rows = checks.map((check) => [check.outcome.toUpperCase(), check.check, check.needs, check.has]);
  const changes = checks.flatMap(({ check, change }) => (change === undefined ? [] : [`${check}: ${change}`]));
  return [
    `${decision ?? "A call"} of ${target}${who}${when}: ${allowed ? "allowed" : "denied"} (${rule}); ${end}.`,
    ...(rows.length === 0 ? [] : ["", table(["", "CHECK", "NEEDS", "HAS"], rows)]),
    ...(changes.length === 0 ? [] : ["", "What would change it:", ...changes.map((change) => `  ${change.replaceAll("\n", "\n    ")}`)]),
    ...(now === undefined ? [] : ["", `Now it would be ${now.allowed ? "allowed" : "denied"} (${now.rule}).`]),
  ].join("\n");
}

interface SimulateOptions extends Pick<ExplainOptions, "agent" | "readonly" | "workspace" | "json"> {
  readonly scopes: string;
  readonly role?: z.infer<typeof role>;
}

async function simulate({ scopes, agent, role: given, readonly, workspace, json }: SimulateOptions): Promise<void> {
  const value = await order({ order: "explain.grant", scopes, agent, role: given, isReadOnly: readonly, workspaceId: workspace });
  if (json === true) return console.log(JSON.stringify(value));
  const { beyond, tools } = simulated.parse(value);
  const rows = tools.map((row) => [row.tool, row.effect, row.decision, whyOf(row), row.is_new ? "new" : ""]);
  console.log(table(["TOOL", "EFFECT", "DECISION", "WHY", ""], rows));
  const count = (decision: string) => tools.filter((row) => row.decision === decision).length;
  console.error(`${count("allowed")} allowed, ${count("needs_approval")} wait for an approval, ${count("denied")} denied.`);
  if (beyond.length > 0) console.error(`It would not hold ${beyond.join(" ")}: that is beyond what the agent or the role may have.`);
}

function whyOf({ rule, missing, policy_rule: policyRule }: z.infer<typeof simulated>["tools"][number]): string {
  if (missing.length > 0) return `missing ${missing.join(" ")}`;
  return policyRule === null ? rule : `${rule} ${policyRule}`;
}

const role = z.enum(["viewer", "member", "admin", "owner"]);

function parseRole(given: string): z.infer<typeof role> {
  const parsed = role.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ExitError(EXIT.usage, `--role is one of ${role.options.join(", ")}.`);
}

function parseArguments(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ExitError(EXIT.usage, '--args takes a JSON object, such as \'{"environment_id":"env_1"}\'.');
  }
}
