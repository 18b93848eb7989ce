import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import * as z from "zod";
import { EXIT, ExitError } from "./exit.ts";
import { order } from "./order.ts";
import { instant, table } from "./table.ts";

const created = z.object({ clientId: z.string(), clientSecret: z.string().optional(), scope: z.string() });

const listed = z.array(
  z.object({
    id: z.string(),
    kind: z.string(),
    name: z.string(),
    scopes: z.string().nullable(),
    used_at: z.number().nullable(),
    disabled_at: z.number().nullable(),
  }),
);

interface CreateOptions {
  readonly scope: string;
  readonly jwks?: string;
  readonly redirectUri?: readonly string[];
  readonly introspect?: boolean;
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
    .option("--redirect-uri <uris...>", "where people who let it in are sent back to")
    .option("--introspect", "let it introspect every token, as a resource server does")
    .option("--json", "print JSON")
    .action(async (name: string, options: CreateOptions) => {
      const jwks = options.jwks === undefined ? undefined : await readJwks(options.jwks);
      const value = await order({
        order: "agent.create",
        name,
        scopes: options.scope.split(/\s+/).filter(Boolean),
        jwks,
        ...(options.redirectUri === undefined ? {} : { redirectUris: [...options.redirectUri] }),
        ...(options.introspect === undefined ? {} : { mayIntrospect: options.introspect }),
      });
      const { clientId, clientSecret, scope } = created.parse(value);
      if (options.json === true)
        console.log(JSON.stringify({ client_id: clientId, ...(clientSecret === undefined ? {} : { client_secret: clientSecret }), scope }));
      else console.log(describe({ clientId, clientSecret, scope }));
    });
  agent
    .command("list")
    .description("Show every agent: those of operators, and clients that registered themselves.")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      const value = await order({ order: "agent.list" });
      if (options.json === true) return console.log(JSON.stringify(value));
      const rows = listed.parse(value).map(({ id, kind, name, scopes, used_at, disabled_at }) => {
        return [id, kind, disabled_at === null ? "active" : "disabled", instant(used_at), name, scopes ?? "(as people grant)"];
      });
      console.log(table(["CLIENT ID", "KIND", "STATE", "LAST USED", "NAME", "SCOPES"], rows));
    });
  agent
    .command("disable")
    .description("Refuse an agent from now on, and every token that it has.")
    .argument("<client-id>", "as shown by the list")
    .option("--json", "print JSON")
    .action(async (clientId: string, options: { readonly json?: boolean }) => {
      await order({ order: "agent.disable", clientId });
      console.log(options.json === true ? '{"disabled":true}' : "The agent is disabled. Its tokens are refused from now on.");
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
