import type { Command } from "commander";
import * as z from "zod";
import { order } from "../order.ts";
import { readSecret } from "../secret-input.ts";

const issued = z.object({ token: z.string(), scope: z.string(), expiresInSeconds: z.number() });

interface IssueOptions {
  readonly scope?: string;
  readonly ttl?: string;
  readonly json?: boolean;
}

export function addTokenCommands(program: Command): void {
  const token = program.command("token").description("Access tokens.");
  token
    .command("issue")
    .description("Issue an access token for an agent, for a header or a test.")
    .argument("<client-id>", "an agent that an operator made")
    .option("--scope <scopes>", "what it holds, separated by spaces; all that the agent may have without")
    .option("--ttl <seconds>", "how long it lives, at most 3600")
    .option("--json", "print JSON")
    .action(async (clientId: string, { scope, ttl, json }: IssueOptions) => {
      const limits = { ...(scope === undefined ? {} : { scope }), ...(ttl === undefined ? {} : { ttlSeconds: Number(ttl) }) };
      const value = issued.parse(await order({ order: "token.issue", clientId, ...limits }));
      const { token: accessToken, scope: granted, expiresInSeconds } = value;
      if (json === true) return console.log(JSON.stringify({ access_token: accessToken, scope: granted, expires_in: expiresInSeconds }));
      process.stderr.write(`scope ${granted}, ends in ${expiresInSeconds} seconds\n`);
      console.log(accessToken);
    });
  token
    .command("revoke")
    .description("Refuse an access token from now on. It is read from stdin or REMIT_TOKEN.")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      await order({ order: "token.revoke", token: await readSecret("REMIT_TOKEN", "Access token") });
      console.log(options.json === true ? '{"revoked":true}' : "The token is refused from now on.");
    });
}
