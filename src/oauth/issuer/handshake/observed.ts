import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Handshakes, Signal } from "../../../audit/index.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { ClientRow } from "../../../store/index.ts";
import type { EngineProblem } from "../engine/index.ts";
import { addressOf } from "../../../lib/client-address/index.ts";

export interface ObserverDeps {
  readonly handshakes: Handshakes;
  readonly issuer: string;
  readonly resource: string;
  readonly now: Clock;
  /** Life of a code. */
  readonly codeSeconds: number;
}

/** How the engine answered. */
export interface Answered {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly problem: EngineProblem | undefined;
  readonly client: ClientRow | undefined;
}

export function sourceOf(req: IncomingMessage): Signal["source"] {
  return { address: addressOf(req), userAgent: req.headers["user-agent"] };
}

/** So many requests and codes are remembered, to explain what comes of them. */
const MAX_REMEMBERED = 2000;

/** Values by a key that is kept as a hash only; the oldest are forgotten. */
export function createMemory<V>() {
  const values = new Map<string, V>();
  const hash = (key: string) => createHash("sha256").update(key).digest("base64url");
  return {
    get: (key: string) => values.get(hash(key)),
    set(key: string, value: V): void {
      values.set(hash(key), value);
      for (const oldest of values.keys()) {
        if (values.size <= MAX_REMEMBERED) return;
        values.delete(oldest);
      }
    },
  };
}

export type Memory<V> = ReturnType<typeof createMemory<V>>;
