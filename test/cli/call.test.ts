import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseArguments, parseObject } from "../../src/cli/call/parse-arguments.ts";
import { openChannel } from "../../src/cli/channel.ts";
import { controlPlane } from "../../src/control-plane/index.ts";
import { closingWithFile, startServer } from "../support/remit.ts";

const BIN = fileURLToPath(new URL("../../bin/remit.js", import.meta.url));

for (const [words, expected] of [
  [[], {}],
  [["name=Ada"], { name: "Ada" }],
  [["url=https://a.example/?b=c"], { url: "https://a.example/?b=c" }],
  [["text=", "count:=3", 'tags:=["a"]', "none:=null"], { text: "", count: 3, tags: ["a"], none: null }],
  [['{"name":"Ada","deep":{"a":1}}'], { name: "Ada", deep: { a: 1 } }],
] as const)
  test(`arguments ${JSON.stringify(words)} are read as ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(parseArguments(words), expected);
  });

for (const [words, says] of [
  [["Ada"], /"Ada" is no argument/],
  [["=x"], /"=x" is no argument/],
  [["count:=three"], /count: this is no JSON/],
  [["a=1", "a=2"], /a is given twice.*a:=/],
  [["{"], /no JSON/],
] as const)
  test(`arguments ${JSON.stringify(words)} are refused, with the word that is wrong`, () => {
    assert.throws(() => parseArguments(words), says);
  });

test("a list is no set of arguments", () => {
  assert.throws(() => parseObject("[1]"), /no JSON object/);
});

const closing = closingWithFile();

test("remit call and remit tools go through the running server as the agent would, and each end has its exit code", async () => {
  const server = await startServer(closing, controlPlane);
  const { clientId } = await server.agent("env:read org:read");
  const channel = await openChannel(server.dataDir, server);
  closing.after(() => channel.close(Promise.resolve()));
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH, HOME, REMIT_DATA: server.dataDir, REMIT_URL: server.url };
  const remit = (...args: string[]) =>
    new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
      execFile(process.execPath, [BIN, ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  const [done, wrong, refused, hidden, explained, listed] = await Promise.all([
    remit("call", "list_environments"),
    remit("call", "get_environment_details", "--as", clientId),
    remit("call", "list_environments", "--scope", "org:read"),
    remit("call", "create_environment", "name=x"),
    remit("call", "list_environments", "--scope", "org:read", "--explain", "--json"),
    remit("tools", "--as", clientId, "--scope", "env:read", "--json"),
  ]);
  assert.deepEqual([done.code, JSON.parse(done.stdout)], [0, { environments: [], next_cursor: null }]);
  assert.equal(wrong.code, 5);
  assert.match(wrong.stdout, /environment_id: required/);
  assert.deepEqual([refused.code, refused.stdout], [3, ""]);
  assert.match(refused.stderr, /needs the scope env:read[\s\S]*held org:read[\s\S]*--explain/);
  assert.deepEqual([hidden.code, hidden.stdout], [3, ""]);
  assert.deepEqual([explained.code, JSON.parse(explained.stdout).rule], [3, "scope_missing"]);
  const names = (JSON.parse(listed.stdout) as readonly { readonly name: string }[]).map(({ name }) => name);
  const asked = controlPlane.tools.filter(({ scopes }) => scopes.every((scope) => scope === "env:read")).map(({ name }) => name);
  assert.deepEqual(names.toSorted(), asked.toSorted());
  const calls = (await server.records()).filter(({ kind, tool }) => kind === "call" && tool === "list_environments");
  assert.deepEqual(
    new Set(calls.map(({ allowed, agent }) => `${String(allowed)} ${String(agent)}`)),
    new Set([`false ${clientId}`, `true ${clientId}`]),
  );
});
