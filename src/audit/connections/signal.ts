import type { Problem } from "./problems.ts";

/** The way of a client to its first call, in order. */
export const STEPS = ["challenge", "metadata", "registration", "authorize", "sign_in", "consent", "token", "first_request"] as const;
export type Step = (typeof STEPS)[number];

export type Outcome = "passed" | "waiting" | "failed";

/** What a client says of itself. */
export interface ClientSigns {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly redirect?: string | undefined;
}

/** Something that happened on that way. No part of it is a secret. */
export interface Signal {
  readonly step: Step;
  readonly outcome: Outcome;
  readonly problem?: Problem | undefined;
  /** By what the steps of one connection are known to belong together, such as `interaction:…`; kept as keyed hashes only. */
  readonly traces?: readonly string[];
  readonly source: { readonly address: string | undefined; readonly userAgent?: string | undefined };
  readonly client?: ClientSigns | undefined;
  /** Short texts that the explanation may name. */
  readonly facts?: Readonly<Record<string, string | undefined>>;
  /** It happens again and again while a client is connected, so it begins nothing. */
  readonly isRoutine?: boolean;
}

/** Where those who see a step tell of it. Never throws and is quick. */
export interface Handshakes {
  /** The link at which the person in front of the client sees how it went; undefined when nothing is kept of it. */
  tell(signal: Signal): string | undefined;
}
