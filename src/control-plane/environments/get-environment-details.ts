import * as z from "zod";
import { defineTool } from "../../index.ts";
import { findEnvironment, NO_SUCH_ENVIRONMENT } from "../access.ts";
import { environmentId } from "../parameters.ts";
import { describeEnvironment, environmentDetails } from "./environment.ts";

export const getEnvironmentDetails = defineTool({
  name: "get_environment_details",
  title: "Get environment details",
  description: "Gets an environment with its kind and version.",
  scopes: ["env:read"],
  effect: "read",
  input: z.object({ environment_id: environmentId }),
  output: environmentDetails,
  examples: [
    {
      title: "Look at one environment",
      input: { environment_id: "env_3a5c7e9f1b2d4f6a8c0e1d3b5f7a9c2e" },
      output: {
        environment_id: "env_3a5c7e9f1b2d4f6a8c0e1d3b5f7a9c2e",
        name: "Production",
        slug: "production",
        kind: "production",
        created_at: "2026-01-05T08:00:00.000Z",
        version: 1,
      },
    },
  ],
  async run({ environment_id }, context) {
    const row = await findEnvironment(context, environment_id);
    return row === undefined ? NO_SUCH_ENVIRONMENT : describeEnvironment(row);
  },
});
