import type { Command } from "commander";
import { parseConfig, type Config } from "../../config.ts";
import { didYouMean } from "../../lib/did-you-mean.ts";
import type { Server } from "../../server/index.ts";
import { openChannel, type Channel } from "../channel.ts";
import { EXIT, ExitError } from "../exit.ts";
import { DEFAULT_OWNER, firstStart, loadDeclared, type Declared, type FirstStart } from "../project/index.ts";
import { spareMemory } from "./spare-memory.ts";
import { startTracing } from "../tracing/index.ts";
import { version } from "../version.ts";

export function addStartCommand(program: Command): void {
  program
    .command("start", { isDefault: true })
    .argument("[module]", "module that exports scopes and tools; that of this project without, or else the control plane")
    .description("Run the server. The first start makes the data folder, keys, a workspace with an owner, and an agent.")
    .option("--owner <email>", "who owns the workspace that the first start of your own tools makes", DEFAULT_OWNER)
    .option("--json", "print one line of JSON once the server listens")
    .action(async (module: string | undefined, options: Options) => {
      // As it is the default command, it is also given the names of commands that there are not.
      if (module !== undefined && !/\.[cm]?[jt]s$/.test(module)) throw unknownCommand(module, program);
      await start(module, options);
    });
}

interface Options {
  readonly owner: string;
  readonly json?: boolean;
}

function unknownCommand(given: string, program: Command): ExitError {
  const near = didYouMean(
    given,
    program.commands.map((command) => command.name()),
  );
  const meant = near === undefined ? "remit --help shows the commands, remit start runs the server." : `Did you mean ${near}?`;
  return new ExitError(EXIT.usage, `There is no command ${JSON.stringify(given)}, and it is no module (.ts or .js). ${meant}`);
}

async function start(module: string | undefined, { owner, json }: Options): Promise<void> {
  await serve({
    module,
    owner,
    config: parseConfig(),
    onListening({ server, first }) {
      console.log(json === true ? JSON.stringify(listening(server, first)) : greeting(server, first));
    },
  });
}

export interface Serving {
  readonly module: string | undefined;
  /** Email of the owner that a first start makes. */
  readonly owner: string;
  readonly config: Config;
  /** What is to be told, and done until the end; it is not waited for. */
  onListening(listening: Listening, stopping: AbortSignal): void;
  /** What else ends it, with a word for the person. */
  readonly until?: Promise<string>;
}

export interface Listening {
  readonly declared: Declared;
  readonly server: Server;
  /** Undefined on a folder that was used before. */
  readonly first: FirstStart | undefined;
}

/** Runs a server until SIGINT or SIGTERM, or what else ends it; gives the reason. */
export async function serve({ module, owner, config, onListening, until }: Serving): Promise<string> {
  const endTracing = await startTracing();
  const { declared, server } = await open(config, module);
  // A stray promise of a tool is that tool's fault; it must not end everybody's server.
  process.on("unhandledRejection", (reason) => server.log.error({ err: reason }, "a promise was rejected and nobody handled it"));
  const stopping = new AbortController();
  let channel: Channel | undefined;
  try {
    // The port first: a secret that is shown once must not be made by a start that then fails.
    await server.listen();
    const first = await firstStart(server, declared, owner);
    channel = await openChannel(config.dataDir, server);
    const stopped = until === undefined ? stopSignal() : Promise.race([stopSignal(), until]);
    onListening({ declared, server, first }, stopping.signal);
    spareMemory();
    const reason = await stopped;
    process.stderr.write(`${reason}: finishing calls in flight.\n`);
    return reason;
  } finally {
    stopping.abort();
    const closed = server.close();
    await channel?.close(closed);
    await closed;
    await endTracing();
  }
}

async function open(config: Config, module: string | undefined): Promise<{ readonly declared: Declared; readonly server: Server }> {
  const [declared, { createServer }] = await Promise.all([loadDeclared(module), import("../../server/index.ts")]);
  return { declared, server: await createServer({ ...declared.options, config }) };
}

function listening(server: Server, agent: FirstStart | undefined) {
  return {
    event: "listening",
    mcp: server.mcpUrl,
    issuer: server.url,
    console: server.consoleUrl ?? null,
    sign_in: agent?.signInUrl ?? null,
    agent: agent === undefined ? null : { client_id: agent.clientId, client_secret: agent.clientSecret },
  };
}

export function greeting(server: Server, agent: FirstStart | undefined): string {
  const where = `Remit ${version} is running.\n\n  MCP URL  ${server.mcpUrl}\n  Issuer   ${server.url}\n${server.consoleUrl === undefined ? "" : `  Console  ${server.consoleUrl}\n`}`;
  if (agent === undefined) return `${where}\nNext: npx remit audit tail\n`;
  const { clientId, clientSecret, scope, signInUrl, owner, isDemo } = agent;
  const made = isDemo
    ? "A demo workspace was made, with an agent that may use it."
    : `A workspace was made, with an agent that has ${scope}.`;
  const shown = `\n${made} Its secret is shown only now:\n\n  client_id      ${clientId}\n  client_secret  ${clientSecret}\n`;
  const signIn = `\nSign in as ${owner}, the owner of the workspace (once, within 15 minutes; later: npx remit account link ${owner}):\n\n  ${signInUrl}\n`;
  const next = isDemo
    ? `REMIT_CLIENT_ID=${clientId} REMIT_CLIENT_SECRET=${clientSecret} npm run demo`
    : "npx remit connect\n  npx remit audit tail";
  return `${where}${shown}${signIn}\nNext, in another terminal:\n\n  ${next}\n`;
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => resolve(name));
  });
}
