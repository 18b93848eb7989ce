import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { before, test } from "node:test";
import * as z from "zod";
import { authorizeUrl, createPkce, decide, signInByLink } from "../support/person.ts";
import { callTool, closingWithFile, fetchToken, until } from "../support/remit.ts";
import { createVisitor } from "../support/visitor.ts";
import { connectBridge } from "./new-user/bridge.ts";
import { freePort, serve, startProgram } from "./new-user/served.ts";
import { createTranscript } from "./new-user/transcript.ts";

const closing = closingWithFile();
const PROMISED_MS = 600_000;

/** The tool that the new user is after: what `new tool` wrote, changed into what it is for. */
const OWN_TOOL = `import { defineTool } from "remit";
import * as z from "zod";

export const countWords = defineTool({
  name: "count_words",
  title: "Count words",
  description: "Counts the words of a text. Use it instead of counting yourself; it returns the number.",
  scopes: ["note:read"],
  effect: "read",
  input: z.object({ text: z.string().max(10_000).describe("The text to count in.") }),
  output: z.object({ words: z.number().int().describe("How many words it has.") }),
  examples: [{ title: "A greeting", input: { text: "Hello, world" }, output: { words: 2 } }],
  run: ({ text }) => ({ words: text.split(/\\s+/).filter(Boolean).length }),
});
`;

let [cwd, home, tarball] = ["", "", ""];

before(async () => {
  const root = await mkdtemp(join(tmpdir(), "remit-new-user-"));
  closing.after(() => rm(root, { recursive: true, force: true }));
  await createTranscript().command(`npm pack --silent --pack-destination ${root}`, { cwd: resolve(".") });
  const { version } = JSON.parse(await readFile("package.json", "utf8")) as { readonly version: string };
  tarball = `remit-${version}.tgz`;
  [cwd, home] = [join(root, "notes"), join(root, "home")];
  await Promise.all([mkdir(cwd), mkdir(home)]);
});

test("from an empty folder and the packed tarball a new user gets to an own tool, a client, a refused call and the ledger within ten minutes", async (t) => {
  const told = createTranscript();
  const { command, say, step } = told;
  say("# An empty folder, and the tarball beside it");
  await command(`npm install --silent ../${tarball}`, { cwd });
  await command("npx remit init", { cwd });
  await command("npm install --silent", { cwd });
  await command("npm run --silent types", { cwd });
  await command("npm test --silent", { cwd });
  await command("npm run --silent lint", { cwd });
  await command("npm run --silent manifest", { cwd });

  say("# A tool of one's own");
  await command("npx remit new tool count_words", { cwd });
  await step(
    "edit src/tools/count-words.ts and its test",
    () => edit(cwd),
    () => "counts words now, and not characters",
  );
  await command("npm run --silent types", { cwd });
  await command("npm test --silent", { cwd });
  await command("npm run --silent lint", { cwd });
  assert.match(await command("npm run --silent manifest", { cwd, code: 1 }), /widening[\s\S]*count_words/);
  await command("npm run --silent manifest:accept", { cwd });
  await command("npm run --silent manifest", { cwd });

  say("# Served, and a client that knows only stdio, through mcp-remote");
  const env = { PORT: String(await freePort()), REMIT_LOG_LEVEL: "warn", REMIT_DATA: join(cwd, "data") };
  const { line, stop } = await step(
    "$ npx remit start",
    () => serve(cwd, env),
    (served) => `MCP URL  ${served.line.mcp}\nConsole  ${served.line.console}`,
  );
  t.after(stop);
  await command(`npx remit connect mcp-remote --url ${line.mcp} --name notes`, { cwd, env });
  const owner = await step(
    "open the sign-in link in a browser",
    () => signInByLink(line.issuer, line.sign_in),
    () => "signed in as owner@example.com",
  );
  const bridge = await step(
    `npx mcp-remote ${line.mcp}: its page opens; note:read is ticked and allowed`,
    () => connectBridge(line.mcp, home, (page) => decide(owner, page, { scopes: ["note:read"] })),
    ({ pages }) => `it asked for ${pages().length} page`,
  );
  t.after(() => bridge.close());
  const { client } = bridge;
  const tools = await step(
    "the client lists tools",
    () => client.listTools(),
    (listed) => listed.tools.map(({ name }) => name).join(", "),
  );
  assert.deepEqual(tools.tools.map(({ name }) => name).sort(), ["count_words", "list_notes"]);
  const counting = { name: "count_words", arguments: { text: "a tool of my own" } };
  const counted = await step(
    "it calls count_words",
    () => client.callTool(counting),
    (result) => JSON.stringify(result.structuredContent),
  );
  assert.deepEqual(counted.structuredContent, { words: 5 });

  say("# A call that is refused");
  const refused = client.callTool({ name: "add_note", arguments: { text: "not allowed" } }).catch((error: unknown) => error);
  const page = await step(
    "it calls add_note; the client is sent for another permission",
    () => until(() => bridge.pages()[1]),
    (asked) => `scope=${new URL(asked).searchParams.get("scope")}`,
  );
  assert.match(new URL(page).searchParams.get("scope") ?? "", /note:write/);
  const agent = { clientId: line.agent.client_id, clientSecret: line.agent.client_secret };
  const token = await fetchToken(line.issuer, agent);
  const answer = await step(
    "the first agent, which has note:read, calls add_note by HTTP",
    () => callTool({ mcpUrl: line.mcp }, token, "add_note", { text: "no" }),
    ({ status, headers }) => `HTTP ${status}\n${headers.get("www-authenticate")}`,
  );
  assert.equal(answer.status, 403);
  assert.match(answer.headers.get("www-authenticate") ?? "", /insufficient_scope.*note:write/);

  await command("npx remit call add_note text=no --as 'First agent'", { cwd, env, code: 3 });

  say("# The ledger");
  const found = await command("npx remit audit search tool:add_note outcome:refused --json", { cwd, env });
  const records = found
    .trim()
    .split("\n")
    .flatMap((each) => recordsIn(each));
  assert.equal(records.length, 3);
  for (const { rule, missing, tool } of records) assert.deepEqual([rule, missing, tool], ["scope_missing", ["note:write"], "add_note"]);
  await command("npx remit audit search tool:count_words", { cwd, env });
  await command("npx remit audit tail", { cwd, env });
  assert.match(await command("npx remit audit verify", { cwd, env }), /whole/);
  await bridge.close();
  await refused;
  assert.equal(await stop(), 0);
  assert.ok(told.elapsedMs() < PROMISED_MS, `${told.elapsedMs()} ms`);
});

test("tools of every effect that are added to a project compile, pass their tests and the linter as they are", async () => {
  const { command } = createTranscript();
  for (const effect of ["read", "write", "destructive"]) await command(`npx remit new tool try_${effect} --effect ${effect}`, { cwd });
  await command("npm run --silent types", { cwd });
  await command("npm test --silent", { cwd });
  assert.match(await command("npm run --silent lint", { cwd }), /7 tools, .* 0 errors, 0 warnings/);
});

const applicationLine = z.object({ url: z.url(), agent: z.object({ clientId: z.string(), clientSecret: z.string() }) });

test("mounted in an application from the packed tarball, its people sign in and let an agent in, which reads its database, on record", async (t) => {
  await copyFile("test/package/new-user/application.ts", join(cwd, "application.ts"));
  const url = `http://127.0.0.1:${await freePort()}`;
  const env = { REMIT_URL: url, REMIT_LOG_LEVEL: "warn", REMIT_DATA: join(cwd, "application-data") };
  const { line, stop } = await startProgram(["application.ts"], { cwd, env });
  t.after(stop);
  const { agent } = applicationLine.parse(line);
  const ada = createVisitor(url);
  await ada.submit(await ada.open(`/login?return_to=${encodeURIComponent("/sign-in?return_to=/account")}`), {}, /sign-in\/own/);
  const [redirectUri, { verifier, challenge }] = ["http://127.0.0.1:9/callback", createPkce()];
  const more = { scope: "order:read", resource: `${url}/mcp` };
  const back = await decide(ada, authorizeUrl(url, { clientId: agent.clientId, redirectUri, challenge, more }), { scopes: ["order:read"] });
  const form = {
    grant_type: "authorization_code",
    code: back.searchParams.get("code") ?? "",
    redirect_uri: redirectUri,
    code_verifier: verifier,
  };
  const basic = Buffer.from(`${agent.clientId}:${agent.clientSecret}`).toString("base64");
  const granted = await fetch(`${url}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams(form),
  });
  const { access_token: token } = z.object({ access_token: z.string() }).parse(await granted.json());
  const { body } = await callTool({ mcpUrl: `${url}/mcp` }, token, "list_orders");
  assert.deepEqual(body.result?.["structuredContent"], { orders: [{ id: 1, total: 1990 }] });
  assert.equal(await (await fetch(`${url}/offers`)).text(), "the shop");
  const found = await createTranscript().command("npx remit audit search tool:list_orders --json", { cwd, env });
  const [record] = found.trim().split("\n").flatMap(recordsIn);
  assert.match(String(record?.subject), /^acc_/);
  assert.equal(await stop(), 0);
});

async function edit(cwd: string): Promise<void> {
  await writeFile(join(cwd, "src/tools/count-words.ts"), OWN_TOOL);
  const test = join(cwd, "test/count-words.test.ts");
  const text = await readFile(test, "utf8");
  await writeFile(
    test,
    text.replace('{ text: "Hello" })).assertOk({ characters: 5 })', '{ text: "Hello, world" })).assertOk({ words: 2 })'),
  );
}

interface Found {
  readonly rule?: unknown;
  readonly missing?: unknown;
  readonly tool?: unknown;
  readonly subject?: unknown;
}

function recordsIn(line: string): readonly Found[] {
  const parsed = JSON.parse(line) as Found | { readonly records: readonly Found[] };
  return "records" in parsed ? parsed.records : [parsed];
}
