import type { Command } from "commander";
import * as z from "zod";
import { order } from "../order.ts";
import { instant, table } from "../table.ts";

const listed = z.array(
  z.object({
    id: z.string(),
    kind: z.string(),
    client_id: z.string(),
    subject: z.string(),
    scopes: z.string(),
    created_at: z.number(),
    expires_at: z.number().nullable(),
  }),
);

export function addGrantCommands(program: Command): void {
  const grant = program.command("grant").description("Grants: what was allowed to which agent, by whom.");
  grant
    .command("list")
    .description("Show every live grant, newest first.")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      const value = await order({ order: "grant.list" });
      if (options.json === true) return console.log(JSON.stringify(value));
      const rows = listed.parse(value).map((row) => {
        return [row.id, row.kind, row.client_id, row.subject, instant(row.created_at), instant(row.expires_at), row.scopes];
      });
      console.log(table(["GRANT", "KIND", "CLIENT ID", "FOR", "SINCE", "UNTIL", "SCOPES"], rows));
    });
  grant
    .command("revoke")
    .description("End a grant with all its tokens, and all that was narrowed from it.")
    .argument("<grant>", "as shown by the list")
    .option("--json", "print JSON")
    .action(async (grantId: string, options: { readonly json?: boolean }) => {
      await order({ order: "grant.revoke", grantId });
      console.log(options.json === true ? '{"revoked":true}' : "The grant is revoked. Its tokens are refused from now on.");
    });
}
