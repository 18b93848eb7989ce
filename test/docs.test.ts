import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { test } from "node:test";
import { PAGES } from "../docs/generate.ts";
import { createSurface } from "./support/tools.ts";
import { callTool, rpc, startServer } from "./support/remit.ts";
import { commands } from "./support/commands.ts";

const read = (path: string): string => readFileSync(path, "utf8");
const pages = ["README.md", ...globSync("docs/**/*.md").map((path) => path.replaceAll("\\", "/"))];

for (const [path, text] of Object.entries(PAGES)) {
  test(`${path} is what npm run docs makes of the code`, () => {
    assert.equal(read(path), text);
  });
}

/** Paths of this package that a page names: targets of links, and code that looks like a path. */
function pathsIn(page: string): string[] {
  const text = read(page);
  const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].flatMap(([, target = ""]) =>
    target.includes("://") ? [] : [join(dirname(page), target)],
  );
  const named = [...text.matchAll(/(?<![\w/.])(?:src|test|docs|examples|bench|bin)\/[\w./-]*\w\/?/g)].map(([path]) => path);
  return [...links, ...named];
}

for (const page of pages) {
  test(`every path that ${page} names exists`, () => {
    assert.deepEqual(
      // Pages about projects name what is in each of them.
      pathsIn(page).filter((path) => !existsSync(path) && !existsSync(join("templates/project", path))),
      [],
    );
  });
}

test("a path that does not exist would be noticed", () => {
  assert.ok(pathsIn("docs/ARCHITECTURE.md").includes("src/call/authorize.ts"));
  assert.ok(pathsIn("README.md").includes("docs/guide/running.md"));
});

/** Tests as a page names them: “title” (`test/file.test.ts`). */
function testsIn(text: string): { readonly title: string; readonly file: string }[] {
  return [...text.matchAll(/“([^”]+)” \(`(test\/[\w/.-]+)`\)/g)].map(([, title = "", file = ""]) => ({ title, file }));
}

/** Whether the file has a test of exactly this title. */
function hasTest({ title, file }: { readonly title: string; readonly file: string }): boolean {
  return existsSync(file) && ['"', "`"].some((quote) => read(file).includes(`test(${quote}${title}${quote},`));
}

test("the page about authorization names tests that exist, in the files that it names", () => {
  const named = testsIn(read("docs/reference/authorization.md"));
  assert.ok(named.length >= 30);
  assert.deepEqual(
    named.filter((each) => !hasTest(each)),
    [],
  );
  assert.equal(hasTest({ title: "a test that nobody wrote", file: "test/docs.test.ts" }), false);
});

test("every run-time dependency has a page that says why", () => {
  const { dependencies } = JSON.parse(read("package.json")) as { readonly dependencies: Readonly<Record<string, string>> };
  const missing = Object.keys(dependencies).filter((name) => !existsSync(`docs/decisions/${name.replace("@", "").replace("/", "-")}.md`));
  assert.deepEqual(missing, []);
});

test("every decision says what it is for, why, what it costs, and what would change our mind", () => {
  const heads = ["What it is for", "Why it, and not another", "What it costs", "What would change our mind"];
  for (const page of globSync("docs/decisions/*.md")) {
    assert.deepEqual(
      [...read(page).matchAll(/^## (.*)$/gm)].map(([, head]) => head),
      heads,
      page,
    );
  }
});

test("the README is short and shows the two commands", () => {
  const text = read("README.md");
  assert.ok(text.split("\n").length <= 121);
  for (const command of ["npm ci && npm start", "npm ci && npm test"]) assert.ok(text.includes(`\n${command}\n`), command);
});

test("the server in the README is the one in examples, which a test runs", () => {
  const region = /\/\/ #region server\n([\s\S]*?)\n\/\/ #endregion/.exec(read("examples/first-server/server.ts"))?.[1];
  const block = /```ts\n([\s\S]*?)\n```/.exec(read("README.md"))?.[1];
  assert.ok(region !== undefined);
  assert.equal(block, region.replace('"../../src/index.ts"', '"remit"'));
});

test("every command and option of the command line is in its page, and no other", () => {
  const text = read("docs/reference/cli.md");
  const parts = text
    .split(/^## /m)
    .slice(1)
    .filter((part) => part.startsWith("remit "));
  const documented = parts.map((part) => [
    part.split("\n")[0] ?? "",
    ...[...part.matchAll(/^- `(--[\w-]+)`/gm)].map(([, option = ""]) => option).sort(),
  ]);
  assert.deepEqual(
    documented.sort(([a = ""], [b = ""]) => a.localeCompare(b)),
    commands().map(({ name, options }) => [name, ...options]),
  );
});

test("every event that the source puts on record is in the page about the ledger", () => {
  const named = globSync("src/**/*.ts").flatMap((path) => read(path).match(/(?<=\bevent: "|^  \w+: ")[a-z_]+\.[a-z_]+(?=")/gm) ?? []);
  assert.ok(named.includes("grant.narrowed") && named.includes("person.signed_in"));
  const text = read("docs/reference/ledger.md");
  assert.deepEqual(
    named.filter((name) => !text.includes(`\`${name}\``)),
    [],
  );
});

test("every member of a record is in the page about the ledger", async (t) => {
  const server = await startServer(t, createSurface());
  const token = await server.token("note:write");
  await callTool(server, token, "echo", { text: "hello" });
  await callTool(server, token, "write_note", { text: "hello" });
  await callTool(server, token, "wipe", { text: "hello" });
  await callTool(server, token, "crash", { text: "hello" });
  await callTool(server, token, "no_such_tool");
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  await rpc(server, token, { method: "prompts/get", params: { name: "summarize", arguments: { note: "x" } }, meta: { traceparent } });
  await rpc(server, token, { method: "resources/read", params: { uri: "notes://all" } });
  await rpc(server, undefined, { method: "tools/list" });
  await server.operator.rotateKeys();
  await server.close();
  const records = await server.records();
  assert.deepEqual(new Set(records.map(({ kind }) => kind)), new Set(["call", "event", "intent", "outcome", "refusal"]));
  const text = read("docs/reference/ledger.md");
  const members = new Set(records.flatMap((record) => Object.keys(record)));
  assert.deepEqual(
    [...members].filter((name) => !text.includes(`\`${name}\``)),
    [],
  );
  const events = new Set(records.flatMap(({ event }) => (typeof event === "string" ? [event] : [])));
  assert.deepEqual(
    [...events].filter((name) => !text.includes(`\`${name}\``)),
    [],
  );
});

/** Words of how a thing was made, and places that only one machine has; nobody who reads the project can use them. */
const FORBIDDEN = [
  /\b(?:issue|task|ticket|PR)\s*#?\d/i,
  /\b(?:this|previous|next|last) session\b/i,
  /\bsub-?agents?\b|\blanguage model wrote\b|\bgenerated by (?:an? )?(?:AI|LLM)\b|\bthe brief\b/i,
  /\b(?:TODO|FIXME|HACK|XXX)\b/,
  /(?:^|[\s"'`(=])\/(?:work|home|root|Users|tmp)\//m,
  /\b[\w.-]*(?:artifactory|verdaccio|nexus|jfrog)[\w.-]*\b/i,
  /\/\/[\w.-]*\bregistry\b[\w.-]*\.[a-z]+/i,
  /\b(?:10\.\d+|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+\b/,
];

test("no page, source or manifest says how or where it was made", () => {
  const sources = ["src", "test", "bench", "examples", "docs", "bin"].flatMap((folder) => globSync(`${folder}/**/*.{ts,js,md,json}`));
  const said = [...sources, "README.md", "package.json", ".ci/run"]
    .filter((path) => !path.endsWith("docs.test.ts"))
    .flatMap((path) =>
      FORBIDDEN.filter((pattern) => pattern.test(read(path))).map((pattern) => `${path} says ${pattern.exec(read(path))?.[0]}`),
    );
  assert.deepEqual(said, []);
});

test("the words that must not be said would be noticed", () => {
  const samples = [
    "see issue 12",
    "in this session",
    "a subagent",
    "TODO: later",
    'cd "/work/x"',
    "artifactory.example",
    "https://registry.example.com",
    "at 10.0.0.1",
  ];
  for (const [i, sample] of samples.entries()) assert.match(sample, FORBIDDEN[i] ?? /(?!)/);
});

test("the lock file names no private host", () => {
  assert.doesNotMatch(read("package-lock.json"), /"resolved": "https?:\/\/(?!registry\.npmjs\.org\/)/);
});
