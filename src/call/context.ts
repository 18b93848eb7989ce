import { isRefusal, type Refusal } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import { openSigned, signValue } from "../lib/secret.ts";
import type { Upstreams } from "../oauth/index.ts";
import type { Store } from "../store/index.ts";
import {
  toBlock,
  type Caller,
  type ContentBlock,
  type Evidence,
  type LogLevel,
  type Registry,
  type RoundTripInput,
  type ToolContext,
  type ToolError,
} from "../tool/index.ts";
import { MAX_UNREAD_BYTES, type Call, type Sink } from "./call.ts";
import { hasCapability, RequiredCapability } from "./capability.ts";
import type { Changes } from "./changes.ts";
import { parseRoundTrip } from "./input-required.ts";
import { MAX_RESULT_BYTES } from "./results/index.ts";
import { catalogueOf, explain, fetchOutside, type Outside } from "./surroundings.ts";

/** A context with the reins of the call that it belongs to. */
export interface RunningContext extends ToolContext {
  /** Blocks streamed so far; they stand at the front of the final result. */
  readonly partials: readonly ContentBlock[];
  abort(why: string): void;
  /** Whether a text holds a credential that this call was given for an upstream. */
  leaks(text: string): boolean;
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
  readonly upstreams: Pick<Upstreams, "issue">;
  readonly registry: Registry;
  readonly outside: Outside;
  readonly evidence: (caller: Caller) => Evidence;
  readonly undo: (call: Call, changeId: string) => Promise<string | ToolError>;
  /** Puts the intent on record before the first byte of an answer leaves. */
  readonly intend: (call: Call) => Promise<void>;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

export function createContextFactory(deps: ContextDeps): ContextFactory {
  return {
    create(call) {
      const input = call.roundTrip ?? call.request.task?.input ?? parseRoundTrip(deps.stateKey, call.request, deps.now());
      return isRefusal(input) ? input : createContext(deps, call, input);
    },
  };
}

/** What one context stands on. */
interface State {
  readonly deps: ContextDeps;
  readonly call: Call;
  readonly input: RoundTripInput;
  emitter: Emitter | undefined;
  controller: AbortController | undefined;
  hasEnded: boolean;
  /** Each secret of an upstream that this call was given, in the forms in which JSON may hold it. */
  secrets: string[] | undefined;
}

const STATE = Symbol("state");

/**
 * The members of every context. Most tools use few of them, so each is made when it is asked for; as getters they can still be taken apart
 * (`{ db, progress }`). They stand here once: accessors in the object itself would give every context a hidden class of its own, which the
 * collector finds only in its slowest round.
 */
const CONTEXT: ThisType<{ readonly [STATE]: State }> & { readonly [M in keyof RunningContext]: unknown } = {
  get caller() {
    return this[STATE].call.request.principal.caller;
  },
  get input() {
    return this[STATE].input;
  },
  get db() {
    const { deps, call } = this[STATE];
    const { workspaceId, environments } = call.request.principal.caller;
    return deps.store.inWorkspace(workspaceId, environments);
  },
  get signal() {
    return (this[STATE].controller ??= new AbortController()).signal;
  },
  get trace() {
    return this[STATE].call.request.meta.trace;
  },
  get now() {
    return this[STATE].deps.now;
  },
  get hasCapability(): ToolContext["hasCapability"] {
    const { capabilities } = this[STATE].call.request.meta;
    return (capability) => hasCapability(capabilities, capability);
  },
  get requireCapability(): ToolContext["requireCapability"] {
    const { capabilities } = this[STATE].call.request.meta;
    return (capability) => {
      if (!hasCapability(capabilities, capability)) throw new RequiredCapability(capability);
    };
  },
  get sealCursor(): ToolContext["sealCursor"] {
    const { deps, call } = this[STATE];
    return (list, position) => signValue(deps.cursorKey, position, cursorContext(call, list));
  },
  get openCursor(): ToolContext["openCursor"] {
    const { deps, call } = this[STATE];
    return (list, cursor) => {
      const position = openSigned(deps.cursorKey, cursor, cursorContext(call, list));
      return typeof position === "string" ? position : undefined;
    };
  },
  get upstream(): ToolContext["upstream"] {
    const state = this[STATE];
    return async (name) => {
      const { caller } = state.call.request.principal;
      const { credential, secret } = await state.deps.upstreams.issue(name, { caller, decision: state.call.id });
      const once = JSON.stringify(secret).slice(1, -1);
      (state.secrets ??= []).push(secret, once, JSON.stringify(once).slice(1, -1));
      return credential;
    };
  },
  get publicUrl() {
    return this[STATE].deps.outside.url;
  },
  get catalogue() {
    return catalogueOf(this[STATE].deps.registry);
  },
  get explain(): ToolContext["explain"] {
    const { deps, call } = this[STATE];
    return (name) => explain(deps.registry, call.request.principal, name);
  },
  get evidence() {
    const { deps, call } = this[STATE];
    return deps.evidence(call.request.principal.caller);
  },
  get fetchUrl(): ToolContext["fetchUrl"] {
    const { deps, call } = this[STATE];
    return async (url, request) => fetchOutside(openWorld(deps, call).fetch, url, request);
  },
  get mail(): ToolContext["mail"] {
    const { deps, call } = this[STATE];
    return async (mail) => openWorld(deps, call).mail(mail);
  },
  get leaks(): RunningContext["leaks"] {
    const state = this[STATE];
    return (text) => leaks(state, text);
  },
  get plan() {
    return this[STATE].call.plan;
  },
  get undo(): ToolContext["undo"] {
    const { deps, call } = this[STATE];
    return (changeId) => deps.undo(call, changeId);
  },
  get progress() {
    return emitterOf(this[STATE]).progress;
  },
  get partial() {
    return emitterOf(this[STATE]).partial;
  },
  get log() {
    return emitterOf(this[STATE]).log;
  },
  get notifyChanged() {
    return this[STATE].deps.changes.publish;
  },
  get partials() {
    return this[STATE].emitter?.partials ?? NO_BLOCKS;
  },
  get abort(): RunningContext["abort"] {
    const state = this[STATE];
    return (why) => {
      state.hasEnded = true;
      (state.controller ??= new AbortController()).abort(why);
    };
  },
  end() {
    this[STATE].hasEnded = true;
  },
};

/** What leads out of this server, for a tool that says it does. */
function openWorld({ registry, outside }: ContextDeps, { target }: Call): Outside {
  const tool = target?.kind === "tool" ? registry.tools.get(target.name)?.tool : undefined;
  if (tool?.openWorld !== true)
    throw new Error(`${target?.name ?? "This"} reaches other systems without saying so: declare openWorld: true.`);
  return outside;
}

const NO_BLOCKS: readonly ContentBlock[] = [];

function createContext(deps: ContextDeps, call: Call, input: RoundTripInput): RunningContext {
  const state: State = { deps, call, input, emitter: undefined, controller: undefined, hasEnded: false, secrets: undefined };
  const context = Object.create(CONTEXT) as RunningContext & { [STATE]: State };
  context[STATE] = state;
  return context;
}

function leaks({ secrets }: State, text: string): boolean {
  return secrets?.some((secret) => text.includes(secret)) === true;
}

function cursorContext(call: Call, list: string): string {
  return `cursor ${call.request.principal.caller.workspaceId} ${list}`;
}

function emitterOf(state: State): Emitter {
  return (state.emitter ??= createEmitter(state));
}

/** A tool need not await what it emits: a failure is told to those who do, and is no unhandled rejection for those who do not. */
function heard<A extends readonly unknown[]>(emit: (...args: A) => Promise<void>): (...args: A) => Promise<void> {
  return (...args) => {
    const sent = attempt(emit, args);
    if (sent !== NOTHING) sent.catch(() => undefined);
    return sent;
  };
}

function attempt<A extends readonly unknown[]>(emit: (...args: A) => Promise<void>, args: A): Promise<void> {
  try {
    return emit(...args);
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error("an emission failed", { cause: error }));
  }
}

/** What an emission that nobody is there for resolves as. */
const NOTHING = Promise.resolve();

/** So little that 65,536 parts count less than one step of a tool that counts in ones. */
const PART_PROGRESS = 2 ** -16;
const TOO_MUCH: ContentBlock = { type: "text", text: "(More was streamed than can be kept; from here on it is not repeated.)" };

type Emitter = Pick<ToolContext, "progress" | "partial" | "log"> & { readonly partials: readonly ContentBlock[] };

function createEmitter(state: State): Emitter {
  const { deps, call } = state;
  const { meta, sink } = call.request;
  const partials: ContentBlock[] = [];
  let keptChars = 0;
  let lastProgress = Number.NEGATIVE_INFINITY;
  let hasOwnScale = false;
  let isIntended = false;
  /** Characters that wait until the intent is on record. */
  let waitingChars = 0;

  function send(method: string, params: object): Promise<void> {
    if (sink === undefined || state.hasEnded) return NOTHING;
    const json = JSON.stringify({ jsonrpc: "2.0", method, params });
    if (leaks(state, json)) throw new Error("A tool emitted a credential of an upstream; nothing was sent.");
    return isIntended ? sink.send(json) : sendIntended(sink, json);
  }

  async function sendIntended(to: Sink, json: string): Promise<void> {
    // A tool that does not wait for its emissions loses those that would pile up here; parts still stand in the final result.
    if (waitingChars > 0 && waitingChars + json.length > MAX_UNREAD_BYTES) return;
    waitingChars += json.length;
    try {
      await deps.intend(call);
    } finally {
      waitingChars -= json.length;
    }
    // Once all that waited has gone, nothing can be overtaken.
    isIntended = waitingChars === 0;
    if (!state.hasEnded) await to.send(json);
  }

  function keep(blocks: readonly ContentBlock[]): void {
    if (keptChars > MAX_RESULT_BYTES) return;
    for (const block of blocks) keptChars += block.type === "text" ? block.text.length : JSON.stringify(block).length;
    partials.push(...(keptChars > MAX_RESULT_BYTES ? [TOO_MUCH] : blocks));
  }

  return {
    partials,
    progress: heard((progress: number, total?: number, message?: string) => {
      if (meta.progressToken === undefined || !(progress > lastProgress)) return NOTHING;
      lastProgress = progress;
      hasOwnScale = true;
      return send("notifications/progress", { progressToken: meta.progressToken, progress, total, message });
    }),
    partial: heard((...blocks: readonly (ContentBlock | string)[]) => {
      const added = blocks.map(toBlock);
      const texts = added.flatMap((block) => (block.type === "text" ? [block.text] : []));
      keep(added);
      if (meta.progressToken === undefined) return NOTHING;
      // Progress must grow; on the tool's own scale a part counts next to nothing, so that what the tool reports next still is growth.
      lastProgress = hasOwnScale ? lastProgress + PART_PROGRESS : Math.max(Math.floor(lastProgress) + 1, partials.length);
      return send("notifications/progress", {
        progressToken: meta.progressToken,
        progress: lastProgress,
        message: texts.join("\n"),
        _meta: { "dev.remit/partial": added },
      });
    }),
    log: heard((level: LogLevel, data: unknown, logger?: string) => {
      const asked = LEVELS.indexOf(meta.logLevel as LogLevel);
      if (asked < 0 || LEVELS.indexOf(level) < asked) return NOTHING;
      return send("notifications/message", { level, data, ...(logger === undefined ? {} : { logger }) });
    }),
  };
}
