/** What a person types and sees, and how long it takes. */
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";

const run = promisify(execFile);
const MAX_SHOWN_LINES = 14;
const MAX_COMMAND_MS = 180_000;
/** Lines that say nothing to the point. */
const IDLE = /^(npm (warn|notice)|ℹ (suites|cancelled|skipped|todo))/;
const MAX_LINE_CHARS = 150;

export interface Transcript {
  readonly text: string;
  /** Milliseconds since the first step. */
  elapsedMs(): number;
  /** What a person reads between the steps. */
  say(text: string): void;
  /** A step that is no command, with what came of it. */
  step<T>(title: string, act: () => Promise<T>, show: (result: T) => string): Promise<T>;
  /** A command, as it is typed. Its stdout, with stderr when it has to fail by `code`. Rejects when it ends otherwise. */
  command(line: string, where: Where): Promise<string>;
}

export interface Where {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly code?: number;
}

export function createTranscript(): Transcript {
  const startedMs = performance.now();
  const lines: string[] = [];
  const elapsedMs = () => performance.now() - startedMs;

  function add(text: string): void {
    lines.push(text);
    console.log(text);
  }

  function shown(output: string): void {
    const all = stripVTControlCharacters(output)
      .trimEnd()
      .split("\n")
      .filter((line) => !IDLE.test(line));
    const cut =
      all.length > MAX_SHOWN_LINES ? [...all.slice(0, MAX_SHOWN_LINES - 2), `… ${all.length - MAX_SHOWN_LINES + 2} lines more`] : all;
    for (const line of cut) add(line === "" ? "" : `    ${line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS)} …` : line}`);
  }

  async function step<T>(title: string, act: () => Promise<T>, show: (result: T) => string): Promise<T> {
    const sinceMs = performance.now();
    const result = await act();
    add(`[${(elapsedMs() / 1000).toFixed(1)} s] ${title}   (${((performance.now() - sinceMs) / 1000).toFixed(1)} s)`);
    shown(show(result));
    return result;
  }

  return {
    get text() {
      return lines.join("\n");
    },
    elapsedMs,
    say: (text) => add(`\n${text}`),
    step,
    command: (line, where) =>
      step(
        `$ ${line}`,
        () => execute(line, where),
        (stdout) => stdout,
      ),
  };
}

/** Words between spaces, or in single quotes. */
async function execute(line: string, { cwd, env, code = 0 }: Where): Promise<string> {
  const [file = "", ...args] = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "");
  const ended = await run(file, args, { cwd, timeout: MAX_COMMAND_MS, env: { ...environment(), ...env } }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
    (error: { readonly code?: number; readonly stdout?: string; readonly stderr?: string }) => ({
      code: error.code ?? 1,
      stdout: error.stdout ?? "",
      stderr: error.stderr ?? "",
    }),
  );
  if (ended.code !== code) throw new Error(`${line} ended with ${ended.code}, not ${code}:\n${ended.stdout}\n${ended.stderr}`);
  return code === 0 ? ended.stdout : `${ended.stdout}${ended.stderr}`;
}

/** That of this process without what this project set in it, and with this Node first. */
export function environment(): Record<string, string> {
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || /^(npm_(lifecycle|package)_|npm_command$|NODE_(TEST|OPTIONS|COMPILE|V8)|REMIT_|PORT$|HOST$|INIT_CWD$)/.test(name)
      ? []
      : [[name, value] as const],
  );
  return { ...Object.fromEntries(kept), PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`, NO_COLOR: "1" };
}
