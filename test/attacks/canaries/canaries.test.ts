/** What a caller marks as secret, or sends where it does not belong, is written nowhere: calls of every kind, and a search of all that is left of them. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { openAudit, parseConfig } from "../../../src/index.ts";
import { signInByLink } from "../../support/person.ts";
import { listenAtConsole, type ConsoleListener } from "./console-answers.ts";
import { fetchToken, rpc, until, type RpcAnswer } from "../../support/remit.ts";

const PROGRAM = fileURLToPath(new URL("canary-server.ts", import.meta.url));
const TASKS = { "io.modelcontextprotocol/clientCapabilities": { extensions: { "io.modelcontextprotocol/tasks": {} } } };

const listening = z.object({
  url: z.string(),
  mcpUrl: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  link: z.object({ url: z.string() }),
});
type Listening = z.infer<typeof listening>;

async function start(t: TestContext, vault: string) {
  const dataDir = await mkdtemp(join(tmpdir(), "remit-canary-"));
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH, HOME, PORT: "0", REMIT_DATA: dataDir, REMIT_LOG_LEVEL: "debug", REMIT_RATE_PER_SECOND: "1000", CANARY_VAULT: vault };
  const child = spawn(process.execPath, [PROGRAM], { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
    await rm(dataDir, { recursive: true });
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => (log += part));
  const lines = createInterface({ input: child.stdout });
  const line = () =>
    new Promise<string>((resolve, reject) => {
      lines.once("line", resolve);
      void ended.then(() => reject(new Error(`the program ended: ${log}`)));
    });
  return {
    dataDir,
    site: listening.parse(JSON.parse(await line())),
    /** What it says at its end, and all that it logged. */
    async stop() {
      const last = line();
      child.kill("SIGTERM");
      const told = await last;
      await ended;
      return { told, log };
    },
  };
}

/** New secrets, each kept with what it was used for. */
function createCanaries() {
  const secrets = new Map<string, string>();
  return {
    secrets,
    text(what: string): string {
      // No form that a pattern would know.
      const value = `canary ${randomBytes(12).toString("hex")}`;
      secrets.set(what, value);
      return value;
    },
    digits(what: string): number {
      const value = randomInt(1e11, 1e12);
      secrets.set(what, String(value));
      return value;
    },
  };
}
type Canaries = ReturnType<typeof createCanaries>;

type Send = (name: string, args: object, meta?: object) => Promise<RpcAnswer>;

/** Calls that fit, that do not, that fail, that wait and that go on. Gives the texts of all answers. */
async function callAll(send: Send, canaries: Canaries): Promise<string[]> {
  const heard: string[] = [];
  const hear = async (answer: Promise<RpcAnswer>) => {
    const { body } = await answer;
    heard.push(JSON.stringify(body));
    return body;
  };
  for (const name of ["keep", "look", "remove", "throws", "throws_deep", "throws_vault"]) {
    const boxes = [{ label: "a", inside: canaries.text(`${name}: in a list`) }];
    await hear(send(name, { owner: "somebody", word: canaries.text(`${name}: word`), digits: canaries.digits(`${name}: digits`), boxes }));
  }
  const wrong: Readonly<Record<string, object>> = {
    "another type": { owner: 5, word: canaries.text("beside another type"), digits: canaries.text("another type") },
    "too long": { owner: "somebody", word: canaries.text("too long").padEnd(200, "x") },
    "a misspelt name": { owner: "somebody", wrod: canaries.text("a misspelt name") },
    "a text for a list": { owner: "somebody", word: "w", boxes: canaries.text("a text for a list") },
    "a list in a list": { owner: "somebody", word: "w", boxes: [[canaries.text("a list in a list")]] },
    "a text for an item": { owner: "somebody", word: "w", boxes: [canaries.text("a text for an item")] },
  };
  for (const args of Object.values(wrong)) {
    const body = await hear(send("keep", args));
    assert.equal(body.result?.["isError"], true, JSON.stringify(body));
  }
  const task = await hear(send("later", { owner: "somebody", word: canaries.text("a task") }, TASKS));
  assert.equal(task.result?.["resultType"], "task", JSON.stringify(task));
  return heard;
}

/** Secrets of the transport, where they do not belong. */
async function misplace({ url, mcpUrl }: Listening, canaries: Canaries, token: string): Promise<string[]> {
  const secret = (what: string) => canaries.text(what).replace(" ", "-");
  const post = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
  const cookie = { ...post.headers, authorization: `Bearer ${token}`, cookie: `session=${secret("cookie")}` };
  const answers = await Promise.all([
    fetch(mcpUrl, { ...post, headers: { ...post.headers, authorization: `Bearer ${secret("a token that is none")}` } }),
    fetch(mcpUrl, { ...post, headers: { ...post.headers, authorization: `Basic ${secret("another scheme")}` } }),
    fetch(`${mcpUrl}?access_token=${secret("a token in the query")}`, post),
    fetch(mcpUrl, { ...post, headers: cookie }),
    fetch(`${url}/no/such/${secret("a path")}`),
    fetch(`${url}/token`, { method: "POST", body: new URLSearchParams({ grant_type: "authorization_code", code: secret("a code") }) }),
    fetch(`${url}/callback/x?code=${secret("a code of another")}&state=${secret("a state")}`),
  ]);
  return Promise.all(answers.map((answer) => answer.text()));
}

/** What a person does at the console with secrets in their hands. Gives the texts of the answers, without what the person sent shown back. */
async function actAtConsole({ client }: ConsoleListener, canaries: Canaries): Promise<string[]> {
  const made = await client.post("agents", { name: "Made at the console", scopes: ["key:write"] });
  assert.equal(made.status, 200, JSON.stringify(made.json));
  canaries.secrets.set("secret of an agent made at the console", String(made.json["clientSecret"]));
  const identities = (await client.get("identities")).json as unknown as readonly { readonly id: string; readonly label: string }[];
  const as = identities.find(({ label }) => label === "test")?.id;
  const call = (tool: string) => ({
    as,
    tool,
    era: "2026-07-28",
    arguments: { owner: "somebody", word: canaries.text(`console: ${tool}`), digits: canaries.digits(`console: digits of ${tool}`) },
  });
  const saved = await client.post("saved-calls", { ...call("keep"), as: undefined, name: "Kept" });
  const answers = [saved, await client.post("explain", call("keep"))].map(({ json }) => JSON.stringify(json));
  for (const tool of ["keep", "remove", "throws", "throws_deep", "throws_vault"]) {
    for await (const line of client.lines("call", call(tool))) if (line["type"] !== "request") answers.push(JSON.stringify(line));
  }
  return answers;
}

test("T71: of calls with secrets nothing is left in log, ledger, store, pages, failures, console or answers, at the finest level of the log", async (t) => {
  const canaries = createCanaries();
  const { site, dataDir, stop } = await start(t, canaries.text("vault"));
  const token = await fetchToken(site.url, site);
  canaries.secrets.set("token", token).set("secret of the client", site.clientSecret);
  const visitor = await signInByLink(site.url, site.link.url);
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const console = listenAtConsole(site.url, cookie);
  for (const [name, value] of visitor.cookies) canaries.secrets.set(`cookie ${name}`, value);
  const send: Send = (name, args, meta = {}) =>
    rpc(site, token, { method: "tools/call", params: { name, arguments: args }, meta: { ...meta } });
  const heard = await callAll(send, canaries);
  heard.push(...(await misplace(site, canaries, token)));
  const atConsole = [...(await actAtConsole(console, canaries)), await console.hear()].join("\n");
  assert.ok(atConsole.includes("somebody") && atConsole.includes("wrong_type"), "the console shows what is no secret");
  const held = heard.find((text) => text.includes("/approvals/")) ?? assert.fail("a call was held");
  const page = await visitor.open(/\/approvals\/apr_\w+/.exec(held)?.[0] ?? "");
  assert.match(page.html, /somebody/, "the page shows what is no secret");
  const config = parseConfig({ REMIT_DATA: dataDir });
  const records = await until(async () => {
    const audit = await openAudit(config);
    const text = JSON.stringify(await audit.read(0, 10_000));
    await audit.close();
    return text.includes('"task"') ? text : undefined;
  });
  const { told, log } = await stop();
  assert.ok(records.includes("somebody") && records.includes('"problems"') && records.includes("[redacted]"));
  assert.ok(log.includes("throws_deep") && told.includes("wrong_type"), "there was something to be found in");
  const names = (await readdir(dataDir)).filter((name) => name !== "master.key");
  const files = await Promise.all(names.map((name) => readFile(join(dataDir, name), "latin1").catch(() => "")));
  assert.ok(files.join("").includes("somebody"));
  const places = { log, records, told, page: page.html, files: files.join("\n"), answers: heard.join("\n"), console: atConsole };
  assert.ok(canaries.secrets.size > 30);
  for (const [what, secret] of canaries.secrets) {
    for (const [place, text] of Object.entries(places)) assert.ok(!text.includes(secret), `${what} is in the ${place}`);
  }
});
