import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  BANNED,
  door,
  fuller,
  isBackwards,
  isThroughTheWall,
  longer,
  NOWHERE,
  own,
  publicNames,
  rankOf,
  roomOf,
  shown,
  words,
  type File,
} from "./support/source-rules.ts";

const read = (pattern: string): File[] =>
  globSync(pattern).map((path) => ({ path: path.replaceAll("\\", "/"), text: readFileSync(path, "utf8") }));
const src = read("src/**/*.{ts,tsx}");
const all = [...src, ...read("{test,bench,examples,docs}/**/*.ts")];
const lines = (count: number): string => "x;\n".repeat(count);

type Rule = readonly [
  title: string,
  over: readonly File[],
  problems: (files: readonly File[]) => string[],
  bad: Readonly<Record<string, string>>,
];

/** Each rule comes with a sample that must break it, so that no rule can pass because it looks at nothing. */
const rules: readonly Rule[] = [
  [
    "imports go one way through the rooms",
    src,
    (files) => shown(own(files).filter(isBackwards)),
    { "src/store/a.ts": 'import type { B } from "../call/index.ts";' },
  ],
  [
    "the console and the MCP side do not know each other",
    src,
    (files) => shown(own(files).filter(isBackwards)),
    { "src/mcp/a.ts": 'import "../console/index.ts";' },
  ],
  [
    "the shipped tools stand on the public surface alone",
    src,
    (files) => shown(own(files).filter(isBackwards)),
    { "src/control-plane/a.ts": 'export * from "../tool/index.ts";' },
  ],
  [
    "only the command line knows the shipped tools",
    src,
    (files) => shown(own(files).filter(isBackwards)),
    { "src/server/a.ts": 'import { a } from "../control-plane/index.ts";' },
  ],
  [
    "a folder is entered only through its index.ts",
    src,
    (files) => shown(own(files).filter(isThroughTheWall)),
    { "src/http/a.ts": 'const a = await import("../call/run.ts");' },
  ],
  [
    "node:sqlite is used only in store/sqlite",
    src,
    door(/^node:sqlite$/, /^src\/store\/sqlite\//),
    { "src/store/a.ts": 'import type { DatabaseSync } from "node:sqlite";' },
  ],
  [
    "threads are started only in store/sqlite",
    src,
    door(/^(node:)?worker_threads$/, /^src\/store\/sqlite\//),
    { "src/audit/a.ts": 'import { Worker } from "node:worker_threads";' },
  ],
  ["pg is used only in store/postgres", src, door(/^pg(\/|$)/, /^src\/store\/postgres\//), { "src/store/a.ts": 'import pg from "pg";' }],
  [
    "node:http is used only by the listener, the local channel and the guarded fetch; its types also at the edge, in oauth and in the console",
    src,
    door(/^(node:)?http2?$/, /^src\/(http\/listen|cli\/channel|lib\/guarded-fetch)\.ts$/, /^src\/(http|oauth|console)\//),
    { "src/oauth/a.ts": 'import { request } from "node:http";' },
  ],
  [
    "node:https and undici are used only by the guarded fetch",
    src,
    door(/^(node:)?https$|^undici/, /^src\/lib\/guarded-fetch\.ts$/),
    { "src/oauth/a.ts": 'import "undici";' },
  ],
  [
    "a connection of its own is opened only to pass records on to the collector that the operator named",
    src,
    words(/import \{[^}]*\bconnect\b[^}]*\} from "(node:)?(net|tls)"/, /^src\/audit\/feed\/syslog\.ts$/),
    { "src/oauth/a.ts": 'import { connect } from "node:net";' },
  ],
  [
    "only the guarded fetch reaches out; the console's pages ask their own server in one place",
    src,
    words(
      /(?<![.\w"'/])fetch\s*(\((?!\w+\??:)|[,;)])|globalThis\.fetch|=\s*fetch\b/,
      /^src\/(lib\/guarded-fetch|console\/ui\/data\/api)\.ts$/,
    ),
    { "src/oauth/a.ts": "await fetch(url);" },
  ],
  [
    "oidc-provider is used only in oauth/issuer",
    src,
    door(/^oidc-provider(\/|$)/, /^src\/oauth\/issuer\//),
    { "src/oauth/a.ts": 'import type P from "oidc-provider";' },
  ],
  [
    "no SDK of MCP stands between the wire and the decision",
    src,
    door(/^@modelcontextprotocol\//, NOWHERE),
    { "src/mcp/a.ts": 'await import("@modelcontextprotocol/server");' },
  ],
  [
    "the environment is read only in config and cli",
    src,
    words(/process\.env|\{[^}]*\benv\b[^}]*\}\s*=\s*process/, /^src\/(config\.ts|cli\/)/),
    { "src/a.ts": "const a = process.env.A;" },
  ],
  [
    "the time is read only in lib/clock",
    src,
    words(/\bDate\.now\b|new Date\(\)/, /^src\/lib\/clock\.ts$/),
    { "src/a.ts": "const at = Date.now();" },
  ],
  [
    "no other program is started",
    src,
    door(/^(node:)?(child_process|vm|cluster|repl)$/, NOWHERE),
    { "src/cli/a.ts": 'import "node:child_process";' },
  ],
  ["no text becomes code", src, words(/(?<![.\w])eval\(|\bnew Function\b|(?<![.\w])Function\(/, NOWHERE), { "src/a.ts": "eval(text);" }],
  [
    "no module is loaded past its import, but where HTTP is spoken for JSON Schema, YAML and spans, which would cost each start",
    src,
    words(
      /getBuiltinModule|createRequire/,
      /^src\/(http\/listen|cli\/channel|lib\/guarded-fetch|telemetry\/load-api|tool\/extensions\/frontmatter|tool\/schema\/load-ajv)\.ts$/,
    ),
    { "src/oauth/a.ts": 'process.getBuiltinModule("node:http")' },
  ],
  ["a source file has at most 400 lines", src, (files) => longer(files, 400), { "src/a.ts": lines(401) }],
  ["a test file has at most 500 lines", all, (files) => longer(files, 500), { "test/a.test.ts": lines(501) }],
  [
    "a folder has at most 15 files",
    all,
    (files) => fuller(files, 15),
    Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`src/a${i}.ts`, ""])),
  ],
  [
    "file and folder names are kebab-case",
    all,
    (files) =>
      files.map(({ path }) => path).filter((path) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?\.tsx?$/.test(path)),
    { "src/aB.ts": "" },
  ],
  [
    "no name says nothing",
    all,
    (files) => files.map(({ path }) => path).filter((path) => path.split(/[/.-]/).some((part) => BANNED.has(part))),
    { "src/string-utils.ts": "" },
  ],
  [
    "the public surface has at most 40 names",
    src,
    (files) => files.filter(({ path, text }) => path === "src/index.ts" && publicNames(text).length > 40).map(({ path }) => path),
    { "src/index.ts": `export { ${Array.from({ length: 41 }, (_, i) => `a${i}`).join(", ")} } from "./a.ts";` },
  ],
];

for (const [title, over, problems, bad] of rules) {
  test(title, () => {
    assert.notDeepEqual(problems(Object.entries(bad).map(([path, text]) => ({ path, text }))), [], "the sample must break the rule");
    assert.deepEqual(problems(over), []);
  });
}

test("every room is one that the direction names", () => {
  const rooms = new Set(src.map(({ path }) => roomOf(path)));
  assert.ok(rooms.has("call"));
  assert.deepEqual(
    [...rooms].filter((room) => room !== "control-plane" && rankOf(room) < 0),
    [],
  );
});

test("the linter holds functions to 60 lines and 3 parameters", () => {
  const { rules: held } = JSON.parse(readFileSync(".oxlintrc.json", "utf8").replace(/^\s*\/\/.*$/gm, "")) as {
    readonly rules: Readonly<Record<string, unknown>>;
  };
  assert.deepEqual(held["max-params"], ["error", { max: 3 }]);
  assert.deepEqual(held["max-lines-per-function"], ["error", { max: 60, skipBlankLines: true, skipComments: true, IIFEs: true }]);
});
