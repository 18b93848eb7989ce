/** Every client of the matrix, in every way of setting it up that is tried. */
import { inspectorClients } from "./inspector.ts";
import { aiSdkClients } from "./libraries/ai-sdk.ts";
import { langchainClients } from "./libraries/langchain.ts";
import { mastraClients } from "./libraries/mastra.ts";
import { openaiAgentsClients } from "./libraries/openai-agents.ts";
import { mcpRemoteClients } from "./mcp-remote.ts";
import type { RealClient } from "./real-client.ts";
import { sdkClients } from "./sdk-clients.ts";

export const CLIENTS: readonly RealClient[] = [
  ...sdkClients,
  ...inspectorClients,
  ...mcpRemoteClients,
  ...aiSdkClients,
  ...openaiAgentsClients,
  ...mastraClients,
  ...langchainClients,
];

export function labelOf({ name, mode, transport, auth }: RealClient): string {
  return [name, mode, transport, auth].filter(Boolean).join(", ");
}
