import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { EXIT, ExitError } from "../exit.ts";
import { addDependencies, mergePackage, parsePackage } from "./merge-package.ts";
import { readTemplate } from "./template-files.ts";

export interface InitOrder {
  readonly folder: string;
  /** Default: that of the folder. */
  readonly name?: string | undefined;
  /** How npm finds this package, such as a version or the path of a tarball. */
  readonly remit?: string | undefined;
  /** Write over files that are there. */
  readonly force?: boolean | undefined;
}

/** What was done, by path. */
export interface Initialised {
  readonly folder: string;
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly done: "written" | "replaced" | "extended" }[];
  /** What changed in a package.json that was there. */
  readonly told: readonly string[];
}

// As npm takes them for a package, without a scope.
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** Writes a project. A package.json is extended; any other file that is there stops it before anything is written. Throws ExitError. */
export async function initProject({ folder, name: given, remit, force = false }: InitOrder): Promise<Initialised> {
  const name =
    given ??
    basename(resolve(folder))
      .toLowerCase()
      .replaceAll(/[\s_.]+/g, "-");
  if (!NAME.test(name))
    throw new ExitError(
      EXIT.usage,
      `${JSON.stringify(name)} is no name for a package: use a to z, 0 to 9 and hyphens. Say another with --name.`,
    );
  const template = await readTemplate({ name, title: titleOf(name) });
  const { manifest, told, isPresent } = await packageOf(folder, template, remit);
  const files = new Map([...template, ["package.json", `${JSON.stringify(manifest, null, 2)}\n`]]);
  const present = await presentIn(folder, [...files.keys()]);
  const inTheWay = [...present].filter((path) => path !== "package.json");
  if (inTheWay.length > 0 && !force)
    throw new ExitError(
      EXIT.usage,
      `Nothing was written: ${inTheWay.length === 1 ? "this file is" : "these files are"} in ${folder} already. --force writes over them.\n${inTheWay.map((path) => `  ${path}`).join("\n")}`,
    );
  for (const [path, text] of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text, { flag: present.has(path) ? "w" : "wx" });
  }
  const doneTo = (path: string) => (path === "package.json" && isPresent ? "extended" : present.has(path) ? "replaced" : "written");
  return {
    folder: relative(process.cwd(), resolve(folder)) || ".",
    name,
    files: [...files.keys()].map((path) => ({ path, done: doneTo(path) })),
    told,
  };
}

/** `my-server` is `My server`. */
function titleOf(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1).replaceAll("-", " ")}`;
}

async function packageOf(folder: string, template: ReadonlyMap<string, string>, remit: string | undefined) {
  const made = parsePackage(template.get("package.json") ?? "");
  if (made === undefined) throw new Error("the template has no package.json");
  const added = addDependencies(made, remit);
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => undefined);
  if (text === undefined) return { manifest: added, told: [], isPresent: false };
  const present = parsePackage(text);
  if (present === undefined)
    throw new ExitError(EXIT.failed, `Nothing was written: ${join(folder, "package.json")} cannot be read as one.`);
  const { merged, told } = mergePackage(present, added);
  return { manifest: merged, told, isPresent: true };
}

async function presentIn(folder: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await Promise.all(
    paths.map((path) =>
      readFile(join(folder, path)).then(
        () => [path],
        (error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? [] : [path]),
      ),
    ),
  );
  return new Set(found.flat());
}
