import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import * as z from "zod";
import { EXIT, ExitError } from "../exit.ts";
import { order } from "../order.ts";
import { instant, table } from "../table.ts";

const created = z.object({ clientId: z.string(), clientSecret: z.string().optional(), scope: z.string() });

const listed = z.array(
  z.object({
    id: z.string(),
    kind: z.string(),
    name: z.string(),
    scopes: z.string().nullable(),
    challenge: z.enum(["http", "in_band"]),
    used_at: z.number().nullable(),
    disabled_at: z.number().nullable(),
  }),
);

interface CreateOptions {
  readonly scope: string;
  readonly jwks?: string;
  readonly redirectUri?: readonly string[];
  readonly introspect?: boolean;
  readonly createdBy?: string;
  readonly challenge?: string;
  readonly json?: boolean;
}

export function addAgentCommands(program: Command): void {
  const agent = program.command("agent").description("Agents: OAuth clients that act with their own credentials.");
  addCreate(agent);
  agent
    .command("list")
    .description("Show every agent: those of operators, and clients that registered themselves.")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }) => {
      const value = await order({ order: "agent.list" });
      if (options.json === true) return console.log(JSON.stringify(value));
      const rows = listed.parse(value).map(({ id, kind, name, scopes, challenge, used_at, disabled_at }) => {
        return [id, kind, disabled_at === null ? "active" : "disabled", challenge, instant(used_at), name, scopes ?? "(as people grant)"];
      });
      console.log(table(["CLIENT ID", "KIND", "STATE", "CHALLENGE", "LAST USED", "NAME", "SCOPES"], rows));
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
  agent
    .command("enable")
    .description("Let a disabled agent ask for tokens again.")
    .argument("<client-id>", "as shown by the list")
    .option("--json", "print JSON")
    .action(async (clientId: string, options: { readonly json?: boolean }) => {
      await order({ order: "agent.enable", clientId });
      console.log(options.json === true ? '{"enabled":true}' : "The agent is enabled. The tokens that it had stay refused.");
    });
  addChallenge(agent);
}

function addCreate(agent: Command): void {
  agent
    .command("create")
    .description("Create an agent and show its credentials once.")
    .argument("<name>", "what people will call it")
    .requiredOption("--scope <scopes>", "what it may be granted, separated by spaces")
    .option("--jwks <file>", "its public keys as a JWK Set, for private_key_jwt instead of a secret")
    .option("--redirect-uri <uris...>", "where people who let it in are sent back to")
    .option("--introspect", "let it introspect every token, as a resource server does")
    .option("--created-by <email>", "who makes it: that person alone cannot approve its calls")
    .option(
      "--challenge <how>",
      "how it is told that it needs another scope: http (403, the default) or in_band (a result that its model reads)",
    )
    .option("--json", "print JSON")
    .action(async (name: string, options: CreateOptions) => {
      const jwks = options.jwks === undefined ? undefined : await readJwks(options.jwks);
      const value = await order({
        order: "agent.create",
        name,
        scopes: options.scope.split(/\s+/).filter(Boolean),
        jwks,
        ...(options.redirectUri === undefined ? {} : { redirectUris: [...options.redirectUri] }),
        createdBy: options.createdBy,
        ...(options.introspect === undefined ? {} : { mayIntrospect: options.introspect }),
        ...(options.challenge === undefined ? {} : { challenge: parseChallenge(options.challenge) }),
      });
      const { clientId, clientSecret, scope } = created.parse(value);
      if (options.json === true)
        console.log(JSON.stringify({ client_id: clientId, ...(clientSecret === undefined ? {} : { client_secret: clientSecret }), scope }));
      else console.log(describe({ clientId, clientSecret, scope }));
    });
}

function addChallenge(agent: Command): void {
  agent
    .command("challenge")
    .description("Choose how an agent is told that it needs another scope: by a 403, or by a result that its model reads.")
    .argument("<client-id>", "as shown by the list")
    .argument("<how>", "http or in_band")
    .option("--json", "print JSON")
    .action(async (clientId: string, how: string, options: { readonly json?: boolean }) => {
      const challenge = parseChallenge(how);
      await order({ order: "agent.challenge", clientId, challenge });
      const words = challenge === "in_band" ? "by results that its model reads" : "by a 403 with a challenge";
      console.log(options.json === true ? JSON.stringify({ challenge }) : `The agent is told from now on ${words}.`);
    });
}

function parseChallenge(how: string): "http" | "in_band" {
  if (how === "http" || how === "in_band") return how;
  throw new ExitError(EXIT.usage, `There is no challenge ${JSON.stringify(how)}; use http or in_band.`);
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
