import type { Command } from "commander";
import * as z from "zod";
import { openAudit, parseConfig, type AuditRecord } from "../index.ts";
import { escapeUnsafe } from "../lib/escape-unsafe.ts";
import { EXIT, ExitError } from "./exit.ts";
import { addSearchCommand } from "./search/index.ts";

interface TailOptions {
  readonly lines: string;
  readonly all?: boolean;
  readonly follow?: boolean;
  readonly json?: boolean;
}

const POLL_MS = 250;
const PAGE = 1000;

export function addAuditCommands(program: Command): void {
  const audit = program.command("audit").description("The ledger: what every agent did, with which permission.");
  audit
    .command("tail")
    .description("Show the newest records.")
    .option("-n, --lines <count>", "how many", "20")
    .option("--all", "every record")
    .option("-f, --follow", "go on as records come")
    .option("--json", "print JSON Lines")
    .action(tail);
  addSearchCommand(audit, describe);
  audit
    .command("verify")
    .description("Recompute the whole chain. Ends with 1 when a record was changed, removed or moved.")
    .option("--known <records:root>", "a root noted earlier, which the ledger must go on from")
    .option("--json", "print JSON")
    .action(verify);
  audit
    .command("prove")
    .argument("<seq>", "number of the record")
    .description("Prove that a record is in the ledger: the record and the hashes that lead from it to the root. Prints JSON.")
    .action(prove);
}

async function tail(options: TailOptions): Promise<void> {
  const lines = Number(options.lines);
  if (!Number.isInteger(lines) || lines < 0) throw new ExitError(EXIT.usage, "--lines takes a whole number.");
  const audit = await openAudit(parseConfig());
  try {
    let after = options.all === true ? 0 : Math.max(0, (await audit.records()) - lines);
    for (;;) {
      const page = await audit.read(after, PAGE);
      for (const record of page) {
        // Parts of a record come from outside: nothing of them may steer the terminal.
        console.log(escapeUnsafe(options.json === true ? JSON.stringify(record) : describe(record)));
        after = record.seq;
      }
      if (page.length === PAGE) continue;
      if (options.follow !== true) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    await audit.close();
  }
}

async function verify(options: { readonly json?: boolean; readonly known?: string }): Promise<void> {
  const noted = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(options.known ?? "");
  if (options.known !== undefined && noted === null)
    throw new ExitError(EXIT.usage, "--known takes the number of records, a colon and the root in hex, as verify printed them.");
  const known = noted === null ? undefined : { records: Number(noted[1]), root: noted[2] ?? "" };
  const audit = await openAudit(parseConfig());
  try {
    const result = await audit.verify(known);
    const words = result.ok
      ? `The chain of ${result.records} records is whole. Its head is ${result.head}, the root of its tree ${result.root}.`
      : `The chain is broken: ${result.why}.`;
    console.log(options.json === true ? JSON.stringify(result) : words);
    if (!result.ok) process.exitCode = EXIT.failed;
  } finally {
    await audit.close();
  }
}

async function prove(given: string): Promise<void> {
  const seq = Number(given);
  if (!Number.isSafeInteger(seq) || seq < 1) throw new ExitError(EXIT.usage, "SEQ is the number of a record, from 1.");
  const audit = await openAudit(parseConfig());
  try {
    const proof = await audit.prove(seq);
    if (proof === undefined) throw new ExitError(EXIT.failed, `There is no record ${seq}.`);
    console.log(JSON.stringify(proof));
  } finally {
    await audit.close();
  }
}

const text = z.string().optional();
const known = z.object({
  at: z.number(),
  kind: z.string(),
  agent: text,
  subject: text,
  method: text,
  tool: text,
  prompt: text,
  resource: text,
  outcome: text,
  reason: text,
  event: text,
  from: text,
  count: z.number().optional(),
  missing: z.array(z.string()).optional(),
});

/** One record as a line for a person: when, who, what, how it was decided and how it ended. */
function describe(record: AuditRecord): string {
  const { at, subject, agent, tool, prompt, resource, method, outcome, reason, missing, event, kind, count, from } = known.parse(record);
  const head = `${record.seq}  ${new Date(at).toISOString()}`;
  // What people do with agents names both; what they do alone has no agent.
  if (kind === "event") return `${head}  ${event}  ${[agent, subject].filter((who) => who !== undefined).join("  ") || "-"}`;
  if (kind === "refusal") return `${head}  refused ${count}× ${reason} from ${from}`;
  const what = [method, tool ?? prompt ?? resource].filter((part) => part !== undefined).join(" ");
  const why = [reason, missing && `missing ${missing.join(" ")}`].filter((part) => part !== undefined).join(", ");
  return `${head}  ${agent ?? "-"}  ${what}  ${outcome ?? kind}${why === "" ? "" : ` (${why})`}`;
}
