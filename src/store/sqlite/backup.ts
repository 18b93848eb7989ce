import { closeSync, fsyncSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { prepareFile } from "./files.ts";

const BUSY_TIMEOUT_MS = 30_000;
const LEDGER = /^ledger(?:-[a-z0-9-]{1,32})?\.db$/;

/** The databases of a data folder: rows first, ledgers after. */
export function databasesOf(dataDir: string): readonly string[] {
  const names = readdirSync(dataDir);
  return [...names.filter((name) => name === "remit.db"), ...names.filter((name) => LEDGER.test(name)).sort()];
}

/**
 * Copies the databases of a data folder into another folder, also while a server writes to them; each copy is one moment of its database,
 * checked and durable. Returns the names of the copies. What changes is put on record before it is done, so the ledgers come after the
 * rows: every change among the rows that were copied is on the record that was copied.
 */
export function copyDatabases(dataDir: string, to: string): readonly string[] {
  const names = databasesOf(dataDir);
  for (const name of names) {
    const copy = prepareFile(to, name);
    const source = new DatabaseSync(join(dataDir, name), { timeout: BUSY_TIMEOUT_MS, readOnly: true });
    try {
      // One read transaction from the first page to the last, which holds up no writer; what was deleted does not come along.
      source.prepare("vacuum into ?").run(copy);
    } finally {
      source.close();
    }
    checkDatabase(copy);
    syncFile(copy);
  }
  return names;
}

/** Throws when the file is no whole database. */
function checkDatabase(path: string): void {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const found = db.prepare("pragma quick_check(1)").get()?.["quick_check"];
    if (found !== "ok") throw new Error(`${path} is damaged: ${String(found)}`);
  } finally {
    db.close();
  }
}

function syncFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
