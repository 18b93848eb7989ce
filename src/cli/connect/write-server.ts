import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { textOf, type ClientFile } from "../../connect/index.ts";
import { canonicalJson } from "../../lib/canonical-json.ts";
import { isRecord } from "../../lib/is-record.ts";
import { EXIT, ExitError } from "../exit.ts";

export interface Written {
  readonly path: string;
  /** Where the file is kept as it was; undefined when there was none, or nothing changed. */
  readonly backup: string | undefined;
  readonly did: "nothing" | "added" | "replaced";
}

/**
 * Puts a server into a client's file and leaves all else in it as it is. Throws ExitError, with nothing written, for a file that is not
 * understood, and for another server of the same name unless it may be replaced.
 */
export async function writeServer(file: ClientFile, mayReplace: boolean): Promise<Written> {
  const path = file.path.startsWith("~/") ? join(homedir(), file.path.slice(2)) : resolve(file.path);
  const before = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new ExitError(EXIT.failed, `${path} cannot be read: ${error.message}`);
  });
  const { text, did } = file.format === "json" ? inJson(file, path, before) : inToml(file, path, before);
  if (did === "nothing") return { path, backup: undefined, did };
  if (did === "replaced" && !mayReplace)
    throw new ExitError(
      EXIT.failed,
      `${path} has another server of the name ${file.id}. Choose another with --name, or replace it with --force.`,
    );
  const backup = before === undefined ? undefined : `${path}.before-remit`;
  await mkdir(dirname(path), { recursive: true });
  if (backup !== undefined) await copyFile(path, backup);
  await replaceFile(path, text);
  return { path, backup, did };
}

interface Change {
  readonly text: string;
  readonly did: Written["did"];
}

function inJson(file: ClientFile, path: string, before: string | undefined): Change {
  const { member, id, entry } = file;
  if (before === undefined || before.trim() === "") return { text: `${textOf(file)}\n`, did: "added" };
  const whole = parsed(before);
  const servers = isRecord(whole) ? (whole[member] ?? {}) : undefined;
  if (!isRecord(whole) || !isRecord(servers))
    throw new ExitError(
      EXIT.failed,
      `${path} is not plain JSON with an object "${member}" (it may have comments), so nothing was written. Add this by hand:\n\n${textOf(file)}`,
    );
  const known = servers[id];
  if (known !== undefined && canonicalJson(known) === canonicalJson(entry)) return { text: before, did: "nothing" };
  const indent = /^[ \t]+(?=")/m.exec(before)?.[0] ?? "  ";
  const text = `${JSON.stringify({ ...whole, [member]: { ...servers, [id]: entry } }, null, indent)}\n`;
  return { text, did: known === undefined ? "added" : "replaced" };
}

/** Appended as text, so that comments stay. A table of this name that is there already is for the person to change. */
function inToml(file: ClientFile, path: string, before: string | undefined): Change {
  const added = `${textOf(file)}\n`;
  if (before === undefined || before.trim() === "") return { text: added, did: "added" };
  if (before.includes(added.trimEnd())) return { text: before, did: "nothing" };
  const head = new RegExp(`^\\s*\\[\\s*${file.member}\\s*\\.\\s*"?${file.id}"?\\s*[\\].]`, "m");
  const isInline = new RegExp(`^\\s*${file.member}\\s*[.=]`, "m").test(before);
  if (head.test(before) || isInline)
    throw new ExitError(
      EXIT.failed,
      `${path} has ${file.member} written in a way that this cannot change, or a server of this name. Change it by hand:\n\n${added}`,
    );
  return { text: `${before.trimEnd()}\n\n${added}`, did: "added" };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** In one step, so that a client never reads half of it; who may read it stays. */
async function replaceFile(path: string, text: string): Promise<void> {
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  );
  const beside = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(beside, text, { mode });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw new ExitError(EXIT.failed, `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
