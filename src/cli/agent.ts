import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import * as z from "zod";
import { EXIT, ExitError } from "./exit.ts";
import { order } from "./order.ts";

const created = z.object({ clientId: z.string(), clientSecret: z.string().optional(), scope: z.string() });

interface CreateOptions {
  readonly scope: string;
  readonly jwks?: string;
  readonly json?: boolean;
}

export function addAgentCommands(program: Command): void {
  const agent = program.command("agent").description("Agents: OAuth clients that act with their own credentials.");
  agent
    .command("create")
    .description("Create an agent and show its credentials once.")
    .argument("<name>", "what people will call it")
    .requiredOption("--scope <scopes>", "what it may be granted, separated by spaces")
    .option("--jwks <file>", "its public keys as a JWK Set, for private_key_jwt instead of a secret")
    .option("--json", "print JSON")
    .action(async (name: string, options: CreateOptions) => {
      const jwks = options.jwks === undefined ? undefined : await readJwks(options.jwks);
      const value = await order({ order: "agent.create", name, scopes: options.scope.split(/\s+/).filter(Boolean), jwks });
      const { clientId, clientSecret, scope } = created.parse(value);
      if (options.json === true)
        console.log(JSON.stringify({ client_id: clientId, ...(clientSecret === undefined ? {} : { client_secret: clientSecret }), scope }));
      else console.log(describe({ clientId, clientSecret, scope }));
    });
}

function describe({ clientId, clientSecret, scope }: z.infer<typeof created>): string {
  const secret =
    clientSecret === undefined
      ? "It signs in with its own key (private_key_jwt)."
      : `client_secret  ${clientSecret}\nThe secret is shown only now: keep it where the agent runs.`;
  return `client_id      ${clientId}\nscope          ${scope}\n${secret}`;
}

async function readJwks(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new ExitError(EXIT.notFound, `There is no file ${file} that can be read.`);
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new ExitError(EXIT.failed, `${file} is not JSON. It must be a JWK Set: {"keys":[…]} with public keys only.`);
  }
}
