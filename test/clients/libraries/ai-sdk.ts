/** The AI SDK's client. It sends no progress token, and its OAuth is for people only. */
import { answerOf } from "../sdk-clients.ts";
import { FIXED_TOKEN, PERSON, versionOf, type RealClient } from "../real-client.ts";

const WAYS = [
  ["Streamable HTTP", "2026-07-28"],
  ["HTTP+SSE", "2025-11-25"],
] as const;

export const aiSdkClients: readonly RealClient[] = WAYS.map(([transport, protocol]) => ({
  name: "@ai-sdk/mcp",
  version: versionOf("@ai-sdk/mcp"),
  transport,
  auth: "header",
  protocol,
  holds: "granted",
  refusal: "scope",
  lacks: { streamed: "has no option for progress", "step-up": FIXED_TOKEN },
  async connect({ url, sseUrl, token }) {
    const { createMCPClient, ElicitationRequestSchema } = await import("@ai-sdk/mcp");
    const headers = { Authorization: `Bearer ${token}` };
    const client = await createMCPClient({
      transport: transport === "HTTP+SSE" ? { type: "sse", url: sseUrl, headers } : { type: "http", url, headers },
      capabilities: { elicitation: {} },
    });
    client.onElicitationRequest(ElicitationRequestSchema, () => ({ action: "accept", content: { name: PERSON } }));
    return {
      listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
      callTool: async (name, args) => answerOf(await client.callTool({ name, arguments: args })),
      close: () => client.close(),
    };
  },
}));
