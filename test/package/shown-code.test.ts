import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

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
