/** Rules about the source as text: what may import what, what may be said where, and how large and named things are. */
import { dirname, join } from "node:path/posix";

/** Each line may import from its own and from those below; rooms of one line stand beside each other. */
const ROOMS = [
  "cli",
  "testing",
  "index",
  "server",
  "http",
  "console mcp",
  "call",
  "approvals",
  "oauth",
  "audit",
  "manifest",
  "lint",
  "doctor",
  "tool",
  "store",
  "connect errors config telemetry",
  "lib",
];
export const BANNED = new Set(["utils", "util", "common", "core", "helpers", "helper", "types", "services", "manager"]);
export const NOWHERE = /(?!)/;

export interface File {
  readonly path: string;
  readonly text: string;
}

interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly isType: boolean;
}

/** Every module that a file names, type-only imports and `import()` too. */
function importsOf({ path, text }: File): Import[] {
  const found = code(text).matchAll(/\b(?:import|export)\s+(type\s)?(?:[^"'`;]*?\bfrom\s+)?"([^"]+)"|(typeof\s+)?\bimport\(\s*"([^"]+)"/g);
  return [...found].map(([, type, named = "", typeOf, called]) => ({
    from: path,
    specifier: called ?? named,
    isType: (type ?? typeOf) !== undefined,
  }));
}

/** The text without comments that have lines of their own. */
const code = (text: string): string => text.replace(/^\s*(?:\/\*[\s\S]*?\*\/|\/\/.*)/gm, "");
export const roomOf = (path: string): string => path.split("/")[1]?.replace(/\.ts$/, "") ?? "";
export const rankOf = (room: string): number => ROOMS.findIndex((rooms) => rooms.split(" ").includes(room));
export const own = (files: readonly File[]) =>
  files.flatMap(importsOf).filter(({ specifier }) => specifier.startsWith(".") && !specifier.endsWith(".json"));
const targetOf = ({ from, specifier }: Import): string => join(dirname(from), specifier);
export const shown = (imports: readonly Import[]): string[] => imports.map(({ from, specifier }) => `${from} imports ${specifier}`);

export function isBackwards(each: Import): boolean {
  const [from, to] = [roomOf(each.from), roomOf(targetOf(each))];
  if (from === to) return false;
  if (from === "control-plane") return to !== "index";
  if (to === "control-plane") return from !== "cli";
  if (rankOf(from) < 0 || rankOf(to) < 0) return true;
  return rankOf(from) > rankOf(to) || (rankOf(from) === rankOf(to) && ["console", "mcp"].includes(from));
}

/** The outermost folder that holds the target and not the importer has one door. lib is a shelf, not a room. */
export function isThroughTheWall(each: Import): boolean {
  const target = targetOf(each);
  const parts = target.split("/");
  const folder = parts.map((_, i) => parts.slice(0, i).join("/")).find((at) => at !== "" && !each.from.startsWith(`${at}/`));
  return folder !== undefined && folder !== "src/lib" && target !== `${folder}/index.ts`;
}

/** A rule that only the files of `allowed` may import a module; for types also those of `alsoTypes`. */
export function door(modules: RegExp, allowed: RegExp, alsoTypes: RegExp = NOWHERE) {
  return (files: readonly File[]) =>
    shown(
      files
        .flatMap(importsOf)
        .filter(({ from, specifier, isType }) => modules.test(specifier) && !allowed.test(from) && !(isType && alsoTypes.test(from))),
    );
}

/** A rule that only the files of `allowed` may say something in their code. */
export function words(pattern: RegExp, allowed: RegExp) {
  return (files: readonly File[]) =>
    files.flatMap(({ path, text }) => (!allowed.test(path) && pattern.test(code(text)) ? [`${path} says ${pattern.source}`] : []));
}

export function fuller(files: readonly File[], max: number): string[] {
  const folders = Object.entries(Object.groupBy(files, ({ path }) => dirname(path)));
  return folders.flatMap(([folder, inside = []]) => (inside.length > max ? [`${folder} has ${inside.length} files`] : []));
}

export const longer = (files: readonly File[], max: number) =>
  files.filter(({ text }) => text.split("\n").length - 1 > max).map(({ path }) => path);

/** The names that the public surface exports. */
export function publicNames(index: string): string[] {
  const lists = [...code(index).matchAll(/\bexport\s*(?:type\s*)?\{([^}]*)\}/g)];
  return lists.flatMap(([, list = ""]) =>
    list
      .split(",")
      .map((name) => name.replace(/^\s*(type\s+)?|^.*\bas\s+/, "").trim())
      .filter(Boolean),
  );
}
