/** The MCP endpoint behind the gate: bytes to one message, the message to the revision it speaks. */
import type { CallPath } from "../call/index.ts";
import { isUtf8 } from "node:buffer";
import { isRefusal, refuse } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import type { Clock } from "../lib/clock.ts";
import { scanJson, type JsonLimits } from "../lib/json-scanner.ts";
import type { TokenVerifier } from "../oauth/index.ts";
import type { Registry } from "../tool/index.ts";
import { headerOf, type Exchange } from "./exchange.ts";
import type { Identity } from "./identity.ts";
import type { Legacy, LegacyDeps } from "./legacy/index.ts";
import { createLists } from "./lists.ts";
import { createListening, createModern, isModern } from "./modern/index.ts";
import { refuseOnRecord } from "./refuse-on-record.ts";

export type { EventStream, Exchange, Reply } from "./exchange.ts";
export type { Identity } from "./identity.ts";
export { replyRefusal } from "./wire.ts";

export interface McpDeps {
  readonly path: CallPath;
  readonly registry: Registry;
  readonly identity: Identity;
  readonly cursorKey: Uint8Array;
  readonly now: Clock;
  readonly verifier: Pick<TokenVerifier, "isValid">;
}

export interface Mcp {
  handle(exchange: Exchange): Promise<void>;
  close(): void;
}

const LIMITS: JsonLimits = { maxDepth: 64, maxKeys: 10_000, maxTokens: 200_000, uniqueKeysToDepth: 4 };

export function createMcp(deps: McpDeps): Mcp {
  const lists = createLists(deps.registry, deps.cursorKey);
  const listening = createListening(deps.path, deps.now, ({ token }) => deps.verifier.isValid(token));
  const modern = createModern({ ...deps, lists, listening });
  const legacy = createLazyLegacy({ ...deps, lists });
  return {
    handle(exchange) {
      const message = parseMessage(exchange.body);
      if (isRefusal(message)) return refuseOnRecord(deps.path, exchange, { refusal: message });
      const version = headerOf(exchange.headers, "mcp-protocol-version");
      if (isRecord(message) && isModern(message, version)) return modern.handle(exchange, message);
      const isBatch = Array.isArray(message);
      if (isBatch ? version !== undefined && version !== BATCH_VERSION : !isRecord(message))
        return refuseOnRecord(deps.path, exchange, { refusal: refuse("invalid_request") });
      return legacy().then((old) => old.handle(exchange, message as Record<string, unknown> | unknown[]));
    },
    close: () => listening.close(),
  };
}

/** The only revision in which one POST could carry several messages. */
const BATCH_VERSION = "2025-03-26";

function createLazyLegacy(deps: LegacyDeps): () => Promise<Legacy> {
  let legacy: Promise<Legacy> | undefined;
  // The official SDK is loaded when the first client older than 2026-07-28 comes, and not before.
  return () => (legacy ??= import("./legacy/index.ts").then(({ createLegacy }) => createLegacy(deps)));
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
