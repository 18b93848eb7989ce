/** The server of a project, started as its owner starts it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as z from "zod";
import { environment } from "./transcript.ts";

const lineSchema = z.object({
  mcp: z.url(),
  issuer: z.url(),
  console: z.url(),
  sign_in: z.url(),
  agent: z.object({ client_id: z.string(), client_secret: z.string() }),
});

export type Listening = z.infer<typeof lineSchema>;

export interface Served {
  readonly line: Listening;
  /** Asks it to stop; its exit code. */
  stop(): Promise<number | null>;
}

export async function serve(cwd: string, env: Readonly<Record<string, string>>): Promise<Served> {
  const { line, stop } = await startProgram([join(cwd, "node_modules/remit/bin/remit.js"), "start", "--json"], { cwd, env });
  return { line: lineSchema.parse(line), stop };
}

/** A program that prints a line of JSON once it serves. */
export async function startProgram(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<{ readonly line: unknown; stop(): Promise<number | null> }> {
  const child = spawn(process.execPath, args, { cwd, env: { ...environment(), ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    return ended;
  };
  for await (const text of createInterface({ input: child.stdout })) return { line: JSON.parse(text) as unknown, stop };
  throw new Error(`the server ended with ${await ended} before it listened`);
}

/** A port that nobody listens on at this moment; the commands of a project name the server by it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
