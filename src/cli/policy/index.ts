import { InvalidArgumentError, type Command } from "commander";
import * as z from "zod";
import { order } from "../order.ts";
import { table } from "../table.ts";

const rule = z.object({
  id: z.string(),
  workspace_id: z.string(),
  client_id: z.string().nullable(),
  action: z.enum(["allow", "deny", "approve", "read_only", "environment", "limit"]),
  tool: z.string().nullable(),
  effect: z.enum(["read", "write", "destructive"]).nullable(),
  approvers: z.number().nullable(),
  environment_id: z.string().nullable(),
  per_second: z.number().nullable(),
  per_day: z.number().nullable(),
});

interface SetOptions {
  readonly agent?: string;
  readonly tool?: string;
  readonly effect?: z.infer<typeof effect>;
  readonly approvers?: number;
  readonly environment?: string;
  readonly perSecond?: number;
  readonly perDay?: number;
  readonly workspace?: string;
  readonly json?: boolean;
}

const action = rule.shape.action;
const effect = z.enum(["read", "write", "destructive"]);

export function addPolicyCommands(program: Command): void {
  const policy = program.command("policy").description("Policy: what agents may do within their scopes, and how often.");
  policy
    .command("list")
    .description("Show every rule in force.")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      const value = await order({ order: "policy.list" });
      if (options.json === true) return console.log(JSON.stringify(value));
      const rows = z
        .array(rule)
        .parse(value)
        .map((each) => [each.id, each.workspace_id, each.client_id ?? "(every agent)", each.action, targetOf(each), detailOf(each)]);
      console.log(table(["RULE", "WORKSPACE", "AGENT", "ACTION", "OF", "HOW"], rows));
    });
  addSet(policy);
  policy
    .command("remove")
    .description("Take a rule out of force.")
    .argument("<rule>", "as shown by the list")
    .option("--json", "print JSON")
    .action(async (ruleId: string, options: { readonly json?: boolean }) => {
      await order({ order: "policy.remove", ruleId });
      console.log(options.json === true ? '{"removed":true}' : "The rule is out of force.");
    });
}

function addSet(policy: Command): void {
  policy
    .command("set")
    .description("Put a rule in force: allow, deny, approve, read_only, environment or limit.")
    .argument("<action>", "what the rule does", oneOf(action))
    .option("--agent <client-id>", "the agent that it is about; every agent of the workspace without")
    .option("--tool <name>", "the one tool that it is about")
    .option("--effect <effect>", "all that it is about: read, write or destructive", oneOf(effect))
    .option("--approvers <count>", "with approve: how many people must approve, 1 or 2", number)
    .option("--environment <id>", "with environment: one that agents are kept in; one rule for each")
    .option("--per-second <calls>", "with limit: calls per second over time", number)
    .option("--per-day <calls>", "with limit: calls a day (UTC)", number)
    .option("--workspace <id>", "needed when there is more than one")
    .option("--json", "print JSON")
    .action(async (chosen: z.infer<typeof action>, { agent, environment, workspace, json, ...options }: SetOptions) => {
      const names = { clientId: agent, environmentId: environment, workspaceId: workspace };
      const value = await order({ order: "policy.set", action: chosen, ...names, ...options });
      console.log(json === true ? JSON.stringify(value) : `The rule ${rule.parse(value).id} is in force.`);
    });
}

function targetOf({ tool, effect: ofEffect, environment_id: environment }: z.infer<typeof rule>): string {
  return tool ?? environment ?? (ofEffect === null ? "everything" : `effect ${ofEffect}`);
}

function detailOf({ approvers, per_second: perSecond, per_day: perDay }: z.infer<typeof rule>): string {
  const parts = [
    ...(approvers === null ? [] : [`by ${approvers}`]),
    ...(perSecond === null ? [] : [`${perSecond} a second`]),
    ...(perDay === null ? [] : [`${perDay} a day`]),
  ];
  return parts.join(", ") || "-";
}

function oneOf<const T extends readonly string[]>(known: { readonly options: T }): (given: string) => T[number] {
  return (given) => {
    const found = known.options.find((each) => each === given);
    if (found === undefined) throw new InvalidArgumentError(`Use one of ${known.options.join(", ")}.`);
    return found;
  };
}

function number(given: string): number {
  const value = Number(given);
  if (given.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Use a number.");
  return value;
}
