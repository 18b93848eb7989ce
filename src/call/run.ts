import { inspect } from "node:util";
import { isRefusal, refuse, type Refusal } from "../errors.ts";
import type { Log } from "../lib/log.ts";
import { createId } from "../lib/id.ts";
import {
  isUndoable,
  specialKind,
  toBlock,
  type ContentAnswer,
  type ContentBlock,
  type InputRequired,
  type Target,
  type ToolError,
} from "../tool/index.ts";
import type { Answer, Call, Ended } from "./call.ts";
import type { ContextFactory, RunningContext } from "./context.ts";
import { answerInputRequired } from "./input-required.ts";
import { isGenerator, isLarge, isSmall, runGenerator, type Results, type Whole } from "./results/index.ts";
import { RequiredCapability } from "./capability.ts";
import type { Deadlines } from "./running/index.ts";
import type { Input } from "./validate.ts";

export interface Runner {
  readonly contexts: ContextFactory;
  readonly deadlines: Deadlines;
  readonly log: Log;
  readonly stateKey: Uint8Array;
  readonly results: Results;
}

/** Runs a tool on a validated input, and makes of what it returns an answer that fits its output schema and its budget. */
export function runTool(runner: Runner, call: Call, input: Input): Ended | Promise<Ended> {
  const { target } = input.grant;
  return execute(runner, call, {
    target,
    timeoutMs: call.request.task?.timeoutMs ?? target.timeoutMs,
    start(context) {
      const value: unknown = target.tool.run(input.value as never, context as never);
      return isGenerator(value) ? runGenerator(value, context) : value;
    },
    finish: (value, context) => toolAnswer({ runner, call, target, value, context }),
  });
}

export interface Work<V> {
  readonly target: Target;
  readonly timeoutMs: number;
  start(context: RunningContext): V | Promise<V>;
  finish(value: V, context: RunningContext): Ended | Promise<Ended>;
}

/** Runs a declaration's code with a deadline and cancellation. Whatever it throws becomes an id that only our log explains. */
export function execute<V>(runner: Runner, call: Call, work: Work<V>): Ended | Promise<Ended> {
  const context = runner.contexts.create(call);
  if (isRefusal(context)) return { outcome: "refused", answer: context };
  try {
    const value = work.start(context);
    if (value instanceof Promise) return executeLater(runner, call, { work, value, context });
    const ended = work.finish(value, context);
    context.end();
    return ended instanceof Promise ? finishLater(runner, call, { context, ended }) : sealed(context, ended);
  } catch (error) {
    context.end();
    return failure(runner.log, call, unleaked(context, error));
  }
}

/** A result that holds a credential of an upstream is a fault, and nothing of it is shown. */
function sealed(context: RunningContext, ended: Ended): Ended {
  if (!isRefusal(ended.answer) && context.leaks(ended.answer.json)) throw leak();
  return ended;
}

function leak(): Error {
  return new Error("A result holds a credential of an upstream.");
}

/** What a tool threw, unless it holds a credential of an upstream: that belongs in no log. */
function unleaked(context: RunningContext, error: unknown): unknown {
  const text = error instanceof Error ? `${error.stack} ${JSON.stringify(error.cause)}` : String(error);
  return context.leaks(text) ? new Error("What was thrown holds a credential of an upstream, so it is not shown.") : error;
}

interface Pending<V> {
  readonly work: Work<V>;
  readonly value: Promise<V>;
  readonly context: RunningContext;
}

async function executeLater<V>(runner: Runner, call: Call, { work, value, context }: Pending<V>): Promise<Ended> {
  try {
    const ended = await runner.deadlines.race(value, {
      call,
      timeoutMs: work.timeoutMs,
      cancelled: call.request.cancelled,
      abort: context.abort,
    });
    if ("value" in ended) return sealed(context, await work.finish(ended.value, context));
    if (ended.end === "cancelled") return { outcome: "cancelled", answer: refuse("cancelled") };
    const text = `${work.target.name} did not finish within ${work.timeoutMs / 1000} s and was ended. Ask for less at once, or try again.`;
    return { outcome: "timeout", answer: errorAnswer(text) };
  } catch (error) {
    return failure(runner.log, call, unleaked(context, error));
  } finally {
    context.end();
  }
}

interface Finishing {
  readonly context: RunningContext;
  readonly ended: Promise<Ended>;
}

async function finishLater(runner: Runner, call: Call, { context, ended }: Finishing): Promise<Ended> {
  try {
    return sealed(context, await ended);
  } catch (error) {
    return failure(runner.log, call, unleaked(context, error));
  }
}

function failure(log: Log, call: Call, error: unknown): Ended {
  if (error instanceof RequiredCapability) return { outcome: "refused", answer: error.refusal };
  return { outcome: "fault", answer: fault(log, call, error) };
}

/** Logs what went wrong under an id and answers with the id only: no text of an error reaches the caller or a model. */
export function fault(log: Log, call: Call, error: unknown): Refusal {
  const id = createId("flt");
  const err = isTelling(call, error) ? new Error("What was thrown holds a sensitive argument, so it is not shown.") : error;
  log.error({ fault: id, decision: call.id, target: call.target?.name, err }, "a call failed on our side");
  return refuse("fault", { message: `Something went wrong on our side. Its id is ${id}.`, data: { fault: id } });
}

/** Whether an error holds an argument that is marked as sensitive, with which it belongs in no log. */
function isTelling({ target, request }: Call, error: unknown): boolean {
  const { concealer } = (target ?? {}) as Partial<Input["grant"]["target"]>;
  if (concealer === undefined) return false;
  const texts = error instanceof Error ? `${error.stack} ${error.message} ${inspect(error, { depth: 8 })}` : inspect(error, { depth: 8 });
  return concealer.isIn(texts, request.params["arguments"]);
}

type ToolValue = ContentAnswer | ToolError | InputRequired | string | ContentBlock | object | undefined;

interface Produced {
  readonly runner: Runner;
  readonly call: Call;
  readonly target: Input["grant"]["target"];
  readonly value: unknown;
  readonly context: RunningContext;
}

function toolAnswer(produced: Produced): Ended | Promise<Ended> {
  if (!isUndoable(produced.value)) return plainAnswer(produced);
  const { answer, data } = produced.value;
  const ended = plainAnswer({ ...produced, value: answer });
  return ended instanceof Promise ? ended.then((late) => ({ ...late, undo: { data } })) : { ...ended, undo: { data } };
}

function plainAnswer(produced: Produced): Ended | Promise<Ended> {
  const { runner, call, target } = produced;
  const { partials } = produced.context;
  const value = produced.value as ToolValue;
  const kind = specialKind(value);
  if (kind === "input_required") return answerInputRequired(runner.stateKey, call, value as InputRequired);
  if (kind === "error") return contentAnswer(produced, [...partials, ...(value as ToolError).content], true);
  if (kind === "content") return checked(produced, [...partials, ...(value as ContentAnswer).content]);
  if (target.output !== undefined) return structuredAnswer(produced, value);
  // Who streamed everything need not answer anything.
  if (value === undefined && partials.length > 0) return checked(produced, partials);
  const block = typeof value === "string" || isBlock(value) ? toBlock(value) : undefined;
  if (block === undefined) throw new TypeError(`${target.name} declares no output schema, so it must return text or content`);
  return checked(produced, [...partials, block]);
}

function structuredAnswer(produced: Produced, value: unknown): Ended | Promise<Ended> {
  const { target } = produced;
  const { partials } = produced.context;
  const result = target.output?.validate(value);
  if (result?.ok !== true) {
    const issue = result?.issues[0];
    throw new TypeError(
      `${target.name} returned a value that its output schema refuses at ${issue?.path || "/"}: expected ${issue?.expected}`,
    );
  }
  const structured = JSON.stringify(result.value);
  if (isLarge(structured, target)) return largeAnswer(produced, { json: undefined, blocks: partials, structured, isError: false });
  // The same value as text, for clients that read only content (MCP 2026-07-28 tools, structured content).
  const text = `{"type":"text","text":${JSON.stringify(structured)}}`;
  const front = partials.length === 0 ? "" : `${JSON.stringify(partials).slice(1, -1)},`;
  const json = `{"content":[${front}${text}],"structuredContent":${structured}}`;
  if (isSmall(json, target)) return { outcome: "ok", answer: { type: "complete", json } };
  return largeAnswer(produced, { json, blocks: partials, structured, isError: false });
}

function checked(produced: Produced, blocks: readonly ContentBlock[]): Ended | Promise<Ended> {
  const { target } = produced;
  if (target.output !== undefined) throw new TypeError(`${target.name} declares an output schema, so it must return a value that fits it`);
  if (target.tool.ui !== undefined && !blocks.some(({ type }) => type === "text"))
    throw new TypeError(`${target.name} shows an app, so it must return text too: many hosts show no apps`);
  return contentAnswer(produced, blocks, false);
}

function isBlock(value: unknown): value is ContentBlock {
  return typeof value === "object" && value !== null && "type" in value;
}

function contentAnswer(produced: Produced, blocks: readonly ContentBlock[], isError: boolean): Ended | Promise<Ended> {
  const json = contentJson(blocks, isError);
  if (isSmall(json, produced.target)) return { outcome: isError ? "tool_error" : "ok", answer: { type: "complete", json } };
  return largeAnswer(produced, { json, blocks, structured: undefined, isError });
}

/** Looks for credentials before the result is cut, because afterwards one may stand in two parts. */
function largeAnswer({ runner, call, target, context }: Produced, whole: Whole): Ended | Promise<Ended> {
  if (context.leaks(whole.json ?? `${JSON.stringify(whole.blocks)}${whole.structured}`)) throw leak();
  return runner.results.answer(call, target, whole);
}

function contentJson(blocks: readonly ContentBlock[], isError = false): string {
  return `{"content":${JSON.stringify(blocks)}${isError ? ',"isError":true' : ""}}`;
}

export function errorAnswer(text: string): Answer {
  return { type: "complete", json: contentJson([{ type: "text", text }], true) };
}
