/**
 * Drives a running Remit server as a real agent would: with the official MCP client and its own credentials. Prints each step in plain
 * words and ends with what the ledger says about it.
 *
 *     REMIT_CLIENT_ID=… REMIT_CLIENT_SECRET=… npm run demo
 *
 * Without credentials in the environment it makes an agent of its own over the server's local channel. One of its calls is held until the
 * owner of the workspace approves it in a browser; it waits five minutes for that, or as many seconds as DEMO_WAIT_SECONDS says.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import * as z from "zod";
import { runStory } from "./story.ts";

const waitSeconds = Number(process.env["DEMO_WAIT_SECONDS"] ?? 300);
const url = process.env["REMIT_URL"] ?? `http://${process.env["HOST"] ?? "127.0.0.1"}:${process.env["PORT"] ?? "3000"}`;
const scope = "wks:read env:write org:write";
const cli = fileURLToPath(new URL("../../bin/remit.js", import.meta.url));

const agent = credentials();
step(`1. The agent is ${agent.client_id}. Without a token, the server says how to get one:`);
const unknown = await fetch(`${url}/mcp`, { method: "POST" });
say(`HTTP ${unknown.status}`);
say(`WWW-Authenticate: ${unknown.headers.get("www-authenticate")}`);

const provider = new ClientCredentialsProvider({
  clientId: agent.client_id,
  clientSecret: agent.client_secret,
  expectedIssuer: url,
  scope,
});
const client = new Client({ name: "remit-demo", version: "1.0.0" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { authProvider: provider }));
const token = provider.tokens();
step("2. It got a token from the server's own issuer, found through the metadata that the 401 names, and connected:");
say(`scope: ${token?.scope}, valid for ${token?.expires_in} s`);
say(`server: ${client.getServerVersion()?.name} ${client.getServerVersion()?.version}`);

const { tools } = await client.listTools();
step(`3. It sees the ${tools.length} tools that its scopes open, and no other:`);
for (const tool of tools) say(`${tool.name}: ${tool.title}`);

step("4. It reads the organizations of its workspace; the answer is streamed as it is made:");
const environments = z.object({ environments: z.array(z.object({ environment_id: z.string(), name: z.string() })) });
const listed = await client.callTool({ name: "list_environments", arguments: {} });
const environment = environments.parse(listed.structuredContent).environments[0];
if (environment === undefined) throw new Error("the workspace has no environment; is this the demo workspace?");
const organizations = await client.callTool(
  { name: "list_organizations", arguments: { environment_id: environment.environment_id, page_size: 100 } },
  {
    onprogress: (update) =>
      say(`… ${update.progress}${update.total === undefined ? "" : ` of ${update.total}`} ${update.message ?? ""}`.trimEnd()),
  },
);
say(`result: ${JSON.stringify(organizations.structuredContent).slice(0, 160)}…`);

step("5. It misspells a parameter; the answer says what was meant:");
const misspelt = await client.callTool({ name: "list_organizations", arguments: { environmentId: environment.environment_id } });
for (const block of misspelt.content) if (block.type === "text") say(block.text);

step("6. It tries a tool that it may not use. The challenge names the scope that is missing, and nothing was run:");
const refused = await fetch(`${url}/mcp`, {
  method: "POST",
  headers: {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    authorization: `Bearer ${token?.access_token}`,
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "invite_workspace_member",
  },
  body: JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: {
      name: "invite_workspace_member",
      arguments: { email: "dana@acme.example", role: "viewer" },
      _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} },
    },
  }),
});
say(`HTTP ${refused.status}`);
say(`WWW-Authenticate: ${refused.headers.get("www-authenticate")}`);

let steps = 6;
await runStory({
  client,
  environmentId: environment.environment_id,
  run: Date.now().toString(36).slice(-5),
  step: (text) => step(`${++steps}. ${text}`),
  say,
  onHeld: (page) =>
    say(`Open ${page} in a browser, as the owner of the workspace, and choose. This waits ${waitSeconds} s and tries again every 2 s.`),
  patienceMs: waitSeconds * 1000,
  pollMs: 2000,
});
await client.close();

step(`${++steps}. All of it is in the ledger, what people decided too:`);
const records = remit(["audit", "tail", "-n", "1000", "--json"]).trim().split("\n").map(parseRecord);
const lines = records.filter((one) => one.agent === agent.client_id && one.kind !== "intent").map(describe);
// What was tried again and again while a person thought is told once.
for (const [index, line] of lines.entries()) if (lines[index + 1]?.what !== line.what) say(`#${line.seq} ${line.what}  ${line.hash}…`);
say(remit(["audit", "verify"]).trim());

function credentials(): { readonly client_id: string; readonly client_secret: string } {
  const { REMIT_CLIENT_ID: client_id, REMIT_CLIENT_SECRET: client_secret } = process.env;
  if (client_id !== undefined && client_secret !== undefined) return { client_id, client_secret };
  const created: unknown = JSON.parse(remit(["agent", "create", "Demo agent", "--scope", scope, "--json"]));
  return z.object({ client_id: z.string(), client_secret: z.string() }).parse(created);
}

function remit(args: readonly string[]): string {
  return execFileSync(process.execPath, [cli, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

function parseRecord(line: string) {
  const shape = z.looseObject({
    seq: z.number(),
    hash: z.string(),
    kind: z.string(),
    agent: z.string().optional(),
    event: z.string().optional(),
    method: z.string().optional(),
    tool: z.string().optional(),
    outcome: z.string().optional(),
    by: z.string().optional(),
    missing: z.array(z.string()).optional(),
  });
  return shape.parse(JSON.parse(line));
}

function describe({ seq, hash, event, method, tool, outcome, missing, by }: ReturnType<typeof parseRecord>) {
  const what = [event ?? method, tool].filter((part) => part !== undefined).join(" ");
  const why = missing === undefined ? "" : `, missing ${missing.join(" ")}`;
  const who = by === undefined ? "" : `, by ${by}`;
  return { seq, what: `${what}: ${outcome ?? "done"}${why}${who}`, hash: hash.slice(0, 12) };
}

function step(text: string): void {
  console.log(`\n${text}`);
}

function say(text: string): void {
  console.log(text.replaceAll(/^/gm, "   "));
}
