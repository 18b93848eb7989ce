import { Console } from "node:console";
import { parseConfig, type Config } from "../../config.ts";
import type { Server } from "../../server/index.ts";
import { EXIT, ExitError } from "../exit.ts";
import { createBridge } from "./bridge.ts";
import { openLocal, openRemote, type Destination } from "../wire/index.ts";
import { readLines } from "./lines.ts";
import { createOutput } from "./output.ts";
import type { StdioOptions } from "./index.ts";
import { NO_TOKEN } from "./told.ts";

export async function stdio(options: StdioOptions): Promise<void> {
  // Whatever prints: stdout carries the protocol and nothing else.
  globalThis.console = new Console(process.stderr, process.stderr);
  const config = parseConfig();
  const token = process.env["REMIT_TOKEN"] || undefined;
  const shown = new Set<string>();
  function warn(text: string): void {
    if (shown.has(text)) return;
    shown.add(text);
    process.stderr.write(`${text}\n`);
  }
  if (token === undefined) warn(NO_TOKEN.message);
  const destination = await open(options, config, (server) => alone(server, warn));
  const output = createOutput(process.stdout);
  const bridge = createBridge({ send: destination.send, token, maxLineBytes: config.maxBodyBytes, write: output.write, warn });
  const { stdin } = process;
  const isGone = stopReading(stdin, output.broken);
  try {
    for await (const line of readLines(stdin, config.maxBodyBytes)) await bridge.take(line);
  } catch (error) {
    if (!isGone.now) throw error;
  } finally {
    await bridge.close(isGone.now ? 0 : config.drainSeconds * 1000);
    await destination.close();
  }
}

function open({ url, remote }: StdioOptions, config: Config, onAlone: (server: Server) => void): Promise<Destination> {
  if (url !== undefined) return openRemote(url, config);
  if (remote !== true) return openLocal(config, onAlone);
  if (config.url === undefined) throw new ExitError(EXIT.usage, "--remote reaches the server at REMIT_URL, which is not set.");
  return openRemote(`${config.url}/mcp`, config);
}

/** A signal, or a host that reads no more, ends the input. */
function stopReading(stdin: NodeJS.ReadStream, broken: Promise<void>): { readonly now: boolean } {
  const state = { now: false };
  function stop(): void {
    state.now = true;
    stdin.destroy();
  }
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, stop);
  void broken.then(stop);
  return state;
}

function alone(server: Server, warn: (text: string) => void): void {
  // A stray promise of a tool is that tool's fault; it must not end the calls beside it.
  process.on("unhandledRejection", (reason) => server.log.error({ err: reason }, "a promise was rejected and nobody handled it"));
  warn("No server runs on this data folder, so this process is it. Nothing listens: sign-in, consent and other pages need `remit start`.");
}
