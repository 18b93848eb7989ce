/** The MCP endpoint behind the gate: bytes to one message, the message to the revision it speaks. */
import type { CallPath, Principal } from "../call/index.ts";
import { isUtf8 } from "node:buffer";
import { isRefusal, refuse } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import type { Clock } from "../lib/clock.ts";
import { scanJson, type JsonLimits } from "../lib/json-scanner.ts";
import type { TokenVerifier } from "../oauth/index.ts";
import type { SessionStore } from "../store/index.ts";
import type { Registry } from "../tool/index.ts";
import { headerOf, type Exchange } from "./exchange.ts";
import type { Identity } from "./identity.ts";
import { BATCH_VERSION, createLegacy } from "./legacy/index.ts";
import { createLists } from "./lists.ts";
import { createOpenStreams } from "./open-streams.ts";
import { createListening, createModern, isModern } from "./modern/index.ts";
import { refuseOnRecord } from "./refuse-on-record.ts";

export type { EventStream, Exchange, Reply, StreamEvent } from "./exchange.ts";
export type { Identity } from "./identity.ts";
export { withIcons } from "./lists.ts";
export { MESSAGES_PATH } from "./legacy/index.ts";
export { replyRefusal } from "./wire.ts";

export interface McpDeps {
  readonly path: CallPath;
  readonly registry: Registry;
  readonly identity: Identity;
  readonly cursorKey: Uint8Array;
  readonly now: Clock;
  readonly verifier: Pick<TokenVerifier, "isValid">;
  /** Canonical URL of the protected resource, to which sessions are bound. */
  readonly resource: string;
  readonly sessions: SessionStore;
  /** How long the stream of a call is held for a client that can come back for the rest. */
  readonly streamMs: number;
  /** Encrypts what is stored of sessions. */
  readonly sessionKey: Uint8Array;
}

export interface Mcp {
  /** POST. */
  handle(exchange: Exchange): Promise<void>;
  /** GET: the stream of a session. */
  get(exchange: Exchange): Promise<void>;
  /** DELETE: the end of a session. */
  delete(exchange: Exchange): Promise<void>;
  /** HTTP+SSE (MCP 2024-11-05): the stream, and the POSTs that belong to the one with this id. */
  readonly sse: {
    open(exchange: Exchange): Promise<void>;
    post(exchange: Exchange, id: string): Promise<void>;
  };
  close(): void;
}

const LIMITS: JsonLimits = { maxDepth: 64, maxKeys: 10_000, maxTokens: 200_000, uniqueKeysToDepth: 4 };

export function createMcp(deps: McpDeps): Mcp {
  const lists = createLists(deps.registry, deps.cursorKey, deps.identity.url);
  const streams = createOpenStreams(deps.now, (principal) => deps.verifier.isValid(principal.token) && deps.path.isCurrent(principal));
  const listening = createListening(deps.path, streams);
  const modern = createModern({ ...deps, lists, listening });
  const legacy = createLegacy({ ...deps, lists, streams, mayRead: (principal, uri) => mayRead(deps.path, principal, uri) });

  /** Reads the body, and refuses what is not a message. */
  function withMessage(exchange: Exchange, use: (message: Record<string, unknown> | unknown[]) => Promise<void>): Promise<void> {
    const message = parseMessage(exchange.body);
    if (isRefusal(message)) return refuseOnRecord(deps.path, exchange, { refusal: message });
    if (Array.isArray(message) || isRecord(message)) return use(message);
    return refuseOnRecord(deps.path, exchange, { refusal: refuse("invalid_request") });
  }

  return {
    handle: (exchange) =>
      withMessage(exchange, (message) => {
        const version = headerOf(exchange.headers, "mcp-protocol-version");
        if (!Array.isArray(message)) return isModern(message, version) ? modern.handle(exchange, message) : legacy.post(exchange, message);
        if (version === undefined || version === BATCH_VERSION) return legacy.post(exchange, message);
        return refuseOnRecord(deps.path, exchange, { refusal: refuse("invalid_request") });
      }),
    get: (exchange) => legacy.get(exchange),
    delete: (exchange) => legacy.delete(exchange),
    sse: {
      open: (exchange) => legacy.sse.open(exchange),
      post: (exchange, id) => withMessage(exchange, (message) => legacy.sse.post(exchange, id, message)),
    },
    close() {
      streams.close();
      legacy.close();
    },
  };
}

/** Whether a principal may have news of a resource: it may if it may read it. */
function mayRead(path: CallPath, principal: Principal, uri: string): boolean {
  const cancelled = { isCancelled: false, onCancel: undefined };
  const meta = { protocol: "", capabilities: {} };
  return path.precheck({ principal, cancelled, meta, method: "resources/read", params: { uri } }) === undefined;
}

function parseMessage(body: Buffer): unknown {
  if (!isUtf8(body)) return refuse("parse_error");
  const text = body.toString("utf8");
  const problem = scanJson(text, LIMITS);
  if (problem !== undefined) return refuse("parse_error", { message: `The body is refused: ${problem}.` });
  try {
    return JSON.parse(text);
  } catch {
    return refuse("parse_error");
  }
}
