import type { Command } from "commander";
import * as z from "zod";
import { EXIT, ExitError } from "../exit.ts";
import { killKind } from "../kill-orders/index.ts";
import { order } from "../order.ts";
import { instant, table } from "../table.ts";

const call = z.object({ seq: z.number().nullable(), decision: z.string().nullable(), at: z.number(), agent: z.string() });
const kill = z.object({
  id: z.string(),
  kind: killKind,
  value: z.string(),
  reason: z.string().nullable(),
  ordered_at: z.number(),
  applied_at: z.number().nullable(),
  lifted_at: z.number().nullable(),
  accepted: call.nullable(),
  refused: call.nullable(),
});

interface KillOptions {
  readonly reason?: string;
  readonly workspace?: string;
  readonly json?: boolean;
}

export function addKillCommands(program: Command): void {
  const kills = program.command("kill").description("The kill switch: stop an agent, grant, person, tool, environment or workspace now.");
  kills
    .command("now", { isDefault: true })
    .description("Stop it: remit kill agent:CLIENT_ID. Prints the receipt.")
    .argument("<target>", `${killKind.options.join(":… ")}:…; a user by email`)
    .option("--reason <text>", "why, for the record")
    .option("--workspace <id>", "of a tool; needed when there is more than one")
    .option("--json", "print JSON")
    .action(killNow);
  kills
    .command("list")
    .description("Show what was stopped, newest first, each with its receipt.")
    .option("--json", "print JSON")
    .action(list);
  kills
    .command("lift")
    .description("Let what was stopped go on. Tokens and grants that had ended stay ended.")
    .argument("<id>", "as shown by the list")
    .option("--json", "print JSON")
    .action(async (id: string, { json }: KillOptions) => {
      await order({ order: "kill.lift", id });
      console.log(json === true ? JSON.stringify({ lifted: true }) : `${id} is lifted.`);
    });
}

async function killNow(target: string, { reason, workspace, json }: KillOptions): Promise<void> {
  const [, kind, value] = /^([a-z]+):(.+)$/.exec(target) ?? [];
  const known = killKind.safeParse(kind);
  if (!known.success || value === undefined) {
    throw new ExitError(EXIT.usage, `Say what to stop as KIND:VALUE; KIND is one of ${killKind.options.join(", ")}.`);
  }
  const receipt = await order({ order: "kill.order", kind: known.data, value, reason, workspaceId: workspace });
  console.log(json === true ? JSON.stringify(receipt) : describe(kill.parse(receipt)));
}

function describe({ id, kind, value, ordered_at, applied_at, accepted, refused }: z.infer<typeof kill>): string {
  const took = applied_at === null ? "" : `, in force after ${applied_at - ordered_at} ms`;
  return [
    `${id}: ${kind} ${value} is stopped${took}.`,
    `Last accepted: ${describeCall(accepted)}.`,
    `First refused: ${refused === null ? "none yet; remit kill list shows it once there is one" : describeCall(refused)}.`,
  ].join("\n");
}

function describeCall(named: z.infer<typeof call> | null): string {
  if (named === null) return "none among the newest records";
  const { seq, decision, at, agent } = named;
  const what = seq === null ? "a token, before any decision" : `record ${seq}, ${decision}`;
  return `${what}, of ${agent} at ${new Date(at).toISOString()}`;
}

async function list({ json }: KillOptions): Promise<void> {
  const value = await order({ order: "kill.list" });
  if (json === true) return console.log(JSON.stringify(value));
  const rows = z
    .array(kill)
    .parse(value)
    .map(({ id, kind, value: aim, ordered_at, lifted_at, accepted, refused, reason }) => [
      id,
      `${kind}:${aim}`,
      instant(ordered_at),
      lifted_at === null ? "in force" : `lifted ${instant(lifted_at)}`,
      accepted?.decision ?? "-",
      refused === null ? "-" : (refused.decision ?? "token"),
      reason ?? "",
    ]);
  console.log(table(["KILL", "TARGET", "ORDERED", "STATE", "LAST ACCEPTED", "FIRST REFUSED", "REASON"], rows));
}
