import { setImmediate as nextTurn } from "node:timers/promises";
import type { ContentBlock, ToolStep } from "../../tool/index.ts";
import type { RunningContext } from "../context.ts";

const STEPS_PER_TURN = 64;

type Steps = AsyncGenerator<ToolStep, unknown, undefined>;

/** Whether what `run` returned is that of an `async *run`. */
export function isGenerator(value: unknown): value is Steps {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value && "return" in value;
}

/**
 * Emits what a generator yields and resolves to what it returns. The next step is taken only once the reader has the last one. When the
 * call is ended from outside, or a step cannot be sent, the generator is closed, so that its `finally` blocks run.
 */
export async function runGenerator(steps: Steps, context: RunningContext): Promise<unknown> {
  // Nobody waits for a generator that is closed from outside; what its `finally` throws then has no call left to fail.
  const close = () => void steps.return(undefined).catch(() => undefined);
  const { signal } = context;
  if (signal.aborted) close();
  else signal.addEventListener("abort", close, { once: true });
  try {
    for (let count = 1; ; count++) {
      const step = await steps.next();
      if (step.done === true) return step.value;
      await emit(step.value, context);
      // A generator that waits for nothing would otherwise keep deadlines, cancellation and all other calls waiting.
      if (count % STEPS_PER_TURN === 0) await nextTurn();
    }
  } catch (error) {
    await steps.return(undefined);
    throw error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}

function emit(step: ToolStep, context: RunningContext): Promise<void> {
  if (typeof step === "string" || isBlock(step)) return context.partial(step);
  return context.progress(step.progress, step.total, step.message);
}

function isBlock(step: Exclude<ToolStep, string>): step is ContentBlock {
  return "type" in step;
}
