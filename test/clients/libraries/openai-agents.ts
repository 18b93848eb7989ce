/** The OpenAI Agents SDK: its servers of tools, without an agent around them. */
import { ClientCredentialsProvider } from "@modelcontextprotocol/client";
import { answerOf, credentialsOf } from "../sdk-clients.ts";
import { FIXED_TOKEN, NO_SSE_STEP_UP, versionOf, type RealClient } from "../real-client.ts";

const WAYS = [
  ["Streamable HTTP", "header", "2026-07-28"],
  ["Streamable HTTP", "client credentials", "2026-07-28"],
  ["HTTP+SSE", "header", "2025-11-25"],
  ["HTTP+SSE", "client credentials", "2025-11-25"],
] as const;

export const openaiAgentsClients: readonly RealClient[] = WAYS.map(([transport, auth, protocol]) => ({
  name: "@openai/agents",
  version: versionOf("@openai/agents"),
  transport,
  auth,
  protocol,
  holds: auth === "header" ? "granted" : "baseline",
  refusal: auth === "header" || transport === "HTTP+SSE" ? "scope" : "403",
  lacks: {
    streamed: "has no option for progress",
    ...(auth === "header" ? { "step-up": FIXED_TOKEN } : transport === "HTTP+SSE" ? { "step-up": NO_SSE_STEP_UP } : {}),
    asked: "does not say that it can be asked",
  },
  async connect(target) {
    const { MCPServerSSE, MCPServerStreamableHttp } = await import("@openai/agents");
    const options =
      auth === "header"
        ? { requestInit: { headers: { Authorization: `Bearer ${target.token}` } } }
        : { authProvider: new ClientCredentialsProvider(credentialsOf(target)) };
    const server =
      transport === "HTTP+SSE"
        ? new MCPServerSSE({ url: target.sseUrl, ...options })
        : new MCPServerStreamableHttp({ url: target.url, ...options });
    await server.connect();
    return {
      listTools: async () => (await server.listTools()).map(({ name }) => name),
      callTool: async (name, args) => answerOf(await server.callToolResult(name, { ...args })),
      close: () => server.close(),
    };
  },
}));
