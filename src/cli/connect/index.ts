/** `remit connect`: how a client is given this server. */
import type { Command } from "commander";
import { originOf, parseConfig } from "../../config.ts";
import type { ClientFile, connectClients } from "../../connect/index.ts";
import { didYouMean } from "../../lib/did-you-mean.ts";
import { EXIT, ExitError } from "../exit.ts";
import { table } from "../table.ts";

interface Flags {
  readonly url?: string;
  readonly name: string;
  readonly write?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

type Client = ReturnType<typeof connectClients>[number];

const HELP = `
Clients:
  claude, claude-code, chatgpt, cursor, vscode, windsurf, gemini-cli, codex, mcp-remote

Every client is sent to the sign-in page when it connects for the first time, so no secret stands in what is printed or written.

Examples:
  remit connect cursor
  remit connect claude-code --url https://mcp.example.com/mcp --write`;

export function addConnectCommand(program: Command): void {
  program
    .command("connect")
    .description("Print what gives a client this server: a command, a link, or what belongs into its file.")
    .argument("[client]", "which; all of them are listed without")
    .option("--url <url>", "MCP URL of the server; the one of these settings without")
    .option("--name <name>", "what the client calls it", "remit")
    .option("--write", "put it into the client's file, beside what is there")
    .option("--force", "with --write: replace another server of the same name")
    .option("--json", "print JSON")
    .addHelpText("after", HELP)
    .action(connect);
}

async function connect(given: string | undefined, flags: Flags): Promise<void> {
  const { connectClients: clientsOf, clientFile, shortName } = await import("../../connect/index.ts");
  const mcpUrl = parseUrl(flags.url ?? `${originOf(parseConfig())}/mcp`);
  const clients = clientsOf({ name: flags.name, mcpUrl });
  if (given === undefined) return list(clients, flags);
  const client = clients.find(({ id }) => id === given) ?? unknown(given, clients);
  const file = clientFile(client.id, { id: shortName(flags.name), mcpUrl });
  if (flags.write === true) return write(client, file, flags);
  if (flags.json === true) return console.log(JSON.stringify(client));
  console.log(described(client));
  if (file !== undefined) console.error(`\nWith --write it is put into ${file.path}, beside what is there.`);
}

function list(clients: readonly Client[], { json }: Flags): void {
  if (json === true) return console.log(JSON.stringify(clients));
  console.log(
    table(
      ["CLIENT", "NAME"],
      clients.map(({ id, name }) => [id, name]),
    ),
  );
  console.error("\nNext: remit connect CLIENT");
}

function described({ name, about, deepLink, snippets }: Client): string {
  const link = deepLink === null ? [] : [`\nOpen:\n\n${indented(deepLink)}`];
  return [`${name}\n\n${about}`, ...link, ...snippets.map(({ title, text }) => `\n${title}:\n\n${indented(text)}`)].join("\n");
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

async function write(client: Client, file: ClientFile | undefined, { force, json }: Flags): Promise<void> {
  if (file === undefined)
    throw new ExitError(
      EXIT.usage,
      `${client.name} keeps its servers in no file of this computer. remit connect ${client.id} says how it gets one.`,
    );
  const { writeServer } = await import("./write-server.ts");
  const { path, backup, did } = await writeServer(file, force === true);
  if (json === true) return console.log(JSON.stringify({ file: path, backup: backup ?? null, did }));
  const kept = backup === undefined ? "" : ` What was there is kept in ${backup}.`;
  console.log(did === "nothing" ? `${path} has this server already.` : `${path} has the server ${file.id} now.${kept}`);
  console.error(`Next: open ${client.name}; it asks you to sign in when it connects for the first time.`);
}

function parseUrl(given: string): string {
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ExitError(EXIT.usage, `--url takes the MCP URL of a server, not ${given}.`);
  return given;
}

function unknown(given: string, clients: readonly Client[]): never {
  const ids = clients.map(({ id }) => id);
  const near = didYouMean(given, ids);
  throw new ExitError(
    EXIT.usage,
    `There is no client ${JSON.stringify(given)}. ${near === undefined ? `Known are ${ids.join(", ")}; mcp-remote is for all others.` : `Did you mean ${near}?`}`,
  );
}
