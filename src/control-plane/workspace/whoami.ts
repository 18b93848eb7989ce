import * as z from "zod";
import { defineTool } from "../../index.ts";
import { scopes } from "../scopes.ts";

const SENTENCES = new Map(Object.entries(scopes).map(([name, scope]) => [name, scope.description]));

export const whoami = defineTool({
  name: "whoami",
  title: "Who am I",
  description:
    "Tells who you are here: your agent id, whom you act for, your workspace, the scopes you hold and when your token ends. Call it first, or to find out why something is refused.",
  scopes: ["wks:read"],
  effect: "read",
  input: z.object({}),
  output: z.object({
    agent_id: z.string(),
    subject: z.string().describe("Whom you act for; the same as agent_id when that is nobody else."),
    workspace: z.object({ workspace_id: z.string(), name: z.string() }),
    scopes: z
      .array(z.object({ name: z.string(), allows: z.string().nullable() }))
      .describe("All scopes held, those included in others too."),
    token_expires_at: z.string().describe("ISO 8601."),
  }),
  examples: [
    {
      title: "Find out what this token allows",
      input: {},
      output: {
        agent_id: "agt_4mzq8w2kd7x0c5h9t1p6r3v2nb",
        subject: "agt_4mzq8w2kd7x0c5h9t1p6r3v2nb",
        workspace: { workspace_id: "wks_7b0c2d4e6f8a1b3c5d7e9f0a2b4c6d8e", name: "Acme" },
        scopes: [{ name: "wks:read", allows: scopes["wks:read"].description }],
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
      scopes: [...caller.held].sort().map((scope) => ({ name: scope, allows: SENTENCES.get(scope) ?? null })),
      token_expires_at: new Date(caller.expiresAt).toISOString(),
    };
  },
});
