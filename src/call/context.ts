import { isRefusal, type Refusal } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import { openSigned, signValue } from "../lib/secret.ts";
import type { Store } from "../store/index.ts";
import { toBlock, type ContentBlock, type LogLevel, type RoundTripInput, type ToolContext } from "../tool/index.ts";
import type { Call } from "./call.ts";
import { hasCapability, RequiredCapability } from "./capability.ts";
import type { Changes } from "./changes.ts";
import { parseRoundTrip } from "./input-required.ts";

/** A context with the reins of the call that it belongs to. */
export interface RunningContext extends ToolContext {
  /** Blocks streamed so far; they stand at the front of the final result. */
  readonly partials: readonly ContentBlock[];
  abort(why: string): void;
  /** After this, emissions do nothing. */
  end(): void;
}

export interface ContextFactory {
  /** A refusal when the input that came back from the client is not that of this call. */
  create(call: Call): RunningContext | Refusal;
}

export interface ContextDeps {
  readonly store: Pick<Store, "inWorkspace">;
  readonly now: Clock;
  readonly cursorKey: Uint8Array;
  readonly stateKey: Uint8Array;
  readonly changes: Changes;
  /** Puts the intent on record before the first byte of an answer leaves. */
  readonly intend: (call: Call) => Promise<void>;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

export function createContextFactory(deps: ContextDeps): ContextFactory {
  return {
    create(call) {
      const input = parseRoundTrip(deps.stateKey, call.request, deps.now());
      return isRefusal(input) ? input : createContext(deps, call, input);
    },
  };
}

const SIGNAL = Symbol("signal");

/**
 * Most tools never look at the signal, so it is made when first asked for. The getter stands here once: in the object itself it would give
 * every context a hidden class of its own, which the collector finds only in its slowest round.
 */
const LAZY = {
  get signal(): AbortSignal {
    return (this as unknown as { readonly [SIGNAL]: () => AbortSignal })[SIGNAL]();
  },
};

function createContext(deps: ContextDeps, call: Call, input: RoundTripInput): RunningContext {
  const { principal, meta } = call.request;
  const { caller } = principal;
  const emitter = createEmitter(deps, call);
  let controller: AbortController | undefined;
  const signal = () => (controller ??= new AbortController()).signal;
  const own: Omit<RunningContext, "signal"> = {
    caller,
    input,
    partials: emitter.partials,
    db: deps.store.inWorkspace(caller.workspaceId),
    now: deps.now,
    hasCapability: (capability) => hasCapability(meta.capabilities, capability),
    requireCapability(capability) {
      if (!hasCapability(meta.capabilities, capability)) throw new RequiredCapability(capability);
    },
    sealCursor: (list, position) => signValue(deps.cursorKey, position, cursorContext(caller.workspaceId, list)),
    openCursor(list, cursor) {
      const position = openSigned(deps.cursorKey, cursor, cursorContext(caller.workspaceId, list));
      return typeof position === "string" ? position : undefined;
    },
    progress: emitter.progress,
    partial: emitter.partial,
    log: emitter.log,
    notifyChanged: deps.changes.publish,
    abort(why) {
      emitter.end();
      (controller ??= new AbortController()).abort(why);
    },
    end: emitter.end,
  };
  return { __proto__: LAZY, [SIGNAL]: signal, ...own } as unknown as RunningContext;
}

function cursorContext(workspaceId: string, list: string): string {
  return `cursor ${workspaceId} ${list}`;
}

type Emitter = Pick<ToolContext, "progress" | "partial" | "log"> & { readonly partials: readonly ContentBlock[]; end(): void };

function createEmitter(deps: ContextDeps, call: Call): Emitter {
  const { meta, sink } = call.request;
  const partials: ContentBlock[] = [];
  let lastProgress = Number.NEGATIVE_INFINITY;
  let hasEnded = false;

  async function send(method: string, params: object): Promise<void> {
    if (sink === undefined || hasEnded) return;
    await deps.intend(call);
    await sink.send(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }

  return {
    partials,
    async progress(progress, total, message) {
      if (meta.progressToken === undefined || !(progress > lastProgress)) return;
      lastProgress = progress;
      await send("notifications/progress", { progressToken: meta.progressToken, progress, total, message });
    },
    async partial(...blocks) {
      const added = blocks.map(toBlock);
      partials.push(...added);
      if (meta.progressToken === undefined) return;
      lastProgress = Math.max(Math.floor(lastProgress) + 1, partials.length);
      const texts = added.flatMap((block) => (block.type === "text" ? [block.text] : []));
      await send("notifications/progress", {
        progressToken: meta.progressToken,
        progress: lastProgress,
        message: texts.join("\n"),
        _meta: { "dev.remit/partial": added },
      });
    },
    async log(level, data, logger) {
      const asked = LEVELS.indexOf(meta.logLevel as LogLevel);
      if (asked < 0 || LEVELS.indexOf(level) < asked) return;
      await send("notifications/message", { level, data, ...(logger === undefined ? {} : { logger }) });
    },
    end() {
      hasEnded = true;
    },
  };
}
