/** Icons that come from files: read and checked once, served to everybody under a name made of their content. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Icon, JsonSchema } from "../define-tool.ts";
import type { Surface } from "../registry.ts";

export interface IconFile {
  readonly bytes: Buffer;
  readonly mimeType: string;
}

/** Where the files are served, below the public origin. */
const FOLDER = "/icons/";
const MAX_BYTES = 256 * 1024;

/** Each kind of image: how its content begins, not what its name says. */
const KINDS: readonly { readonly extension: string; readonly mimeType: string; readonly begins: (bytes: Buffer) => boolean }[] = [
  { extension: "png", mimeType: "image/png", begins: (bytes) => bytes.subarray(0, 8).equals(Buffer.from("89504e470d0a1a0a", "hex")) },
  { extension: "jpg", mimeType: "image/jpeg", begins: (bytes) => bytes.subarray(0, 3).equals(Buffer.from("ffd8ff", "hex")) },
  {
    extension: "svg",
    mimeType: "image/svg+xml",
    begins: (bytes) => /^(?:\s|<[?][^>]*>|<!DOCTYPE[^>]*>|<!--[\s\S]*?-->)*<svg[\s>]/.test(bytes.toString("utf8")),
  },
];

/** The icon files of everything that was declared, by path, and what is wrong with icons. */
export function readIcons(surface: Surface): { readonly files: ReadonlyMap<string, IconFile>; readonly problems: readonly string[] } {
  const files = new Map<string, IconFile>();
  const problems: string[] = [];
  for (const [label, icon] of iconsIn(surface)) {
    const read = "file" in icon ? readIcon(icon) : checkLink(icon.src);
    if (typeof read === "string") problems.push(`${label} has an icon ${read}`);
    else if (read !== undefined) files.set(read.path, read.file);
  }
  return { files, problems };
}

function iconsIn({ icon, tools = [], prompts = [], resources = [] }: Surface): [label: string, icon: Icon][] {
  const declared = [
    ...tools.map((tool) => [`tool "${tool.name}"`, tool.icon] as const),
    ...prompts.map((prompt) => [`prompt "${prompt.name}"`, prompt.icon] as const),
    ...resources.map((resource) => [`resource "${resource.uri}"`, resource.icon] as const),
    ["the server", icon] as const,
  ];
  return declared.flatMap(([label, each]) => (each === undefined ? [] : [[label, each]]));
}

interface Read {
  readonly path: string;
  readonly file: IconFile;
}

function readIcon(icon: Icon & { readonly file: URL | string }): Read | string {
  const name = icon.file instanceof URL ? fileURLToPath(icon.file) : icon.file;
  const stat = statSync(name, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return `from ${name}, which is no file`;
  if (stat.size > MAX_BYTES) return `from ${name}, which has more than ${MAX_BYTES} bytes`;
  const bytes = readFileSync(name);
  const kind = KINDS.find(({ begins }) => begins(bytes));
  if (kind === undefined) return `from ${name}, which is neither PNG nor JPEG nor SVG`;
  const { extension, mimeType } = kind;
  if (icon.mimeType !== undefined && icon.mimeType !== mimeType) return `from ${name}, which is ${mimeType} and not ${icon.mimeType}`;
  const digest = createHash("sha256").update(bytes).digest("hex");
  return { path: `${FOLDER}${digest.slice(0, 32)}.${extension}`, file: { bytes, mimeType } };
}

function checkLink(src: string): string | undefined {
  return /^(?:https:\/\/|data:image\/)/.test(src)
    ? undefined
    : `whose src is neither an https nor a data URL; use icon: { file } for a file of yours`;
}

/** An icon as lists show it; a file as its path, to which the origin is put. Undefined for a file that cannot be served. */
export function iconEntry(icon: Icon): JsonSchema | undefined {
  if (!("file" in icon)) return { ...icon };
  const read = readIcon(icon);
  if (typeof read === "string") return undefined;
  const { file: _file, ...rest } = icon;
  return { ...rest, src: read.path, mimeType: read.file.mimeType };
}
