/** The files of a skill, from a folder or from the declaration. All of them are read once and held in memory, so what was checked is what is served. */
import { constants, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SkillDeclaration } from "./define-skill.ts";

export interface SkillFile {
  /** Path below the skill, parts joined by `/`. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** Limits of the skills extension for one skill. */
const MAX_FILES = 512;
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_PATH_CHARS = 512;

/** The files, sorted by path, or what is wrong with them, a sentence each. */
export function readSkillFiles(skill: SkillDeclaration): { readonly files: readonly SkillFile[]; readonly problems: readonly string[] } {
  const found: Found = { files: [], problems: [], bytes: 0 };
  if ("directory" in skill) {
    const root = skill.directory instanceof URL ? fileURLToPath(skill.directory) : skill.directory;
    readRoot(found, root);
  } else {
    for (const [path, value] of Object.entries(skill.files)) {
      add(found, path, () =>
        typeof value === "string" ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
      );
    }
  }
  const { files, problems } = found;
  return { files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)), problems };
}

interface Found {
  readonly files: SkillFile[];
  readonly problems: string[];
  bytes: number;
}

function readRoot(found: Found, root: string): void {
  const stat = lstatSync(root, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) walk(found, root, "");
  else found.problems.push(`names the folder ${root}, which is no folder`);
}

function walk(found: Found, root: string, below: string): void {
  for (const entry of readdirSync(join(root, below), { withFileTypes: true })) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isSymbolicLink())
      found.problems.push(`holds the link ${path}; put a copy of the file there, because links can lead out of the folder`);
    else if (entry.isDirectory()) enter(found, root, path);
    // A link that takes the place of the file meanwhile is not followed.
    else if (entry.isFile()) add(found, path, () => readFileSync(join(root, path), { flag: constants.O_RDONLY | constants.O_NOFOLLOW }));
    else found.problems.push(`holds ${path}, which is neither file nor folder`);
    if (found.problems.length > 0) return;
  }
}

function enter(found: Found, root: string, path: string): void {
  const problem = checkPath(path);
  if (problem === undefined) walk(found, root, path);
  else found.problems.push(problem);
}

function add(found: Found, path: string, read: () => Buffer): void {
  const problem = checkPath(path) ?? (found.files.length >= MAX_FILES ? `has more than ${MAX_FILES} files` : undefined);
  if (problem !== undefined) return void found.problems.push(problem);
  const bytes = read();
  found.bytes += bytes.length;
  if (found.bytes > MAX_BYTES) found.problems.push(`has files of more than ${MAX_BYTES} bytes together`);
  else found.files.push({ path, bytes });
}

function checkPath(path: string): string | undefined {
  const parts = path.split("/");
  if (path.length > MAX_PATH_CHARS) return `has a path of more than ${MAX_PATH_CHARS} characters`;
  if (parts.some((part) => part === "" || part === "." || part === ".." || part.includes("\\") || !part.isWellFormed())) {
    return `has the path "${path}"; use paths below the skill, such as references/guide.md`;
  }
  if (parts.some((part) => part.startsWith("."))) return `holds the hidden file or folder "${path}"; remove it, or it would be published`;
  return undefined;
}
