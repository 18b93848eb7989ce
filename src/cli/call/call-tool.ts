import { text } from "node:stream/consumers";
import { WIRE } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import { explainCall } from "../explain/index.ts";
import { EXIT, ExitError } from "../exit.ts";
import { askServer, type Told } from "../wire/index.ts";
import { findAgent, openCaller } from "./caller.ts";
import type { CallFlags } from "./index.ts";
import { parseArguments, parseObject } from "./parse-arguments.ts";

export async function callTool(tool: string, words: readonly string[], flags: CallFlags): Promise<void> {
  if (!(flags.timeout > 0)) throw new ExitError(EXIT.usage, "--timeout takes a number of seconds.");
  const args = words.length === 1 && words[0] === "-" ? parseObject(await text(process.stdin)) : parseArguments(words);
  const agent = await findAgent(flags.as);
  if (flags.explain === true) return explainCall({ tool, arguments: args, agent, scopes: flags.scope }, flags.json === true);
  const { destination, token, scope } = await openCaller(agent, flags.scope);
  try {
    const signal = AbortSignal.timeout(flags.timeout * 1000);
    const asking = { send: destination.send, token, signal, onNotification: showProgress };
    const told = await askServer(asking, "tools/call", { name: tool, arguments: args }).catch((error: unknown) => {
      const why = signal.aborted ? `no answer came within ${flags.timeout} seconds; it was told to stop` : messageOf(error);
      throw new ExitError(signal.aborted ? EXIT.failed : EXIT.unreachable, `${tool}: ${why}.`);
    });
    if (flags.json === true) console.log(JSON.stringify(told.body ?? null));
    process.exitCode = show(told, { tool, scope, isQuiet: flags.json === true });
  } finally {
    await destination.close();
  }
}

interface Shown {
  readonly tool: string;
  readonly scope: string;
  /** The answer is printed already. */
  readonly isQuiet: boolean;
}

/** Prints an answer for a person and gives the exit code for it. */
function show({ status, body = {} }: Told, { tool, scope, isQuiet }: Shown): number {
  const { result, error } = body;
  if (isRecord(result)) {
    if (!isQuiet) console.log(textOf(result));
    return result["isError"] === true ? EXIT.toolError : EXIT.ok;
  }
  const isMissing = status === 403 && error === "insufficient_scope";
  const message = isRecord(error) && typeof error["message"] === "string" ? error["message"] : undefined;
  const described = typeof body["error_description"] === "string" ? body["error_description"] : message;
  console.error(`${tool} was not done: ${described ?? `the server answered with HTTP ${status}`}`);
  if (isMissing) console.error(`The call held ${scope}.\nNext: the same with --explain says what is missing and what would change it.`);
  const code = isRecord(error) ? error["code"] : undefined;
  if (status === 401 || status === 403 || code === WIRE.policy_denied.rpc) return EXIT.denied;
  return status === WIRE.not_known.status && code === WIRE.not_known.rpc ? EXIT.notFound : EXIT.failed;
}

/** What a model would read; content that is no text is said in a line of JSON. */
function textOf({ content, structuredContent }: Readonly<Record<string, unknown>>): string {
  const parts = Array.isArray(content) ? (content as readonly unknown[]) : [];
  const texts = parts.map((part) => (isRecord(part) && typeof part["text"] === "string" ? part["text"] : JSON.stringify(part)));
  return texts.length > 0 ? texts.join("\n") : JSON.stringify(structuredContent ?? null);
}

function showProgress({ method, params }: Readonly<Record<string, unknown>>): void {
  if (!isRecord(params)) return;
  if (method === "notifications/progress") {
    const { progress, total, message } = params;
    const far = typeof total === "number" ? `${Number(progress)} of ${total}` : `${Number(progress)}`;
    console.error(typeof message === "string" ? `${far}  ${message}` : far);
  } else if (method === "notifications/message") console.error(JSON.stringify(params["data"]));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
