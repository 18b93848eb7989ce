import type { ConnectionView } from "../../../../audit/index.ts";
import type { GrantAdvice, Kill } from "../../../../call/index.ts";

/** Instants are epoch milliseconds. */
export interface Client {
  readonly id: string;
  /** Its own claim; who it is, is its id. */
  readonly name: string;
  readonly kind: string;
  /** What it may be granted at most. */
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly usedAt: number | null;
  readonly disabledAt: number | null;
}

export interface ClientsAnswer {
  readonly clients: readonly Client[];
  /** Every scope that tools ask for. */
  readonly scopes: readonly string[];
}

export interface Grant {
  readonly id: string;
  readonly kind: string;
  readonly clientId: string;
  readonly clientName: string;
  /** Whom it acts for; null for a machine. */
  readonly subject: string | null;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

export interface GrantsAnswer {
  readonly grants: readonly Grant[];
}

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly scope: string;
}

export interface AdviceAnswer {
  readonly days: number;
  readonly grants: readonly GrantAdvice[];
}

export interface KillsAnswer {
  readonly kills: readonly Kill[];
}

export interface ConnectionsAnswer {
  readonly connections: readonly ConnectionView[];
}
