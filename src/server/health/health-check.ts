import type { Config } from "../../config.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Ground } from "../ground.ts";

/** What was found out about one part of the server. */
export interface HealthCheck {
  /** Stable, for programs. */
  readonly name: "config" | "clock" | "store" | "keys" | "documents" | "challenge" | "ledger";
  readonly status: "ok" | "warning" | "failed";
  /** What was found, in a sentence. Without secrets. */
  readonly detail: string;
  /** What to do about it; undefined where nothing is to be done. */
  readonly next: string | undefined;
}

export interface HealthDeps {
  readonly config: Config;
  /** The public origin. */
  readonly url: string;
  /** The MCP URL, as tokens name it. */
  readonly resource: string;
  readonly now: Clock;
  readonly store: Ground["store"];
  readonly ledger: Pick<Ground["ledger"], "isWritable">;
  readonly records: Pick<Ground["records"], "head" | "read">;
  /** Puts an event on record. */
  readonly record: (event: { readonly event: string }) => Promise<void>;
  readonly issuer: { signStatement(type: string, claims: Readonly<Record<string, unknown>>): string; jwks(): string };
  /** A request to this very server of which nothing is counted or put on record. */
  readonly ask: (request: Request) => Promise<Response>;
}

/** What a check found: how it is, a sentence, and what to do. */
export type Found = Pick<HealthCheck, "status" | "detail"> & { readonly next?: string };

export const ok = (detail: string): Found => ({ status: "ok", detail });
export const warning = (detail: string, next: string): Found => ({ status: "warning", detail, next });
export const failed = (detail: string, next: string): Found => ({ status: "failed", detail, next });
