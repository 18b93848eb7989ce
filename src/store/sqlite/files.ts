import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BootError } from "../../errors.ts";

/** A held claim on a data folder. The operating system frees it when the process ends, however it ends. */
export interface FolderLock {
  release(): void;
}

/** Makes the data folder if need be, for its owner only. */
export function prepareFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new BootError([
      `The data folder ${dataDir} cannot be made (${codeOf(error)}). Set REMIT_DATA to a folder that this user may write.`,
    ]);
  }
}

/** The path of a file in the data folder, made readable by its owner only. SQLite gives its side files the same mode. */
export function prepareFile(dataDir: string, name: string): string {
  const path = join(dataDir, name);
  try {
    closeSync(openSync(path, "a", 0o600));
  } catch (error) {
    throw new BootError([
      `The file ${path} cannot be written (${codeOf(error)}). Give this user the right to write it, or set REMIT_DATA.`,
    ]);
  }
  return path;
}

/** Claims the folder for this process, or throws a BootError when another process (or store) has it. */
export function lockFolder(dataDir: string): FolderLock {
  const db = new DatabaseSync(prepareFile(dataDir, "lock.db"), { timeout: 0 });
  try {
    // An open transaction holds a file lock, which no crash leaves behind. Nothing is ever written.
    db.exec("pragma locking_mode = exclusive; begin exclusive");
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw error;
    throw new BootError([`Another Remit server is using the data folder ${dataDir}. Stop it, or set REMIT_DATA to another folder.`]);
  }
  return { release: () => db.close() };
}

/** Runs what opens a database; a file that is not one becomes a BootError. */
export function openOrExplain<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new BootError([`The database ${path} cannot be opened: ${text}. Restore it from a backup, or set REMIT_DATA to another folder.`]);
  }
}

function isBusy(error: unknown): boolean {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" && (code & 0xff) === 5;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
