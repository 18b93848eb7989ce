import { createHash } from "node:crypto";
import { checkHidden, checkScopes } from "../checks.ts";
import type { ResourceContents } from "../content.ts";
import type { JsonSchema } from "../define-tool.ts";
import type { CompiledResource, RegisteredSkill, SkillFolder } from "../registry.ts";
import type { ScopeDeclarations } from "../scopes.ts";
import type { SkillDeclaration } from "./define-skill.ts";
import { parseFrontmatter } from "./frontmatter.ts";
import { readSkillFiles, type SkillFile } from "./skill-files.ts";

const MANIFEST = "SKILL.md";
/** Agent Skills, `name`: no hyphen first, last or next to another. */
const NAME = /^(?!.*--)[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const MIN_DESCRIPTION_CHARS = 10;
const MAX_DESCRIPTION_CHARS = 1024;
const RESERVED_METADATA = "io.modelcontextprotocol/";

/** A skill, its files as resources, and its folders by URI. */
export interface CompiledSkill {
  readonly skill: RegisteredSkill;
  readonly resources: readonly CompiledResource[];
  readonly folders: ReadonlyMap<string, SkillFolder>;
}

/** Reads, checks and compiles one skill; or every problem of it. */
export function compileSkill(declared: SkillDeclaration, scopes: ScopeDeclarations, index: number): CompiledSkill | readonly string[] {
  const problems = [
    ...checkNames(declared),
    ...checkScopes(declared.scopes, scopes),
    ...checkHidden([declared.name, declared.description]),
  ];
  const read = readSkillFiles(declared);
  problems.push(...read.problems);
  const files = read.files.map((file) => ({ ...file, text: textOf(file.bytes) }));
  const manifest = files.find(({ path }) => path === MANIFEST)?.text;
  const frontmatter = manifest === undefined ? `has no ${MANIFEST} of text at its root` : parseFrontmatter(manifest);
  if (typeof frontmatter !== "string") problems.push(...checkFrontmatter(declared, frontmatter));
  else if (read.problems.length === 0) problems.push(frontmatter);
  for (const { path, text } of files) {
    const [hidden] = checkHidden([path, text?.replaceAll("\r\n", "\n")]);
    if (hidden !== undefined) problems.push(`${hidden} (${path})`);
  }
  if (problems.length > 0 || typeof frontmatter === "string") return problems.map((problem) => `skill "${declared.name}" ${problem}`);
  return compile(declared, { files, frontmatter, index });
}

type TextFile = SkillFile & { readonly text: string | undefined };

interface Sound {
  readonly files: readonly TextFile[];
  readonly frontmatter: JsonSchema;
  readonly index: number;
}

function compile(declared: SkillDeclaration, { files, frontmatter, index }: Sound): CompiledSkill {
  const { name, scopes, discoverable = false } = declared;
  const root = `skill://${name}`;
  const located = files.map((file) => ({ ...file, uri: [root, ...file.path.split("/").map(encodeURIComponent)].join("/") }));
  const uri = `${root}/${MANIFEST}`;
  const definition = {
    uri,
    frontmatter,
    resources: located.map(({ uri: at, bytes }) => ({ uri: at, digest: digestOf(bytes), size: bytes.length })),
  };
  const target = { kind: "skill" as const, name, scopes, effect: "read" as const, discoverable, scopesJson: JSON.stringify(scopes), index };
  const skill: RegisteredSkill = { ...target, uri, definition };
  const resources = located.map((file) => resourceOf(declared, file));
  return { skill, resources, folders: foldersOf(skill, root, resources) };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Files are read like any resource; lists show only SKILL.md, which names the others. */
function resourceOf(declared: SkillDeclaration, file: TextFile & { readonly uri: string }): CompiledResource {
  const { uri, path, bytes, text } = file;
  const isManifest = path === MANIFEST;
  const mimeType =
    MIME_TYPES[path.slice(path.lastIndexOf(".") + 1).toLowerCase()] ?? (text === undefined ? "application/octet-stream" : "text/plain");
  const contents: ResourceContents = text === undefined ? { uri, mimeType, blob: bytes.toString("base64") } : { uri, mimeType, text };
  const { scopes, discoverable = false } = declared;
  return {
    uri,
    name: isManifest ? declared.name : (path.split("/").at(-1) ?? path),
    title: isManifest ? declared.name : path,
    description: isManifest ? declared.description : `${path} of the skill ${declared.name}.`,
    scopes,
    discoverable,
    mimeType,
    members: { size: bytes.length },
    isListed: isManifest,
    read: () => [contents],
  };
}

const MIME_TYPES: Readonly<Record<string, string>> = {
  md: "text/markdown",
  json: "application/json",
  yaml: "application/yaml",
  yml: "application/yaml",
  html: "text/html",
  css: "text/css",
  csv: "text/csv",
  xml: "application/xml",
  js: "text/javascript",
  mjs: "text/javascript",
  ts: "text/x-typescript",
  py: "text/x-python",
  sh: "text/x-shellscript",
  svg: "image/svg+xml",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  pdf: "application/pdf",
};

/** Each folder with what lies directly in it, folders as `inode/directory`. */
function foldersOf(skill: RegisteredSkill, root: string, files: readonly CompiledResource[]): ReadonlyMap<string, SkillFolder> {
  const folders = new Map<string, JsonSchema[]>([[root, []]]);
  for (const { uri, name, title, description, mimeType, members } of files) {
    const parts = uri.slice(root.length + 1).split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const at = [root, ...parts.slice(0, depth)].join("/");
      if (folders.has(at)) continue;
      folders.set(at, []);
      folders.get(parentOf(at))?.push({ uri: at, name: decodeURIComponent(parts[depth - 1] ?? ""), mimeType: "inode/directory" });
    }
    folders.get(parentOf(uri))?.push({ uri, name, title, description, mimeType, ...members });
  }
  return new Map([...folders].map(([uri, children]) => [uri, { skill, json: JSON.stringify(children) }]));
}

function parentOf(uri: string): string {
  return uri.slice(0, uri.lastIndexOf("/"));
}

function checkNames({ name, description }: SkillDeclaration): string[] {
  const problems: string[] = [];
  if (!NAME.test(name)) problems.push("has a name that clients refuse; use 1 to 64 of a-z 0-9 and single hyphens between them");
  if (description.trim().length < MIN_DESCRIPTION_CHARS || description.length > MAX_DESCRIPTION_CHARS)
    problems.push(
      `needs a description of ${MIN_DESCRIPTION_CHARS} to ${MAX_DESCRIPTION_CHARS} characters; say what it is for and when to use it`,
    );
  return problems;
}

/** Clients read the frontmatter, people the declaration: both must say the same. */
function checkFrontmatter(declared: SkillDeclaration, frontmatter: JsonSchema): string[] {
  const problems: string[] = [];
  for (const key of ["name", "description"] as const) {
    if (normal(frontmatter[key]) !== normal(declared[key]))
      problems.push(`has a ${MANIFEST} whose frontmatter says another ${key}; make both the same`);
  }
  const metadata = Object.keys(Object(frontmatter["metadata"]) as object);
  const reserved = metadata.find((key) => key.startsWith(RESERVED_METADATA));
  if (reserved !== undefined) problems.push(`has the reserved metadata "${reserved}" in its frontmatter; use a prefix of your own`);
  return problems;
}

/** A text without the line breaks that YAML folds. */
function normal(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/\s+/g, " ").trim() : value;
}

const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a file, or undefined when it is none. */
function textOf(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return UTF_8.decode(bytes);
  } catch {
    return undefined;
  }
}
