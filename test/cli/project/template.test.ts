import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { catalogueOfSurface, lintTools } from "../../../src/lint/index.ts";
import { describeManifest, describeSurface } from "../../../src/manifest/index.ts";
import { createRegistry } from "../../../src/tool/index.ts";
import { readTemplate } from "../../../src/cli/init/template-files.ts";

await import("./from-source.ts");
// The tests that a new project begins with, run as they are.
await import("../../../templates/project/test/notes.test.ts");
const { surface } = await import("../../../templates/project/src/surface.ts");

test("a new project has nothing that the linter finds, but for what is only to know", () => {
  const { counts } = lintTools(catalogueOfSurface(surface));
  assert.deepEqual([counts.error, counts.warning], [0, 0]);
});

test("the manifest that a new project begins with is that of its tools", () => {
  const kept = JSON.parse(readFileSync("templates/project/remit.manifest.json", "utf8")) as unknown;
  assert.deepEqual(kept, JSON.parse(JSON.stringify(describeManifest(describeSurface(createRegistry(surface))))));
});

test("a new project has a read and a destructive tool, and what CI runs is there", async () => {
  const files = await readTemplate({ name: "acme-notes", title: "Acme notes" });
  assert.deepEqual(
    surface.tools.map(({ effect }) => effect),
    ["write", "destructive", "read"],
  );
  const { scripts } = JSON.parse(files.get("package.json") ?? "") as { readonly scripts: Readonly<Record<string, string>> };
  const workflow = files.get(".github/workflows/check.yaml") ?? "";
  const run = [...workflow.matchAll(/npm (?:run )?(\w+)$/gm)].map(([, name = ""]) => name);
  assert.deepEqual(run, ["ci", "types", "test", "lint", "manifest"]);
  assert.deepEqual(
    run.slice(1).filter((name) => !(name in scripts)),
    [],
  );
  assert.match(files.get("src/surface.ts") ?? "", /name: "acme-notes",\n {2}title: "Acme notes"/);
  for (const name of [".gitignore", ".dockerignore", "Containerfile", "tsconfig.json", "README.md"]) assert.ok(files.has(name), name);
});

test("the container file of a new project runs the command line of the package as a user without rights", () => {
  const container = readFileSync("templates/project/_Containerfile", "utf8");
  const command = JSON.parse(/^CMD (.+)$/m.exec(container)?.[1] ?? "[]") as string[];
  assert.ok(command.some((part) => part.startsWith("node_modules/remit/") && existsSync(part.replace("node_modules/remit/", ""))));
  assert.match(container, /^USER node$/m);
});
