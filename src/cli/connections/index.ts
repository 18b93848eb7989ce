import { InvalidArgumentError, type Command } from "commander";
import * as z from "zod";
import { escapeUnsafe } from "../../lib/escape-unsafe.ts";
import { order } from "../order.ts";
import { instant, table } from "../table.ts";

const attempt = z.object({
  id: z.string(),
  started_at: z.number(),
  updated_at: z.number(),
  client: z.string(),
  network: z.string(),
  finding: z.object({
    state: z.enum(["connected", "stopped", "under_way"]),
    step: z.string(),
    problem: z.string().nullable(),
    says: z.string(),
    remedy: z.string(),
    quirk: z.object({ says: z.string(), remedy: z.string(), source: z.string() }).nullable(),
  }),
  steps: z.array(
    z.object({
      step: z.string(),
      outcome: z.string(),
      problem: z.string().optional(),
      facts: z.record(z.string(), z.string()).optional(),
      at: z.number(),
      times: z.number(),
    }),
  ),
  link: z.string(),
});

type Attempt = z.infer<typeof attempt>;

interface Options {
  readonly limit: number;
  readonly follow?: boolean;
  readonly json?: boolean;
}

const POLL_MS = 500;

export function addConnectionCommands(program: Command): void {
  program
    .command("connections")
    .description("How clients came to be connected, or where they stopped, why, and what helps.")
    .argument("[id]", "show one step by step, as shown by the list")
    .option("-n, --limit <count>", "how many at most", count, 20)
    .option("-f, --follow", "go on as clients arrive")
    .option("--json", "print JSON; JSON Lines with --follow")
    .action(show);
}

async function show(id: string | undefined, { limit, follow, json }: Options): Promise<void> {
  const read = async () => (id === undefined ? readAll(limit) : [attempt.parse(await order({ order: "connection.find", id }))]);
  const first = await read();
  if (follow !== true) {
    if (json === true) print(JSON.stringify(id === undefined ? first : first[0]));
    else print(id === undefined ? listOf(first) : first.map(describe).join("\n"));
    return;
  }
  const shown = new Map<string, number>();
  for (let all = first; ; all = await read()) {
    for (const each of all.toReversed()) {
      if (shown.get(each.id) === each.updated_at) continue;
      shown.set(each.id, each.updated_at);
      print(json === true ? JSON.stringify(each) : describe(each));
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function readAll(limit: number): Promise<readonly Attempt[]> {
  return z.array(attempt).parse(await order({ order: "connection.list", limit }));
}

/** Names come from outside: nothing of them may steer the terminal. */
function print(text: string): void {
  console.log(text.split("\n").map(escapeUnsafe).join("\n"));
}

function listOf(all: readonly Attempt[]): string {
  const rows = all.map(({ id, client, finding, updated_at }) => [
    id,
    instant(updated_at),
    client,
    stateOf(finding),
    finding.problem ?? "-",
  ]);
  return table(["CONNECTION", "LAST", "CLIENT", "STATE", "PROBLEM"], rows);
}

function stateOf({ state, step }: Attempt["finding"]): string {
  return state === "stopped" ? `stopped at ${step}` : state.replace("_", " ");
}

function describe({ id, client, network, finding, steps, link }: Attempt): string {
  const lines = steps.map(({ step, outcome, problem, facts, at, times }) => {
    const more = Object.entries(facts ?? {}).map(([name, value]) => `${name}=${value}`);
    return `  ${instant(at)}  ${step} ${outcome}${times > 1 ? ` ×${times}` : ""}${problem === undefined ? "" : ` (${problem})`}  ${more.join(" ")}`.trimEnd();
  });
  const quirk =
    finding.quirk === null
      ? []
      : [`  Known: ${finding.quirk.says}`, `  With this client: ${finding.quirk.remedy}`, `  ${finding.quirk.source}`];
  return [
    `${id}  ${client}  from ${network}: ${stateOf(finding)}`,
    ...lines,
    `  ${finding.says}`,
    ...(finding.remedy === "" ? [] : [`  What helps: ${finding.remedy}`]),
    ...quirk,
    `  To show to who sits there: ${link}`,
  ].join("\n");
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 500) return value;
  throw new InvalidArgumentError("It is a whole number from 1 to 500.");
}
