import * as z from "zod";
import { defineTool } from "../../index.ts";
import { findEnvironment, NO_SUCH_ENVIRONMENT } from "../access.ts";
import { environmentId } from "../parameters.ts";
import { SAMPLE } from "../samples.ts";

export const getEnvironmentCredentials = defineTool({
  name: "get_environment_credentials",
  title: "Get environment credentials",
  description: "Gets the .env file with which a program reaches an environment. Secrets are not in it.",
  scopes: ["env:read"],
  effect: "read",
  input: z.object({ environment_id: environmentId }),
  output: z.object({ env: z.string() }),
  examples: [
    {
      title: "For a .env file",
      input: { environment_id: SAMPLE.environmentId },
      output: {
        env: `REMIT_ISSUER=https://mcp.example.com\nREMIT_MCP_URL=https://mcp.example.com/mcp\nREMIT_WORKSPACE_ID=wks_7b0c2d4e6f8a1b3c5d7e9f0a2b4c6d8e\nREMIT_ENVIRONMENT_ID=${SAMPLE.environmentId}\nREMIT_CLIENT_ID=\n`,
      },
    },
  ],
  async run({ environment_id }, context) {
    const row = await findEnvironment(context, environment_id);
    if (row === undefined) return NO_SUCH_ENVIRONMENT;
    const { publicUrl, caller } = context;
    const settings = {
      REMIT_ISSUER: publicUrl,
      REMIT_MCP_URL: `${publicUrl}/mcp`,
      REMIT_WORKSPACE_ID: caller.workspaceId,
      REMIT_ENVIRONMENT_ID: row.id,
      REMIT_CLIENT_ID: "",
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    return { env: lines.join("") };
  },
});
