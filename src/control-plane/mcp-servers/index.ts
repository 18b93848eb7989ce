import { listMcpServers } from "./list-mcp-servers.ts";
import { registerMcpServer } from "./register-mcp-server.ts";
import { switchMcpAuth } from "./switch-mcp-auth.ts";
import { updateMcpServer } from "./update-mcp-server.ts";

export const mcpServerTools = [listMcpServers, registerMcpServer, updateMcpServer, switchMcpAuth];
