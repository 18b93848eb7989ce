import { factOf, type Ledger } from "../../audit/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { KillRow, Store } from "../../store/index.ts";
import { isAimedAt, type KillCall } from "./receipt.ts";

/** A token that was refused because what it stood on has ended. */
export interface DeadToken {
  readonly tokenId: string;
  readonly clientId: string;
  readonly subject: string;
  readonly grantId: string;
  readonly workspaceId: string;
}

/** Completes receipts: finds the first call that a kill refused, and puts it on record. */
export interface KillWatch {
  /** Told of tokens that are refused; does its work later. */
  refused(token: DeadToken): void;
  close(): Promise<void>;
}

export interface KillWatchDeps {
  readonly ledger: Pick<Ledger, "follow">;
  readonly store: Pick<Store, "kills">;
  /** Whether a tool, environment or workspace is stopped; otherwise no record is looked at. */
  isStopping(): boolean;
  readonly record: (event: { readonly event: string; readonly [member: string]: unknown }) => Promise<void>;
  readonly now: Clock;
  readonly log: Log;
}

/** A kill that refused nothing for so long is not waited for any more. */
const WAIT_MS = 24 * 3_600_000;
/** How often those that wait are looked for while tokens are refused. */
const LOOK_MS = 200;

interface Refused {
  readonly call: KillCall;
  isOf(kill: KillRow): boolean;
}

export function createKillWatch({ ledger, store, isStopping, record, now, log }: KillWatchDeps): KillWatch {
  let waiting: Refused[] = [];
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();

  async function work(): Promise<void> {
    const refused = waiting;
    waiting = [];
    for (const kill of await store.kills.waiting(now() - WAIT_MS)) {
      const first = refused.find((each) => each.call.at >= kill.ordered_at && each.isOf(kill));
      if (first === undefined || !(await store.kills.refuse(kill.id, JSON.stringify(first.call)))) continue;
      await record({
        event: "kill.refused",
        kill: kill.id,
        what: kill.kind,
        value: kill.value,
        workspace: kill.workspace_id,
        first: first.call,
      });
    }
  }

  function note(refused: Refused): void {
    // The first of each look is what counts; a flood of others is no reason to remember more.
    if (waiting.length < 100) waiting.push(refused);
    timer ??= setTimeout(() => {
      timer = undefined;
      working = work().catch((error: unknown) => log.error({ err: error }, "the receipt of a kill cannot be completed"));
    }, LOOK_MS).unref();
  }

  ledger.follow((rows) => {
    if (!isStopping()) return;
    for (const row of rows) {
      const { seq, body } = row;
      const fact = factOf(row);
      if (fact?.rule !== "killed") continue;
      const call = { seq, decision: fact.decision, at: fact.at, agent: fact.agent };
      note({ call, isOf: (kill) => body.includes(`"policy_rule":${JSON.stringify(kill.id)}`) });
    }
  });

  return {
    refused({ clientId, subject, grantId, workspaceId }) {
      const call = { seq: null, decision: null, at: now(), agent: clientId };
      const party = { agent: clientId, subject, grant: grantId, workspace: workspaceId };
      note({ call, isOf: (kill) => isAimedAt(kill, party) });
    },
    async close() {
      clearTimeout(timer);
      await working;
    },
  };
}
