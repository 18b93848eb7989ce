/** mcp-remote, the bridge of programs that know only stdio, as a child process. */
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ProgressNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { versionOf, type Connection, type RealClient, type Target } from "./real-client.ts";

const PROXY = fileURLToPath(new URL("../../node_modules/mcp-remote/dist/proxy.js", import.meta.url));
const CALL_MS = 10_000;
const MODES = [
  ["legacy", "2025-11-25"],
  ["auto", "2026-07-28"],
] as const;

// What is secret goes by the environment, as its documentation says, so that no list of processes shows it.
const ARGUMENTS: Readonly<Record<RealClient["auth"], readonly string[]>> = {
  header: ["--header", "Authorization: Bearer ${REMIT_TOKEN}"],
  client_credentials: [
    "--client-credentials",
    "--static-oauth-client-info",
    '{"client_id":"${REMIT_ID}","client_secret":"${REMIT_SECRET}"}',
  ],
};

/**
 * At a 403 it signs in anew by itself. With a header it registers and sends a person to their browser; nobody is there, so the call ends by
 * its time, and what was refused shows on record.
 */
const REFUSALS: Readonly<Record<RealClient["auth"], RegExp>> = {
  header: /timed out/,
  client_credentials: /Unauthorized/,
};

export const mcpRemoteClients: readonly RealClient[] = MODES.flatMap(([mode, protocol]) =>
  (["header", "client_credentials"] as const).map((auth) => ({
    name: `mcp-remote, ${mode}`,
    version: versionOf("mcp-remote"),
    protocol,
    auth,
    holds: auth === "header" ? "granted" : "baseline",
    refusal: REFUSALS[auth],
    connect: (target) => connect(target, [...ARGUMENTS[auth], "--transport", "http-only", "--protocol", mode]),
  })),
);

async function connect({ url, token, agent, home }: Target, args: readonly string[]): Promise<Connection> {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    REMIT_TOKEN: token,
    REMIT_ID: agent.clientId,
    REMIT_SECRET: agent.clientSecret,
  };
  const transport = new StdioClientTransport({ command: process.execPath, args: [PROXY, url, ...args], env, stderr: "pipe" });
  let said = "";
  transport.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const client = new Client({ name: "remit-client-test", version: "1.0.0" });
  try {
    await client.connect(transport);
  } catch (error) {
    await client.close();
    throw new Error(`mcp-remote did not connect: ${/^.*error:.*$/im.exec(said)?.[0] ?? said}`, { cause: error });
  }
  const progress: string[] = [];
  // The client forgets about a call once it is answered, and with it progress that came in one piece with the answer; so all of it is taken here.
  client.setNotificationHandler(ProgressNotificationSchema, ({ params }) => void progress.push(params.message ?? ""));
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, args) => (await client.callTool({ name, arguments: args }, undefined, { timeout: CALL_MS })).structuredContent,
    async streamTool(name, args) {
      const before = progress.length;
      await client.callTool({ name, arguments: args }, undefined, { onprogress: () => undefined });
      return progress.slice(before);
    },
    // Ends the child, with a signal when it does not go by itself.
    close: () => client.close(),
  };
}
