import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const TEMPLATE = fileURLToPath(new URL("../../../templates/project/", import.meta.url));

/** What a new project is called. */
export interface Names {
  /** As in package.json. */
  readonly name: string;
  /** For people. */
  readonly title: string;
}

/** The files of a new project by their path. Those that tools would take for their own here have a `_` before their name. */
export async function readTemplate({ name, title }: Names): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(TEMPLATE, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name: file }) => relative(TEMPLATE, join(parentPath, file)));
  const files = await Promise.all(
    paths.sort().map(async (path): Promise<[string, string]> => {
      const text = await readFile(join(TEMPLATE, path), "utf8");
      return [targetOf(path.replaceAll("\\", "/")), text.replaceAll("my-server", name).replaceAll("My server", title)];
    }),
  );
  return new Map(files);
}

const PLAIN = new Set(["_package.json", "_tsconfig.json", "_Containerfile"]);

/** `_package.json` is `package.json`, and `_gitignore` is `.gitignore`: npm would leave that out of a package. */
function targetOf(path: string): string {
  if (!path.startsWith("_")) return path;
  return PLAIN.has(path) ? path.slice(1) : `.${path.slice(1)}`;
}
