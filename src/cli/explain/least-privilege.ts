import type { Command } from "commander";
import * as z from "zod";
import { EXIT, ExitError } from "../exit.ts";
import { order } from "../order.ts";
import { instant, table } from "../table.ts";

const advice = z.array(
  z.object({
    grant: z.string(),
    agent: z.string(),
    kind: z.string(),
    granted: z.array(z.string()),
    used: z.array(z.string()),
    proposed: z.array(z.string()),
    calls: z.number(),
    last_used_at: z.number().nullable(),
    state: z.enum(["in_use", "dormant", "young"]),
    is_narrower: z.boolean(),
  }),
);

const applied = z.object({
  narrowed: z.array(z.object({ grant: z.string(), before: z.array(z.string()), after: z.array(z.string()) })),
});

interface Options {
  readonly days: string;
  readonly apply?: boolean;
  readonly workspace?: string;
  readonly json?: boolean;
}

export function addLeastPrivilegeCommand(program: Command): void {
  program
    .command("least-privilege")
    .description("Compare what grants allow with what was used of them, and propose smaller ones.")
    .argument("[agent]", "client id; every agent without")
    .option("--days <count>", "the window that is looked at", "30")
    .option("--apply", "make the grants of the agent as small as proposed")
    .option("--workspace <id>", "needed when there is more than one")
    .option("--json", "print JSON")
    .action(run);
}

async function run(agent: string | undefined, { days: given, apply, workspace: workspaceId, json }: Options): Promise<void> {
  const days = Number(given);
  if (apply !== true) return show(await order({ order: "grant.advise", agent, days, workspaceId }), json);
  if (agent === undefined) throw new ExitError(EXIT.usage, "Say for which agent: remit least-privilege CLIENT_ID --apply");
  const value = await order({ order: "grant.narrow", agent, days, workspaceId });
  if (json === true) return console.log(JSON.stringify(value));
  for (const { grant, before, after } of applied.parse(value).narrowed) {
    console.log(`The grant ${grant} holds ${after.join(" ")} from now on; it held ${before.join(" ")}.`);
  }
}

function show(value: unknown, json: boolean | undefined): void {
  if (json === true) return console.log(JSON.stringify(value));
  const rows = advice.parse(value).map((each) => {
    const proposal = each.state === "dormant" ? `revoke it: remit grant revoke ${each.grant}` : proposalOf(each);
    return [
      each.grant,
      each.agent,
      each.kind,
      each.state,
      String(each.calls),
      instant(each.last_used_at),
      each.granted.join(" "),
      proposal,
    ];
  });
  console.log(table(["GRANT", "AGENT", "KIND", "STATE", "CALLS", "LAST USED", "GRANTED", "PROPOSED"], rows));
}

function proposalOf({ is_narrower, proposed, calls }: z.infer<typeof advice>[number]): string {
  if (calls === 0) return "wait, it is young";
  return is_narrower ? proposed.join(" ") : "as it is";
}
