/** LangChain's adapters: an agent's tools are made of the list; what programs read of a result is its artifact. */
import { ClientCredentialsProvider } from "@modelcontextprotocol/sdk/client/auth-extensions.js";
import * as z from "zod";
import { FIXED_TOKEN, HOLDS_ALL, versionOf, type Heard, type RealClient } from "../real-client.ts";
import { credentialsOf } from "../sdk-clients.ts";

const WAYS = [
  ["Streamable HTTP", "header"],
  ["Streamable HTTP", "client credentials"],
  ["HTTP+SSE", "header"],
  ["HTTP+SSE", "client credentials"],
] as const;

const Message = z.object({ content: z.unknown(), artifact: z.array(z.object({ type: z.string(), data: z.unknown().optional() })) });

export const langchainClients: readonly RealClient[] = WAYS.map(([transport, auth]) => ({
  name: "@langchain/mcp-adapters",
  version: versionOf("@langchain/mcp-adapters"),
  transport,
  auth,
  protocol: "2025-11-25",
  holds: "granted",
  refusal: auth === "header" || transport === "HTTP+SSE" ? "scope" : "403",
  callsListedToolsOnly: true,
  lacks: { "step-up": auth === "header" ? FIXED_TOKEN : HOLDS_ALL, asked: "does not say that it can be asked" },
  async connect(target) {
    const { MultiServerMCPClient } = await import("@langchain/mcp-adapters");
    let hearing: Heard | undefined;
    const client = new MultiServerMCPClient({
      mcpServers: {
        remit: {
          ...(transport === "HTTP+SSE" ? { transport: "sse", url: target.sseUrl } : { transport: "http", url: target.url }),
          automaticSSEFallback: false,
          ...(auth === "header"
            ? { headers: { Authorization: `Bearer ${target.token}` } }
            : { authProvider: new ClientCredentialsProvider(credentialsOf(target)) }),
        },
      },
      onProgress: ({ message = "" }) => hearing?.(message),
    });
    const tools = await client.getTools();
    return {
      listTools: async () => tools.map(({ name }) => name),
      async callTool(name, args, heard) {
        const tool = tools.find((tool) => tool.name === name);
        if (tool === undefined) throw new Error(`no tool ${name}`);
        hearing = heard;
        const message = Message.parse(await tool.invoke({ type: "tool_call", id: "call", name, args: { ...args } }));
        return message.artifact.find(({ type }) => type === "mcp_structured_content")?.data ?? message.content;
      },
      close: () => client.close(),
    };
  },
}));
