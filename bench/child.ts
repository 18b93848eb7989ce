import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** A process that was started here. */
export interface Child {
  readonly pid: number;
  /** The first line on its stdout that is a JSON object. Rejects when it ends before that. */
  readonly firstJson: Promise<Readonly<Record<string, unknown>>>;
  /** Its exit code, or null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Sends a signal to this process alone and waits until it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

export interface ChildOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The CPU it may run on; all where undefined or where there is no `taskset`. */
  readonly cpu?: number | undefined;
  /** Written to its stdin. */
  readonly input?: string;
  /** Told each line of its stdout. */
  readonly onLine?: (line: string) => void;
}

const STDERR_KEPT_CHARS = 4000;
const running = new Set<ChildProcess>();
let isGuarded = false;

/** Whether servers and load can be kept on CPUs of their own. */
export function canPin(): boolean {
  return spawnSync("taskset", ["-c", "0,1", process.execPath, "--version"]).status === 0;
}

/** Starts Node with `args`; it is ended with this process at the latest. */
export function startNode(args: readonly string[], options: ChildOptions = {}): Child {
  guard();
  const { cpu, env, input, onLine } = options;
  // taskset replaces itself with node, so the process id is that of node.
  const command = cpu === undefined ? [process.execPath, ...args] : ["taskset", "-c", String(cpu), process.execPath, ...args];
  const child = spawn(command[0] ?? process.execPath, command.slice(1), {
    env: { ...process.env, NODE_ENV: "production", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  void ended.then(() => running.delete(child));
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-STDERR_KEPT_CHARS)));
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  const firstJson = new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      onLine?.(line);
      if (line.startsWith("{")) resolve(JSON.parse(line) as Readonly<Record<string, unknown>>);
    });
    child.once("error", reject);
    void ended.then(() =>
      reject(new Error(`${args.join(" ")} ended (${child.exitCode ?? child.signalCode}) before it said where it listens:\n${stderr}`)),
    );
  });
  // Who does not wait for it does not care that it never came.
  firstJson.catch(() => {});
  return {
    pid: child.pid ?? 0,
    firstJson,
    ended,
    async end(signal = "SIGKILL") {
      child.kill(signal);
      await ended;
    },
  };
}

/** No child outlives this process, however that ends; `kill -9` of this process excepted. */
function guard(): void {
  if (isGuarded) return;
  isGuarded = true;
  process.once("exit", () => {
    for (const child of running) child.kill("SIGKILL");
  });
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)
    process.once(signal, () => process.exit(code));
}
