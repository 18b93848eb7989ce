import type { Store } from "../store/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Effect } from "../tool/index.ts";

export interface ApprovalsDeps {
  readonly store: Pick<Store, "approvals" | "db">;
  /** Encrypts arguments and plans at rest. */
  readonly key: Uint8Array;
  /** The public origin. */
  readonly url: string;
  readonly now: Clock;
  /** Resolves when the event is on record. */
  readonly record: (event: { readonly event: string; readonly [member: string]: unknown }) => Promise<void>;
  /** Undefined for a tool that is gone. */
  readonly describeTool: (name: string) => { readonly title: string; readonly effect: Effect } | undefined;
}
