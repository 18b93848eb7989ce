import { readFileSync } from "node:fs";
import * as z from "zod";

const names = z.record(z.string(), z.string());

/** What of a package.json is looked at; the rest of it is kept as it is. */
const manifestSchema = z.looseObject({
  type: z.string().optional(),
  scripts: names.optional(),
  dependencies: names.optional(),
  devDependencies: names.optional(),
});

export type PackageManifest = z.infer<typeof manifestSchema>;

const own = manifestSchema.parse(JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")));
const { version } = z.object({ version: z.string() }).parse(own);

/** Packages of a new project, in the versions that this one is tested with. `remit` is how npm finds this package. */
export function addDependencies(template: PackageManifest, remit: string | undefined): PackageManifest {
  const dependencies = { remit: remit ?? `^${version}`, zod: range(own.dependencies, "zod") };
  const devDependencies = {
    "@types/node": range(own.devDependencies, "@types/node"),
    typescript: range(own.devDependencies, "typescript"),
  };
  return { ...template, dependencies, devDependencies };
}

function range(from: Readonly<Record<string, string>> | undefined, name: string): string {
  const found = from?.[name];
  if (found === undefined) throw new Error(`${name} is no dependency of this package`);
  return `^${found}`;
}

/** The package.json of a text; undefined when it is none. */
export function parsePackage(text: string): PackageManifest | undefined {
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** A package.json that is there already, with what a project needs beside. What it says already stays, but for `type`. */
export function mergePackage(
  present: PackageManifest,
  added: PackageManifest,
): { readonly merged: PackageManifest; readonly told: readonly string[] } {
  const told: string[] = [];
  if (present.type !== "module")
    told.push(present.type === undefined ? 'type is "module" now' : `type was "${present.type}" and is "module" now`);
  const merged = {
    ...added,
    ...present,
    type: "module",
    scripts: { ...added.scripts, ...withoutPlaceholder(present.scripts) },
    dependencies: { ...added.dependencies, ...present.dependencies },
    devDependencies: { ...added.devDependencies, ...present.devDependencies },
  };
  for (const part of ["scripts", "dependencies", "devDependencies"] as const) {
    const news = Object.keys(merged[part]).filter((name) => merged[part][name] !== present[part]?.[name]);
    if (news.length > 0) told.push(`${part}: ${news.join(", ")}`);
    const kept = Object.keys(added[part] ?? {}).filter((name) => merged[part][name] !== added[part]?.[name] && part === "scripts");
    if (kept.length > 0) told.push(`${part} that stay as they were: ${kept.join(", ")}`);
  }
  return { merged, told };
}

/** `npm init` writes a test script that only fails. */
function withoutPlaceholder(scripts: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(scripts).filter(([name, text]) => !(name === "test" && text.includes("no test specified"))));
}
