/** mcp-remote, the bridge of programs that know only stdio, as a child process. */
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ElicitRequestSchema, ProgressNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import {
  FIXED_TOKEN,
  INFO,
  NO_SSE_STEP_UP,
  PERSON,
  versionOf,
  type Connection,
  type Heard,
  type RealClient,
  type RefusalShown,
  type Target,
} from "./real-client.ts";
import { answerOf } from "./sdk-clients.ts";

const PROXY = fileURLToPath(new URL("../../node_modules/mcp-remote/dist/proxy.js", import.meta.url));
const CALL_MS = 10_000;
const WAYS = [
  { transport: "Streamable HTTP", mode: "http-only, legacy", flags: ["--transport", "http-only"], protocol: "2025-11-25" },
  {
    transport: "Streamable HTTP",
    mode: "http-only, auto",
    flags: ["--transport", "http-only", "--protocol", "auto"],
    protocol: "2026-07-28",
  },
  { transport: "HTTP+SSE", mode: "sse-only", flags: ["--transport", "sse-only"], protocol: "2025-11-25" },
] as const;

// What is secret goes by the environment, as its documentation says, so that no list of processes shows it.
const ARGUMENTS: Readonly<Record<RealClient["auth"], readonly string[]>> = {
  header: ["--header", "Authorization: Bearer ${REMIT_TOKEN}"],
  "client credentials": [
    "--client-credentials",
    "--static-oauth-client-info",
    '{"client_id":"${REMIT_ID}","client_secret":"${REMIT_SECRET}"}',
  ],
};

/**
 * At a 403 on Streamable HTTP it signs in anew by itself. With a header it registers and sends a person to their browser; nobody is there, so
 * the call ends by its time, and what was refused shows on record.
 */
function refusalOf(transport: RealClient["transport"], auth: RealClient["auth"]): RefusalShown {
  if (transport === "HTTP+SSE") return "scope";
  return auth === "header" ? "time-out" : "sign-in";
}

export const mcpRemoteClients: readonly RealClient[] = WAYS.flatMap(({ transport, mode, flags, protocol }) =>
  (["header", "client credentials"] as const).map((auth) => ({
    name: "mcp-remote",
    mode,
    version: versionOf("mcp-remote"),
    transport,
    auth,
    protocol,
    holds: auth === "header" ? "granted" : "baseline",
    refusal: refusalOf(transport, auth),
    lacks: {
      "step-up":
        auth === "header" ? FIXED_TOKEN : transport === "HTTP+SSE" ? NO_SSE_STEP_UP : "wants a person at a browser for more scopes",
    },
    connect: (target) => connect(target, [transport === "HTTP+SSE" ? target.sseUrl : target.url, ...ARGUMENTS[auth], ...flags]),
  })),
);

async function connect({ token, agent, home }: Target, args: readonly string[]): Promise<Connection> {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    REMIT_TOKEN: token,
    REMIT_ID: agent.clientId,
    REMIT_SECRET: agent.clientSecret,
    // Nothing to open at a sign-in.
    BROWSER: "true",
  };
  const transport = new StdioClientTransport({ command: process.execPath, args: [PROXY, ...args], env, stderr: "pipe" });
  let said = "";
  transport.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const client = new Client(INFO, { capabilities: { elicitation: { form: {} } } });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: { name: PERSON } }));
  try {
    await client.connect(transport);
  } catch (error) {
    await client.close();
    throw new Error(`mcp-remote did not connect: ${/^.*error:.*$/im.exec(said)?.[0] ?? said}`, { cause: error });
  }
  let hearing: Heard | undefined;
  client.setNotificationHandler(ProgressNotificationSchema, ({ params }) => hearing?.(params.message ?? ""));
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    async callTool(name, args, heard) {
      hearing = heard;
      const options = { timeout: CALL_MS, ...(heard === undefined ? {} : { onprogress: () => undefined }) };
      return answerOf(await client.callTool({ name, arguments: args }, undefined, options));
    },
    // Ends the child, with a signal when it does not go by itself.
    close: () => client.close(),
  };
}
