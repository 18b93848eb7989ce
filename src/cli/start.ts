import type { Command } from "commander";
import { parseConfig } from "../config.ts";
import type { Server } from "../server/index.ts";
import { openChannel, type Channel } from "./channel.ts";
import { EXIT, ExitError } from "./exit.ts";
import { openControlPlane } from "./load.ts";
import { startTracing } from "./tracing/index.ts";
import { version } from "./version.ts";

/** What the demo agent may do: enough to be useful, not enough for everything. */
const DEMO_SCOPES = ["wks:read", "env:write", "org:write", "docs:read"];

/** The demo's owner, whom the first start lets in. */
const DEMO_OWNER = "ada@acme.example";

/** What is shown once, by the first start only. */
interface FirstStart {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** A one-time link that signs the operator in. */
  readonly signInUrl: string;
}

export function addStartCommand(program: Command): void {
  program
    .command("start", { isDefault: true })
    .description("Run the server. The first start makes the data folder, keys, a demo workspace and a demo agent.")
    .option("--json", "print one line of JSON once the server listens")
    .action(start);
}

async function start(options: { readonly json?: boolean }): Promise<void> {
  const config = parseConfig();
  const endTracing = await startTracing();
  const server = await openControlPlane(config);
  // A stray promise of a tool is that tool's fault; it must not end everybody's server.
  process.on("unhandledRejection", (reason) => server.log.error({ err: reason }, "a promise was rejected and nobody handled it"));
  let channel: Channel | undefined;
  try {
    // The port first: a secret that is shown once must not be made by a start that then fails.
    await server.listen();
    const agent = await firstStart(server);
    channel = await openChannel(config.dataDir, server);
    if (options.json === true) console.log(JSON.stringify(listening(server, agent)));
    else console.log(greeting(server, agent));
    const signal = await stopSignal();
    process.stderr.write(`${signal}: finishing calls in flight.\n`);
  } finally {
    const closed = server.close();
    await channel?.close(closed);
    await closed;
    await endTracing();
  }
}

/** On an empty store: the demo workspace and its agent. Undefined on every later start. */
async function firstStart(server: Server): Promise<FirstStart | undefined> {
  const { seedDemo } = await import("../control-plane/index.ts");
  const seeded = await server.operator.seed(seedDemo);
  if (seeded === undefined) return undefined;
  const created = await server.operator.createAgent({ name: "Demo agent", scopes: DEMO_SCOPES, workspaceId: seeded.workspaceId });
  const link = await server.operator.createSignInLink(DEMO_OWNER);
  if ("problems" in created) throw new ExitError(EXIT.internal, created.problems.join("\n"));
  if ("problems" in link) throw new ExitError(EXIT.internal, link.problems.join("\n"));
  return { ...created, signInUrl: `${link.url}&return_to=/console` };
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

function greeting(server: Server, agent: FirstStart | undefined): string {
  const where = `Remit ${version} is running.\n\n  MCP URL  ${server.mcpUrl}\n  Issuer   ${server.url}\n${server.consoleUrl === undefined ? "" : `  Console  ${server.consoleUrl}\n`}`;
  if (agent === undefined) return `${where}\nNext: npx remit audit tail\n`;
  const run = `REMIT_CLIENT_ID=${agent.clientId} REMIT_CLIENT_SECRET=${agent.clientSecret} npm run demo`;
  const shown = `\nA demo workspace was made, with an agent that may use it. Its secret is shown only now:\n\n  client_id      ${agent.clientId}\n  client_secret  ${agent.clientSecret}\n`;
  const signIn = `\nSign in as the owner of the demo workspace (once, within 15 minutes; later: npx remit account link ${DEMO_OWNER}):\n\n  ${agent.signInUrl}\n`;
  return `${where}${shown}${signIn}\nNext, in another terminal:\n\n  ${run}\n`;
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => resolve(name));
  });
}
