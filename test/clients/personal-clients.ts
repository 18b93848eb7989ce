/** Clients that send a person to sign in and decide: registration or a metadata document, PKCE, a loopback callback, and the way back. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import {
  Client as ModernClient,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  type OAuthClientProvider,
} from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import * as z from "zod";
import { decide } from "../support/person.ts";
import { until } from "../support/remit.ts";
import { versionOf } from "./real-client.ts";
import type { World } from "./world.ts";

const PROXY = fileURLToPath(new URL("../../node_modules/mcp-remote/dist/proxy.js", import.meta.url));
const INSPECTOR = fileURLToPath(
  new URL("../../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js", import.meta.url),
);
const AUTHORIZE = /https?:\/\/\S+\/authorize\?\S+/;

export const PERSONAL_CASES: readonly (readonly [name: string, walk: (world: World) => Promise<void>])[] = [
  [
    `mcp-remote ${versionOf("mcp-remote")}, registration and sign-in`,
    (world) => walkMcpRemote(world, [world.mcpUrl, "--transport", "http-only"]),
  ],
  [
    `mcp-remote ${versionOf("mcp-remote")}, HTTP+SSE, registration and sign-in`,
    (world) => walkMcpRemote(world, [world.sseUrl, "--transport", "sse-only"]),
  ],
  [`inspector --cli ${versionOf("@modelcontextprotocol/inspector")}, registration and sign-in`, walkInspector],
  [`@modelcontextprotocol/client ${versionOf("@modelcontextprotocol/client")}, registration and sign-in`, (world) => walkSdk(world)],
  [
    `@modelcontextprotocol/client ${versionOf("@modelcontextprotocol/client")}, metadata document and sign-in`,
    (world) => walkSdk(world, world.documentUrl),
  ],
];

/** Prints a line for each; false when one of them failed. */
export async function examinePersonalClients(world: World): Promise<boolean> {
  let isGood = true;
  for (const [name, walk] of PERSONAL_CASES) {
    try {
      await walk(world);
      console.log(`${name}: ok`);
    } catch (error) {
      isGood = false;
      console.log(`${name}: FAIL\n${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  return isGood;
}

/** The list holds what was granted, a call answers, and both are on record for the person. */
async function check(world: World, tools: readonly string[], answer: unknown): Promise<void> {
  assert.ok(tools.includes("list_environments") && !tools.includes("create_environment"), `tools: ${tools.join(", ")}`);
  const who = answer as { readonly subject?: string; readonly client_id?: string };
  const call = (await world.records()).findLast((record) => record["tool"] === "whoami");
  assert.match(String(call?.["subject"]), /^acc_/, "the call is on record for the person");
  assert.notEqual(call?.["agent"], call?.["subject"]);
  assert.ok(who !== undefined);
}

async function walkMcpRemote(world: World, where: readonly string[]): Promise<void> {
  const home = await world.newHome();
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, BROWSER: "true" };
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROXY, ...where],
    env,
    stderr: "pipe",
  });
  let said = "";
  transport.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const client = new Client({ name: "remit-client-test", version: "1.0.0" });
  const connected = client.connect(transport);
  connected.catch(() => undefined);
  try {
    const url = await until(() => AUTHORIZE.exec(said)?.[0]);
    const callback = await decide(await world.signIn(), url);
    assert.equal((await fetch(callback)).status, 200, "the callback of the client");
    await connected;
    const tools = (await client.listTools()).tools.map(({ name }) => name);
    const answer = await client.callTool({ name: "whoami", arguments: {} });
    await check(world, tools, answer.structuredContent);
  } catch (error) {
    throw new Error(`mcp-remote said:\n${said}`, { cause: error });
  } finally {
    await client.close();
  }
}

const Listed = z.object({ result: z.object({ tools: z.array(z.object({ name: z.string() })) }) });
const Called = z.object({ result: z.object({ structuredContent: z.unknown() }) });

/** It asks a person while it runs one request; the next one uses what it kept, and may ask nobody. */
async function walkInspector(world: World): Promise<void> {
  const home = await world.newHome();
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, BROWSER: "true", MCP_INSPECTOR_SECRET_STORE: "file" };
  const run = (method: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const where = ["--cli", "--server-url", world.mcpUrl, "--transport", "http", "--callback-url", "http://127.0.0.1:0/oauth/callback"];
    const child = spawn(process.execPath, [INSPECTOR, ...where, ...method, "--format", "json"], {
      env: { ...env, ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const answer = Promise.all([text(child.stdout), once(child, "close")]).then(([out, [status]]) => {
      if (status !== 0) throw new Error(`inspector --cli ended with ${String(status)}:\n${said}`);
      return JSON.parse(out) as unknown;
    });
    answer.catch(() => undefined);
    return { child, answer, said: () => said };
  };
  // Without a terminal it signs in only when it is told that a person is there.
  const first = run(["--method", "tools/list"], { MCP_AUTO_OPEN_ENABLED: "true" });
  try {
    const url = await until(() => AUTHORIZE.exec(first.said())?.[0]);
    const callback = await decide(await world.signIn(), url);
    assert.equal((await fetch(callback)).status, 200, "the callback of the client");
    const tools = Listed.parse(await first.answer).result.tools.map(({ name }) => name);
    const second = run(["--method", "tools/call", "--tool-name", "whoami", "--stored-auth-only"]);
    await check(world, tools, Called.parse(await second.answer).result.structuredContent);
    assert.doesNotMatch(second.said(), AUTHORIZE, "what it kept is enough");
  } catch (error) {
    throw new Error(`inspector --cli said:\n${first.said()}`, { cause: error });
  } finally {
    first.child.kill();
  }
}

const CALLBACK = "http://127.0.0.1:8765/callback";

async function walkSdk(world: World, documentUrl?: string): Promise<void> {
  const kept: { information?: never; tokens?: never; verifier?: string; url?: URL } = {};
  const provider: OAuthClientProvider = {
    redirectUrl: CALLBACK,
    ...(documentUrl === undefined ? {} : { clientMetadataUrl: documentUrl }),
    clientMetadata: { client_name: "Test client", redirect_uris: [CALLBACK], token_endpoint_auth_method: "none" },
    clientInformation: () => kept.information,
    saveClientInformation: (information) => void (kept.information = information as never),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => void (kept.tokens = tokens as never),
    redirectToAuthorization: (url) => void (kept.url = url),
    saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier ?? "",
  };
  const transport = () => new StreamableHTTPClientTransport(new URL(world.mcpUrl), { authProvider: provider });
  const first = transport();
  await assert.rejects(new ModernClient({ name: "remit-client-test", version: "1.0.0" }).connect(first), UnauthorizedError);
  assert.ok(kept.url, "it sends the person to the authorization endpoint");
  const back = await decide(await world.signIn(), kept.url.href);
  await first.finishAuth(back.searchParams);
  const client = new ModernClient({ name: "remit-client-test", version: "1.0.0" });
  await client.connect(transport());
  try {
    const tools = (await client.listTools()).tools.map(({ name }) => name);
    const answer = await client.callTool({ name: "whoami", arguments: {} });
    await check(world, tools, answer.structuredContent);
    const call = (await world.records()).findLast((record) => record["tool"] === "whoami");
    if (documentUrl !== undefined) assert.equal(call?.["agent"], documentUrl, "the client is known by its document");
  } finally {
    await client.close();
  }
}
