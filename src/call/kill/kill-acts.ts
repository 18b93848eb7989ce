import type { Clock } from "../../lib/clock.ts";
import { createId } from "../../lib/id.ts";
import type { KillKind, KillRow, LedgerReader, RevocationKind, Store } from "../../store/index.ts";
import type { Registry } from "../../tool/index.ts";
import type { Policies } from "../policy/index.ts";
import type { EndWatch } from "./end-watch.ts";
import { didYouMean } from "../../lib/did-you-mean.ts";
import { environmentOf } from "./is-ended.ts";
import { isAimedAt, lastAccepted, shownKill, type Kill } from "./receipt.ts";

type Problems = { readonly problems: readonly string[] };

/** What is to be stopped. */
export interface KillOrder {
  readonly kind: KillKind;
  /** Client id, grant id, email or account id, name of a tool, or id of an environment or workspace. */
  readonly value: string;
  readonly reason?: string | undefined;
  /** Of a tool: where; may be left out while there is one workspace. */
  readonly workspaceId?: string | undefined;
  /** Account of the person at the console who orders it; an operator of the server when left out. */
  readonly by?: string | undefined;
}

export interface KillOperator {
  /**
   * Stops an agent, grant, person, tool, environment or workspace. When this resolves it is in force here, and in every other process within a
   * second; the receipt is on record. Tokens that it ends never revive.
   */
  kill(order: KillOrder): Promise<Kill | Problems>;
  /** The newest first, each with its receipt: all, or those that are about one workspace and nothing beyond it. */
  listKills(workspaceId?: string): Promise<readonly Kill[]>;
  /** Lets what was stopped go on. Tokens and grants that had ended stay ended. */
  liftKill(id: string, by?: string): Promise<true | Problems>;
  /** Carries out what was ordered before this process started and not carried out, because the one before ended in between. */
  resumeKills(): Promise<void>;
}

export interface KillActsDeps {
  readonly store: Pick<Store, "db" | "clients" | "grants" | "kills">;
  readonly records: Pick<LedgerReader, "head" | "scan">;
  readonly policies: Pick<Policies, "refresh">;
  readonly verifier: {
    revoke(kind: RevocationKind, value: string): Promise<void>;
    refresh(): Promise<void>;
  };
  readonly people: { disableAccount(id: string): Promise<boolean>; enableAccount(id: string): Promise<boolean> };
  readonly endWatch: Pick<EndWatch, "look" | "settle">;
  readonly tools: Registry["tools"];
  readonly now: Clock;
  readonly record: (event: { readonly event: string; readonly [member: string]: unknown }) => Promise<void>;
  chooseWorkspace(given: string | undefined): Promise<string | undefined>;
}

const MAX_LISTED = 200;
const MAX_REASON_CHARS = 500;
const OPERATOR = "operator";

export function createKillActs(deps: KillActsDeps): KillOperator {
  const { store, now, record } = deps;
  return {
    async kill(order) {
      const aim = await findAim(deps, order);
      if ("problems" in aim) return aim;
      const reason = order.reason?.slice(0, MAX_REASON_CHARS) ?? null;
      // After what disabled the target before it, also within a millisecond: lifting the kill leaves that as it was.
      const ordered_at = Math.max(now(), ((await disabledAtOf(store, aim)) ?? 0) + 1);
      const row: KillRow = { ...aim, id: createId("kill"), reason, ordered_by: order.by ?? null, ordered_at, ...UNDONE };
      // What takes power away does not wait for the record.
      const recorded = record({ event: "kill.ordered", ...membersOf(row), reason, by: order.by ?? OPERATOR });
      await Promise.allSettled([recorded, store.kills.add(row).then(() => enforce(deps, row))]).then(rethrow);
      return apply(deps, row);
    },
    async resumeKills() {
      for (const row of await store.kills.unapplied()) {
        await enforce(deps, row);
        await apply(deps, row);
      }
    },
    listKills: async (workspaceId) => (await store.kills.list(MAX_LISTED, workspaceId)).map(shownKill),
    async liftKill(id, by = OPERATOR) {
      const row = await store.kills.find(id);
      if (row === undefined) return problem(`there is no kill ${JSON.stringify(id)}; remit kill list shows their ids`);
      if (row.lifted_at !== null) return problem("this kill is lifted already");
      if (row.kind === "grant") return problem("a grant that was killed stays revoked; the person lets the agent in again");
      await record({ event: "kill.lifted", ...membersOf(row), by });
      const since = await store.kills.lift(id, now());
      if (since !== undefined) await letGoOn(deps, row, since);
      await deps.policies.refresh();
      await deps.verifier.refresh();
      return true;
    },
  };
}

const UNDONE = { applied_at: null, accepted: null, refused: null, lifted_at: null } as const;

function membersOf({ id, kind, value, workspace_id }: KillRow) {
  return { kill: id, what: kind, value, workspace: workspace_id };
}

function rethrow(results: readonly PromiseSettledResult<unknown>[]): void {
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Ends what is left once nothing more can be accepted, and puts the receipt on record. */
async function apply({ store, now, record, records, endWatch }: KillActsDeps, row: KillRow): Promise<Kill> {
  const ended = await store.kills.end(row, now());
  await endWatch.settle(({ request, target }) => {
    const { clientId: agent, subject, grantId: grant, workspaceId: workspace } = request.principal.caller;
    const tool = target?.kind === "tool" ? target.name : "";
    return isAimedAt(row, { agent, subject, grant, workspace, tool, environment: environmentOf(request) ?? "" });
  });
  const accepted = (await lastAccepted(records, row)) ?? null;
  const applied = { applied_at: Math.max(now(), row.ordered_at), accepted: accepted === null ? null : JSON.stringify(accepted) };
  await record({ event: "kill.applied", ...membersOf(row), accepted, ended, took_ms: applied.applied_at - row.ordered_at });
  await store.kills.apply(row.id, applied);
  return shownKill({ ...row, ...applied });
}

/** Who was disabled before the first of the kills stays so. */
async function letGoOn({ store, people }: KillActsDeps, { kind, value }: KillRow, since: number): Promise<void> {
  const disabledAt = await disabledAtOf(store, { kind, value });
  if (disabledAt === null || disabledAt < since) return;
  if (kind === "agent") await store.clients.enable(value);
  else await people.enableAccount(value);
}

/** Epoch milliseconds; null for whom or what is not disabled. */
async function disabledAtOf(
  { clients, db }: KillActsDeps["store"],
  { kind, value }: Pick<KillRow, "kind" | "value">,
): Promise<number | null> {
  if (kind === "agent") return (await clients.find(value))?.disabled_at ?? null;
  if (kind !== "user") return null;
  const account = await db.selectFrom("account").select("disabled_at").where("id", "=", value).executeTakeFirst();
  return account?.disabled_at ?? null;
}

/** Each step is in force for itself; when a later one fails, the order stands and can be given again. */
async function enforce(deps: KillActsDeps, { kind, value, ordered_at }: KillRow): Promise<void> {
  const { store, verifier, people, policies } = deps;
  switch (kind) {
    case "agent":
      await store.clients.disable(value, ordered_at);
      await verifier.revoke("client", value);
      break;
    case "grant":
      await verifier.revoke("grant", value);
      break;
    case "user":
      await people.disableAccount(value);
      await verifier.revoke("subject", value);
      break;
    case "tool":
    case "environment":
    case "workspace":
      await policies.refresh();
      await verifier.refresh();
  }
  await deps.endWatch.look();
}

type Aim = Pick<KillRow, "kind" | "value" | "workspace_id">;

/** What an order means, if it is there. */
async function findAim(deps: KillActsDeps, { kind, value, workspaceId }: KillOrder): Promise<Aim | Problems> {
  const { db } = deps.store;
  const named = JSON.stringify(value);
  switch (kind) {
    case "agent": {
      const client = await deps.store.clients.find(value);
      return client === undefined
        ? problem(`there is no agent ${named}; remit agent list shows their ids`)
        : { kind, value, workspace_id: null };
    }
    case "grant": {
      const grant = await deps.store.grants.find(value);
      return grant === undefined
        ? problem(`there is no grant ${named}; remit grant list shows their ids`)
        : { kind, value, workspace_id: grant.workspace_id };
    }
    case "user": {
      const email = value.trim().toLowerCase();
      const account = await db
        .selectFrom("account")
        .select("id")
        .where((eb) => eb.or([eb("email", "=", email), eb("id", "=", value)]))
        .executeTakeFirst();
      return account === undefined
        ? problem(`there is nobody with the email ${named}; remit account list shows them`)
        : { kind, value: account.id, workspace_id: null };
    }
    case "tool": {
      const chosen = await deps.chooseWorkspace(workspaceId);
      if (!deps.tools.has(value)) {
        const meant = didYouMean(value, [...deps.tools.keys()]);
        return problem(`there is no tool ${named}${meant === undefined ? "" : `; did you mean ${meant}?`}`);
      }
      return chosen === undefined
        ? problem("say in which workspace; there is none, or more than one")
        : { kind, value, workspace_id: chosen };
    }
    case "environment": {
      const environment = await db.selectFrom("environment").select("workspace_id").where("id", "=", value).executeTakeFirst();
      return environment === undefined
        ? problem(`there is no environment ${named}`)
        : { kind, value, workspace_id: environment.workspace_id };
    }
    default: {
      const workspace = await db.selectFrom("workspace").select("id").where("id", "=", value).executeTakeFirst();
      return workspace === undefined ? problem(`there is no workspace ${named}`) : { kind, value, workspace_id: value };
    }
  }
}

function problem(text: string): Problems {
  return { problems: [text] };
}
