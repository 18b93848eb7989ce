import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readCatalogue } from "../../src/cli/lint/read-catalogue.ts";
import { controlPlane } from "../../src/control-plane/index.ts";
import { catalogueOfSurface, lintTools } from "../../src/lint/index.ts";
import { closingWithFile, startServer, type TestServer } from "../support/remit.ts";
import { seedTools } from "./support/seed-tools.ts";

const BIN = fileURLToPath(new URL("../../bin/remit.js", import.meta.url));
const closing = closingWithFile();
let dir: string;
let server: TestServer;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "remit-lint-"));
  server = await startServer(closing, { ...controlPlane, name: "lint", version: "1.0.0" });
});
after(() => rm(dir, { recursive: true }));

const asked = { header: [] };

test("a server that is listed over HTTP has the findings of its declarations, as far as a list can show them", async () => {
  const token = await server.token(controlPlane.tools.flatMap(({ scopes }) => scopes).join(" "));
  const { catalogue, source } = await readCatalogue(server.mcpUrl, { ...asked, token });
  assert.equal(source.uri, server.mcpUrl);
  assert.equal(catalogue.tools.length, controlPlane.tools.length);
  const seen = (each: typeof catalogue) =>
    lintTools(each).findings.filter(({ rule }) => rule.startsWith("name-") || rule.startsWith("desc-"));
  const told = ({ rule, tool, message }: { readonly rule: string; readonly tool?: string; readonly message: string }) =>
    `${rule} ${tool} ${message}`;
  assert.deepEqual(seen(catalogue).map(told).toSorted(), seen(catalogueOfSurface(controlPlane)).map(told).toSorted());
});

test("a server that wants a token is not called empty: the answer says how to give one", async () => {
  await assert.rejects(readCatalogue(server.mcpUrl, asked), /gives no list of tools: .*401.*--token or REMIT_TOKEN/s);
});

for (const [what, name, text, says] of [
  ["that does not exist", "gone.json", undefined, /There is no file .*gone\.json/],
  ["that is no JSON", "x.json", "<html>", /is no JSON/],
  ["that is JSON of something else", "y.json", '{"rows":[]}', /y\.json: /],
  ["that exports no tools", "z.ts", "export const tools = 3;", /exports no scopes and tools/],
  ["that cannot be imported", "w.ts", 'throw new Error("no such thing");', /cannot be imported: no such thing/],
] as const)
  test(`a file ${what} is refused with its name and the reason`, async () => {
    const file = join(dir, name);
    if (text !== undefined) await writeFile(file, text);
    await assert.rejects(readCatalogue(file, asked), says);
  });

for (const given of ["https://", "http://127.0.0.1:1/mcp"])
  test(`${given} gives a sentence, not a stack`, async () => {
    await assert.rejects(readCatalogue(given, asked), /is no URL|cannot be read|gives no list/);
  });

test("a header that is none is refused before anything is asked", async () => {
  await assert.rejects(readCatalogue(server.mcpUrl, { header: ["no header"] }), /--header takes/);
});

test("on the command line findings go to stdout and make the exit code 1", async () => {
  const file = join(dir, "tools.json");
  await writeFile(file, JSON.stringify({ tools: seedTools }));
  const run = promisify(execFile)(process.execPath, [BIN, "lint", file, "--json"]);
  await assert.rejects(run, (ended: { readonly code: number; readonly stdout: string; readonly stderr: string }) => {
    assert.equal(ended.code, 1);
    const report = JSON.parse(ended.stdout) as {
      readonly tools: number;
      readonly findings: readonly { readonly rule: string; readonly tool: string }[];
    };
    assert.equal(report.tools, seedTools.length);
    const drifted = report.findings.filter(({ rule }) => /^desc-(?:unknown-parameter|omits-required)$/.test(rule));
    assert.equal(new Set(drifted.map(({ tool }) => tool)).size, 7);
    return true;
  });
});
