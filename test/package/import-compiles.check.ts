import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { propose } from "../../src/cli/import/propose.ts";
import { readDocument } from "../../src/cli/import/read-document.ts";
import { renderFiles } from "../../src/cli/import/render-files.ts";
import { INJECTIONS, PETS, withOperation } from "../cli/import/documents.ts";

const run = promisify(execFile);
const hostile = (text: string): string =>
  withOperation({
    operationId: text,
    summary: text,
    tags: [text],
    parameters: [{ name: text, in: "query", schema: { type: "string", enum: ["a", text], default: text } }],
  });

/** The strictest settings that a project may have. */
const SETTINGS = {
  extends: resolve("tsconfig.json"),
  include: ["**/*.ts"],
  compilerOptions: { noEmit: true, rootDir: "/", typeRoots: [resolve("node_modules/@types")], paths: { remit: [resolve("src/index.ts")] } },
};

test("what is written compiles with strict types and passes the linter, also for hostile documents", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "remit-import-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(SETTINGS));
  for (const [i, text] of [PETS, ...INJECTIONS.map(hostile)].entries()) {
    const document = readDocument(text);
    const proposal = typeof document === "string" ? document : propose(document, undefined);
    assert.ok(typeof proposal !== "string" && proposal.tools.length > 0);
    for (const [path, source] of renderFiles(proposal)) {
      await mkdir(dirname(join(folder, String(i), path)), { recursive: true });
      await writeFile(join(folder, String(i), path), source);
    }
  }
  const told = (error: unknown) => ({ stdout: String((error as { readonly stdout: unknown }).stdout) });
  const [types, lint] = await Promise.all([
    run(resolve("node_modules/.bin/tsc"), ["-p", folder]).catch(told),
    run(resolve("node_modules/.bin/oxlint"), ["-c", resolve(".oxlintrc.json"), "--type-aware", "--deny-warnings", folder], {
      cwd: folder,
    }).catch(told),
  ]);
  assert.equal(types.stdout, "");
  assert.match(lint.stdout, /Found 0 warnings and 0 errors/);
});
