import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { before, test } from "node:test";
import { initProject } from "../../../src/cli/init/init-project.ts";
import { newTool, type NewToolOrder } from "../../../src/cli/new-tool/new-tool.ts";
import { findSurface, loadDeclared, loadSurface } from "../../../src/cli/project/index.ts";
import { catalogueOfSurface, lintTools } from "../../../src/lint/index.ts";
import type { ServerOptions } from "../../../src/index.ts";
import { closingWithFile } from "../../support/remit.ts";

await import("./from-source.ts");
const closing = closingWithFile();
let root: string;
/** A project as `init` leaves it; changed by nobody. */
let made: string;
let count = 0;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "remit-init-"));
  closing.after(() => rm(root, { recursive: true }));
  made = join(root, "acme-notes");
  await initProject({ folder: made });
});

async function copyOfMade(): Promise<string> {
  const folder = join(root, `copy-${++count}`);
  await cp(made, folder, { recursive: true });
  return folder;
}

const manifestOf = async (folder: string) => JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Record<string, unknown>;

test("a project is called as its folder, needs this version of the package, and names its surface", async () => {
  const { name, dependencies, remit } = await manifestOf(made);
  const { version } = await manifestOf(".");
  assert.equal(name, "acme-notes");
  assert.equal((dependencies as Record<string, string>)["remit"], `^${String(version)}`);
  assert.deepEqual(remit, { surface: "src/surface.ts" });
  assert.equal(resolve((await findSurface(made)) ?? ""), join(made, "src/surface.ts"));
});

test("files that are in the way stop it before anything is written, and with force each is named", async () => {
  const folder = join(root, "taken");
  await mkdir(join(folder, "src"), { recursive: true });
  await writeFile(join(folder, "src/scopes.ts"), "mine");
  await assert.rejects(initProject({ folder }), /Nothing was written[\s\S]*src\/scopes\.ts/);
  assert.equal(await readFile(join(folder, "src/scopes.ts"), "utf8"), "mine");
  await assert.rejects(readFile(join(folder, "README.md")));
  const { files } = await initProject({ folder, force: true });
  assert.deepEqual(
    files.filter(({ done }) => done !== "written"),
    [{ path: "src/scopes.ts", done: "replaced" }],
  );
});

test("a package.json that is there keeps what it says, and what changed is told", async () => {
  const folder = join(root, "grown");
  await mkdir(folder);
  const scripts = { test: 'echo "Error: no test specified" && exit 1', lint: "eslint" };
  const present = { name: "mine", author: "Ada", type: "commonjs", scripts, dependencies: { remit: "file:../remit.tgz", left: "1.0.0" } };
  await writeFile(join(folder, "package.json"), JSON.stringify(present));
  const { files, told } = await initProject({ folder });
  const now = await manifestOf(folder);
  assert.deepEqual([now["name"], now["author"], now["type"]], ["mine", "Ada", "module"]);
  assert.deepEqual(Object.keys(now["dependencies"] as object).sort(), ["left", "remit", "zod"]);
  assert.equal((now["dependencies"] as Record<string, string>)["remit"], "file:../remit.tgz");
  assert.match((now["scripts"] as Record<string, string>)["test"] ?? "", /node --test/);
  assert.equal((now["scripts"] as Record<string, string>)["lint"], "eslint");
  assert.equal(files.find(({ path }) => path === "package.json")?.done, "extended");
  assert.match(told.join("\n"), /type was "commonjs"[\s\S]*stay as they were: lint/);
});

for (const name of ["", "Größe", "-x", "a/b", "..", "x".repeat(65)]) {
  test(`a project is not called ${JSON.stringify(name.slice(0, 12))}`, async () => {
    await assert.rejects(initProject({ folder: join(root, "never"), name }), /no name for a package/);
  });
}

test("each kind of new tool stands in the list, is one that the linter finds nothing in, and does what it says", async () => {
  const folder = await copyOfMade();
  const orders: readonly NewToolOrder[] = [
    { name: "count_characters", effect: "read" },
    { name: "keep_text", effect: "write" },
    { name: "remove_text", effect: "destructive", scope: "note:delete" },
    { name: "delete", effect: "read", description: 'Says "hello" to `you`, ${as} it is; it counts the characters of what is sent.' },
  ];
  for (const order of orders) {
    const done = await newTool({ ...order, folder });
    assert.deepEqual([done.isListed, done.files.length], [true, 3]);
    // Each time as a fresh process would read it.
    await rereadList(folder);
  }
  const surface = (await loadSurface(join(folder, "src/fresh-4.ts"))) as ServerOptions;
  assert.deepEqual(
    surface.tools?.map(({ name }) => name),
    ["add_note", "delete_note", "list_notes", ...orders.map(({ name }) => name)],
  );
  const { counts } = lintTools(catalogueOfSurface({ ...surface, tools: (surface.tools ?? []).slice(0, 6) }));
  assert.deepEqual([counts.error, counts.warning], [0, 0]);
});

let reread = 0;

/** Modules are read once a process, so that the list as it is now needs another name. */
async function rereadList(folder: string): Promise<void> {
  const fresh = `index-${++reread}.ts`;
  await cp(join(folder, "src/tools/index.ts"), join(folder, "src/tools", fresh));
  const surface = await readFile(join(folder, "src/surface.ts"), "utf8");
  await writeFile(join(folder, `src/fresh-${reread}.ts`), surface.replace("./tools/index.ts", `./tools/${fresh}`));
}

/** `[order, what it says]`: none of them writes anything. */
const refused: readonly (readonly [Partial<NewToolOrder>, RegExp])[] = [
  [{ name: "getWeather" }, /Did you mean get_weather\?/],
  [{ name: "../escape" }, /Did you mean escape\?/],
  [{ name: "index" }, /no name for a tool/],
  [{ name: "a".repeat(65) }, /at most 64/],
  [{ name: "list_notes" }, /There is a tool list_notes already/],
  [{ scope: "note:fly" }, /note:fly is not declared\. Declared and fitting: note:read, note:write, note:delete/],
  [{ scope: "note:read", effect: "write" }, /note:read only allows to read/],
];

for (const [order, said] of refused) {
  test(`a new tool is refused for ${JSON.stringify(order)}`, async () => {
    await assert.rejects(newTool({ name: "count_characters", effect: "read", ...order, folder: made }), said);
  });
}

test("a file that is there is not written over, and a list of another form is left alone", async () => {
  const folder = await copyOfMade();
  await writeFile(join(folder, "test/own-tool.test.ts"), "mine");
  await assert.rejects(newTool({ name: "own_tool", effect: "read", folder }), /own-tool\.test\.ts is there already/);
  await assert.rejects(readFile(join(folder, "src/tools/own-tool.ts")));
  await writeFile(join(folder, "src/tools/index.ts"), "export const tools = make();\n");
  await writeFile(join(folder, "src/surface.ts"), 'export const scopes = { "a:read": { access: "read" } };\nexport const tools = [];\n');
  const done = await newTool({ name: "other_tool", effect: "read", folder });
  assert.equal(done.isListed, false);
  assert.equal(await readFile(join(folder, "src/tools/index.ts"), "utf8"), "export const tools = make();\n");
});

test("outside of a project there is no tool to add, and the control plane is what commands are about", async () => {
  await assert.rejects(newTool({ name: "count_characters", effect: "read", folder: root }), /no project/);
  assert.equal((await loadDeclared()).module, undefined);
  await writeFile(join(root, "package.json"), '{"remit":{}}');
  await assert.rejects(findSurface(root), /"remit": \{ "surface"/);
  await assert.rejects(loadSurface(join(root, "nowhere.ts")), /There is no file/);
  await writeFile(join(root, "empty.ts"), "export const x = 1;\n");
  await assert.rejects(loadSurface(join(root, "empty.ts")), /exports no scopes and tools/);
});
