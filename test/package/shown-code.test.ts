import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { publicNames } from "../support/source-rules.ts";

interface Shown {
  readonly page: string;
  readonly file: string;
  readonly code: string;
}

/** Code that a page says is a whole file of this package: `<!-- The same text as FILE. -->`, then the code. */
const shown: readonly Shown[] = globSync("docs/guide/*.md").flatMap((page) =>
  [...readFileSync(page, "utf8").matchAll(/<!-- The same text as (\S+)\. -->\n\n```\w+\n([\s\S]*?)\n```/g)].map(
    ([, file = "", code = ""]) => ({ page, file, code }),
  ),
);

test("the guide shows the files that it says it shows, as they are", () => {
  assert.ok(shown.length >= 4);
  for (const { page, file, code } of shown) {
    const text = readFileSync(file, "utf8").trimEnd();
    const imported = text.replaceAll('"../../src/index.ts"', '"remit"').replaceAll('"../../src/testing/index.ts"', '"remit/testing"');
    assert.equal(code, imported, `${page} shows ${file}`);
  }
});

const read = (path: string): string => readFileSync(path, "utf8");

/** Names of the members of an interface in a source. */
function membersOf(source: string, name: string): readonly string[] {
  const body = new RegExp(`export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(read(source))?.[1] ?? "";
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)[?(:]/gm)].map(([, member = ""]) => member);
}

test("the page about the package names all that it exports, every option and every member of a server", () => {
  const page = read("docs/reference/package.md");
  const names = [
    ...publicNames(read("src/index.ts")),
    ...publicNames(read("src/testing/index.ts")),
    ...membersOf("src/server/server-options.ts", "ServerOptions"),
    ...membersOf("src/tool/registry.ts", "Surface"),
    ...membersOf("src/server/create-server.ts", "Server"),
  ];
  assert.ok(["createServer", "createTestServer", "accounts", "tools", "mcpUrl", "fetch", "listen"].every((name) => names.includes(name)));
  assert.deepEqual(
    names.filter((name) => !new RegExp(`\`${name}(?:\\(\\)|s)?\``).test(page)),
    [],
  );
});
