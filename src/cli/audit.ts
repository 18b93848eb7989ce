import type { Command } from "commander";
import * as z from "zod";
import type { Audit, VerifyOptions } from "../audit/index.ts";
import { EXIT, ExitError } from "./exit.ts";
import { openLedger } from "./load.ts";
import { order } from "./order.ts";
import { describeRecord, printRecords } from "./print-records.ts";
import { addSearchCommand } from "./search/index.ts";

interface TailOptions {
  readonly lines: string;
  readonly all?: boolean;
  readonly follow?: boolean;
  readonly json?: boolean;
}

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
  addSearchCommand(audit, describeRecord);
  audit
    .command("verify")
    .description("Recompute the whole chain. Ends with 1 when a record was changed, removed or moved.")
    .option("--key <key>", "check the signatures of the checkpoints; remit audit key prints it")
    .option("--file <path>", "an export, instead of the ledger: nothing else is needed but the key")
    .option("--known <records:root>", "a root noted earlier, which the ledger must go on from")
    .option("--anchors <path>", "the file of anchored checkpoints (REMIT_ANCHOR), which the ledger must go on from")
    .option("--json", "print JSON")
    .action(verify);
  audit
    .command("key")
    .description("Print the public key of the checkpoints. Whoever has it checks an export without trusting the server.")
    .action(async () => console.log(z.object({ key: z.string() }).parse(await order({ order: "ledger.key" })).key));
  audit
    .command("export")
    .description("Write every record as JSON Lines, as it was hashed, with a checkpoint over all of it.")
    .action(exportAll);
  audit
    .command("prove")
    .argument("<seq>", "number of the record")
    .description("Prove that a record is in the ledger: the record and the hashes that lead from it to the root. Prints JSON.")
    .action((seq: string) => print(seq, (ledger, number) => ledger.prove(number)));
  audit
    .command("consistency")
    .argument("<records>", "how many there were")
    .description("Prove that the ledger goes on from what it was, to whoever noted the root then. Prints JSON.")
    .action((records: string) => print(records, (ledger, number) => ledger.proveConsistency(number)));
  audit
    .command("prune")
    .requiredOption("--older-than <days>", "in days, at least 1")
    .description("Remove the text of old records; their hashes stay, so that proofs hold. It is put on record and signed first.")
    .option("--json", "print JSON")
    .action(prune);
}

async function tail(options: TailOptions): Promise<void> {
  const lines = Number(options.lines);
  if (!Number.isInteger(lines) || lines < 0) throw new ExitError(EXIT.usage, "--lines takes a whole number.");
  const audit = await openLedger();
  try {
    const after = options.all === true ? 0 : Math.max(0, (await audit.records()) - lines);
    await printRecords(audit, { after, isFollowing: options.follow === true, isJson: options.json === true });
  } finally {
    await audit.close();
  }
}

interface VerifyFlags {
  readonly json?: boolean;
  readonly known?: string;
  readonly key?: string;
  readonly file?: string;
  readonly anchors?: string;
}

async function exportAll(): Promise<void> {
  await order({ order: "ledger.sign" });
  const audit = await openLedger();
  try {
    for await (const line of audit.export()) {
      if (!process.stdout.write(`${line}\n`)) await new Promise((resolve) => process.stdout.once("drain", resolve));
    }
  } finally {
    await audit.close();
  }
}

async function verify(options: VerifyFlags): Promise<void> {
  const noted = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(options.known ?? "");
  if (options.known !== undefined && noted === null)
    throw new ExitError(EXIT.usage, "--known takes the number of records, a colon and the root in hex, as verify printed them.");
  const known = noted === null ? [] : [{ records: Number(noted[1]), root: noted[2] ?? "" }];
  const against = { known, key: options.key, anchors: options.anchors };
  const result = options.file === undefined ? await verifyStored(against) : await verifyFile(options.file, against);
  const signed =
    result.signed === null
      ? `${result.checkpoints} checkpoints fit; their signatures were not checked without --key.`
      : `${result.checkpoints} checkpoints are signed; the newest covers the first ${result.signed} records.`;
  const words = result.ok
    ? `The chain of ${result.records} records is whole. Its head is ${result.head}, the root of its tree ${result.root}. ${signed}`
    : `The chain is broken: ${result.why}.`;
  console.log(options.json === true ? JSON.stringify(result) : words);
  if (!result.ok) process.exitCode = EXIT.failed;
}

async function verifyStored(against: VerifyOptions) {
  const audit = await openLedger();
  try {
    return await audit.verify(against);
  } finally {
    await audit.close();
  }
}

async function verifyFile(path: string, against: VerifyOptions) {
  try {
    const { verifyExport } = await import("../audit/index.ts");
    return await verifyExport(path, against);
  } catch (error) {
    throw new ExitError(EXIT.usage, `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Prints a proof about a record, or about so many records. */
async function print(given: string, prove: (audit: Audit, number: number) => Promise<object | undefined>): Promise<void> {
  const number = Number(given);
  if (!Number.isSafeInteger(number) || number < 1) throw new ExitError(EXIT.usage, "It takes the number of a record, from 1.");
  const audit = await openLedger();
  try {
    const proof = await prove(audit, number);
    if (proof === undefined) throw new ExitError(EXIT.failed, `There is no record ${number}.`);
    console.log(JSON.stringify(proof));
  } finally {
    await audit.close();
  }
}

const pruned = z.object({ from: z.number(), through: z.number() }).nullable();

async function prune({ olderThan, json }: { readonly olderThan: string; readonly json?: boolean }): Promise<void> {
  const days = Number(olderThan);
  if (!Number.isSafeInteger(days) || days < 1) throw new ExitError(EXIT.usage, "--older-than takes a whole number of days, at least 1.");
  const done = pruned.parse(await order({ order: "ledger.prune", days }));
  if (json === true) console.log(JSON.stringify(done));
  else console.log(done === null ? `Nothing is older than ${days} days.` : `Records ${done.from} to ${done.through} have lost their text.`);
}
