/** Mastra's client: an agent's tools are functions that it makes of the list. */
import type { MastraMCPServerDefinition } from "@mastra/mcp";
import { ClientCredentialsProvider } from "@modelcontextprotocol/client";
import { FIXED_TOKEN, PERSON, versionOf, type Heard, type RealClient } from "../real-client.ts";
import { answerOf, credentialsOf } from "../sdk-clients.ts";

const SERVER = "remit";
/** Its tools are called by agents; what those would give along is not needed by tools of a server. */
const NO_AGENT = {} as never;

export const mastraClients: readonly RealClient[] = (["header", "client credentials"] as const).map((auth) => ({
  name: "@mastra/mcp",
  version: versionOf("@mastra/mcp"),
  transport: "Streamable HTTP",
  auth,
  protocol: "2026-07-28",
  holds: auth === "header" ? "granted" : "baseline",
  refusal: auth === "header" ? "scope" : "403",
  callsListedToolsOnly: true,
  lacks: auth === "header" ? { "step-up": FIXED_TOKEN } : {},
  async connect(target) {
    const { MCPClient } = await import("@mastra/mcp");
    const definition: MastraMCPServerDefinition = {
      url: new URL(target.url),
      enableProgressTracking: true,
      inputRequests: () => Promise.resolve({ action: "accept", content: { name: PERSON } }),
      ...(auth === "header"
        ? { requestInit: { headers: { Authorization: `Bearer ${target.token}` } } }
        : // Its types are those of an older release of the same package.
          { authProvider: new ClientCredentialsProvider(credentialsOf(target)) as never }),
    };
    const client = new MCPClient({ servers: { [SERVER]: definition } });
    let hearing: Heard | undefined;
    await client.progress.onUpdate(SERVER, ({ message = "" }) => hearing?.(message));
    const tools = async () => (await client.listToolsets())[SERVER] ?? {};
    return {
      listTools: async () => Object.keys(await tools()),
      async callTool(name, args, heard) {
        const tool = (await tools())[name];
        if (tool?.execute === undefined) throw new Error(`no tool ${name}`);
        hearing = heard;
        return answerOf((await tool.execute({ ...args }, NO_AGENT)) as object);
      },
      close: () => client.disconnect(),
    };
  },
}));
