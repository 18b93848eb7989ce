/** `remit stdio` as a program of its own, spoken to line by line. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { VERSION } from "../../support/remit.ts";

export const BIN = fileURLToPath(new URL("../../../bin/remit.js", import.meta.url));

export interface JsonLine extends Record<string, unknown> {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface StdioProgram {
  write(line: string | object): void;
  /** The first line from now on, or one that was not taken yet, that fits. Rejects when the program ends before. */
  next(fits: (line: JsonLine) => boolean): Promise<JsonLine>;
  /** Closes stdin and waits for the end. */
  end(): Promise<{ readonly code: number | null; readonly lines: readonly JsonLine[]; readonly stderr: string }>;
  stderr(): string;
}

/** Starts it; it is killed when the test ends. Every line of stdout must be JSON. */
export function startStdio(t: Pick<TestContext, "after">, args: readonly string[], env: Record<string, string>): StdioProgram {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [BIN, "stdio", ...args], { env: { PATH, HOME, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  child.stdin.on("error", () => undefined);
  const lines: JsonLine[] = [];
  const taken = new Set<JsonLine>();
  let stderr = "";
  let look: () => void = () => undefined;
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(JSON.parse(line) as JsonLine);
    look();
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    write: (line) => void child.stdin.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`),
    next: (fits) =>
      new Promise((resolve, reject) => {
        look = () => {
          const found = lines.find((line) => !taken.has(line) && fits(line));
          if (found === undefined) return;
          taken.add(found);
          look = () => undefined;
          resolve(found);
        };
        look();
        const late = setTimeout(() => reject(new Error(`it did not come in ten seconds: ${JSON.stringify(lines)} ${stderr}`)), 10_000);
        void ended
          .finally(() => clearTimeout(late))
          .then(() => reject(new Error(`the program ended first: ${JSON.stringify(lines)} ${stderr}`)));
      }),
    async end() {
      child.stdin.end();
      return { code: await ended, lines, stderr };
    },
    stderr: () => stderr,
  };
}

const META = { "io.modelcontextprotocol/protocolVersion": VERSION, "io.modelcontextprotocol/clientCapabilities": {} };

/** A request as clients of 2026-07-28 write it. */
export function modern(id: string | number, method: string, params: object = {}, meta: object = {}) {
  return { jsonrpc: "2.0", id, method, params: { ...params, _meta: { ...META, ...meta } } };
}

export function modernCall(id: string | number, name: string, args: object = {}, meta: object = {}) {
  return modern(id, "tools/call", { name, arguments: args }, meta);
}

/** A request as clients of earlier revisions write it. */
export function legacy(id: string | number, method: string, params: object = {}) {
  return { jsonrpc: "2.0", id, method, params };
}

export const INITIALIZE = legacy("init", "initialize", {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
});
export const INITIALIZED = { jsonrpc: "2.0", method: "notifications/initialized" };
