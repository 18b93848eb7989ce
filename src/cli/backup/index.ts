/** Copies of the data folder, and back. */
import type { Command } from "commander";
import { parseConfig } from "../../config.ts";
import type { Manifest } from "./manifest.ts";

interface BackupFlags {
  readonly key: boolean;
  readonly json?: boolean;
}

export function addBackupCommands(program: Command): void {
  program
    .command("backup")
    .argument("<dir>", "a folder that is not there yet")
    .description("Copy the data folder, also while the server runs: rows, ledger and master key, each file with its hash.")
    .option("--no-key", "leave the master key out; keep it elsewhere, for without it the backup cannot be used")
    .option("--json", "print JSON")
    .action(async (dir: string, { key, json }: BackupFlags) => {
      const { backUp } = await import("./back-up.ts");
      const manifest = await backUp(parseConfig(), dir, key);
      console.log(json === true ? JSON.stringify(manifest) : `${told(manifest)} in ${dir}.\n${keyTold(manifest)}`);
    });
  program
    .command("restore")
    .argument("<dir>", "a folder that remit backup made")
    .description("Put a backup into the data folder (REMIT_DATA), which must hold no data, after checking all of it.")
    .option("--json", "print JSON")
    .action(async (dir: string, { json }: { readonly json?: boolean }) => {
      const { restore } = await import("./restore.ts");
      const config = parseConfig();
      const manifest = await restore(config, dir);
      console.log(json === true ? JSON.stringify(manifest) : `${told(manifest)} restored to ${config.dataDir}. The chain is whole.`);
    });
}

function told({ files, ledgers }: Manifest): string {
  const records = ledgers.reduce((sum, ledger) => sum + ledger.records, 0);
  return `${files.length} files with ${records} records of the ledger are`;
}

function keyTold({ key }: Manifest): string {
  return key.included
    ? "The master key is among them, readable by you only: whoever has this folder can sign tokens as this server. Keep it as you keep the key."
    : "The master key is NOT among them. Keep it too: without it the backup cannot be used.";
}
