import assert from "node:assert/strict";
import { test as plain } from "node:test";
import { sectionsOf } from "../../../src/control-plane/docs/sections.ts";
import { createTextIndex } from "../../../src/control-plane/docs/text-index.ts";
import { acme } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";

type Sections = readonly { readonly page: string; readonly heading: string; readonly text: string }[];

const test = onEachEngine(acme);

const searches: readonly [query: string, page: RegExp][] = [
  ["rotate the signing key", /^reference\/cli\.md$/],
  ["REMIT_DATABASE_URL", /^reference\/configuration\.md$/],
  ["verify the ledger", /ledger|cli/],
  ["why argon2 passwords", /argon2/],
];
for (const [query, page] of searches) {
  test(`search_docs finds the page for "${query}" among its best`, async ({ ok }) => {
    const sections = (await ok("search_docs", { query }))["sections"] as Sections;
    assert.ok(sections.length <= 5);
    assert.ok(
      sections.some((section) => page.test(section.page)),
      JSON.stringify(sections.map((section) => section.page)),
    );
    for (const { text } of sections) assert.ok(text.length <= 1_500);
  });
}

test("search_docs says so when nothing has any of the words", async ({ refused }) => {
  assert.match(await refused("search_docs", { query: "xyzzyplugh" }), /Nothing in the documentation/);
});

plain("a page is cut at its headings, and a heading in a code block is none", () => {
  const page = "# Title\n\nIntro.\n\n## One\n\n```sh\n# not a heading\n```\n\n### Deep\n\nText.\n\n## Two\n\nMore.";
  assert.deepEqual(
    sectionsOf("a.md", page).map(({ heading }) => heading),
    ["Title", "Title › One", "Title › One › Deep", "Title › Two"],
  );
  assert.match(sectionsOf("a.md", page)[1]?.text ?? "", /# not a heading/);
});

plain("a long part is cut between paragraphs, and no piece is longer than 1,500 characters", () => {
  const pieces = sectionsOf("a.md", `# T\n\n${Array.from({ length: 20 }, () => "x ".repeat(100)).join("\n\n")}\n\n${"y".repeat(4_000)}`);
  assert.ok(pieces.length > 2 && pieces.every(({ text }) => text.length <= 1_500));
});

plain("rare words count for more than common ones, and headings for more than text", () => {
  const section = (heading: string, text: string) => ({ page: "p.md", heading, text });
  const index = createTextIndex([
    section("Tokens", "A token is sent with each call. Tokens end."),
    section("Other", "A token, a token, a token and a token again."),
    section("Revoking", "How a revocation works."),
  ]);
  assert.equal(index.search("revoke tokens", 3)[0]?.heading, "Revoking");
  assert.equal(index.search("tokens", 1)[0]?.heading, "Tokens");
  assert.deepEqual(index.search("nothing", 3), []);
});
