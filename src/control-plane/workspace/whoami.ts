import * as z from "zod";
import { defineTool } from "../../index.ts";

export const whoami = defineTool({
  name: "whoami",
  title: "Who am I",
  description: "Tells who you are here, whom you act for, in which workspace, with which scopes and until when. Call it first.",
  scopes: ["wks:read"],
  effect: "read",
  input: z.object({}),
  output: z.object({
    agent_id: z.string(),
    subject: z.string().describe("Whom you act for; agent_id when nobody."),
    workspace: z.object({ workspace_id: z.string(), name: z.string() }),
    scopes: z.array(z.string()).describe("All held."),
    token_expires_at: z.string(),
  }),
  examples: [
    {
      title: "Find out what this token allows",
      input: {},
      output: {
        agent_id: "agt_4mzq8w2kd7x0c5h9t1p6r3v2nb",
        subject: "agt_4mzq8w2kd7x0c5h9t1p6r3v2nb",
        workspace: { workspace_id: "wks_7b0c2d4e6f8a1b3c5d7e9f0a2b4c6d8e", name: "Acme" },
        scopes: ["wks:read"],
        token_expires_at: "2026-08-01T09:15:00.000Z",
      },
    },
  ],
  async run(_input, { caller, db }) {
    const { id, name } = await db
      .selectFrom("workspace")
      .select(["id", "name"])
      .where("id", "=", caller.workspaceId)
      .executeTakeFirstOrThrow();
    return {
      agent_id: caller.clientId,
      subject: caller.subject,
      workspace: { workspace_id: id, name },
      scopes: [...caller.held].sort(),
      token_expires_at: new Date(caller.expiresAt).toISOString(),
    };
  },
});
