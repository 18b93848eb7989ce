/** The kill switch, for what is the workspace's own. */
import * as z from "zod";
import type { Kill, KillCall, Kills } from "../../contract-evidence.ts";
import { ConsoleProblem, done, type ConsoleContext, type ConsoleRequest } from "../../endpoint.ts";
import { isOnlyWorkspace } from "../../workspace-clients.ts";
import { readBody } from "../read-body.ts";
import { missing, requireOwnClient, requireOwnEnvironment, requireOwnGrant, requireOwnPerson } from "./own.ts";

const ORDER = z.strictObject({
  kind: z.enum(["agent", "grant", "user", "tool", "environment", "workspace"]),
  value: z.string().trim().min(1, "say what is to be stopped").max(2048),
  reason: z.string().trim().max(500).optional(),
});

type Shown = Awaited<ReturnType<ConsoleContext["operator"]["listKills"]>>[number];

export async function listKills(context: ConsoleContext): Promise<Kills> {
  const kills = await readKills(context);
  const labels = await labelsOf(context, kills);
  return { kills: kills.map((each) => shownKill(each, labels)) };
}

/** All of them while the server has one workspace; otherwise those that reach no further than this one. */
async function readKills({ operator, store, by }: ConsoleContext): Promise<readonly Shown[]> {
  return operator.listKills((await isOnlyWorkspace(store, by.workspaceId)) ? undefined : by.workspaceId);
}

export async function kill(context: ConsoleContext, { body }: ConsoleRequest): Promise<Kill> {
  const { kind, value: named, reason } = readBody(ORDER, body);
  const value = await findTarget(context, kind, named);
  const { workspaceId, accountId: by } = context.by;
  const receipt = done(await context.operator.kill({ kind, value, workspaceId, by, ...(reason ? { reason } : {}) }));
  return shownKill(receipt, await labelsOf(context, [receipt]));
}

/** The value that the kill switch takes; a tool is stopped in this workspace only. */
async function findTarget(context: ConsoleContext, kind: Kill["kind"], value: string): Promise<string> {
  switch (kind) {
    case "agent":
      return (await requireOwnClient(context, value)).id;
    case "grant":
      await requireOwnGrant(context, value);
      return value;
    case "user":
      return requireOwnPerson(context, value);
    case "environment":
      await requireOwnEnvironment(context, value);
      return value;
    case "workspace":
      if (value !== context.by.workspaceId) throw missing("workspace");
      return value;
    default:
      return value;
  }
}

/** What an operator of a server with several workspaces stopped, none of the workspaces may let go on. */
export async function liftKill(context: ConsoleContext, { params }: ConsoleRequest): Promise<{ readonly lifted: true }> {
  const id = params["id"] ?? "";
  const standing = (await readKills(context)).find((each) => each.id === id);
  if (standing === undefined) throw missing("kill");
  if (standing.ordered_by === null && !(await isOnlyWorkspace(context.store, context.by.workspaceId)))
    throw new ConsoleProblem(403, {
      code: "operator_needed",
      message: "This was stopped by the operator of the server.",
      next: "Ask the operator to lift it.",
    });
  done(await context.operator.liftKill(id, context.by.accountId));
  return { lifted: true };
}

/** What people know agents and each other by. */
async function labelsOf({ store: { db } }: ConsoleContext, kills: readonly Shown[]): Promise<ReadonlyMap<string, string>> {
  const named = async (
    kind: Kill["kind"],
    find: (ids: string[]) => Promise<readonly { readonly id: string; readonly label: string }[]>,
  ) => {
    const ids = kills.filter((each) => each.kind === kind).map(({ value }) => value);
    return ids.length === 0 ? [] : find(ids);
  };
  const found = await Promise.all([
    named("agent", (ids) => db.selectFrom("client").select(["id", "name as label"]).where("id", "in", ids).execute()),
    named("user", (ids) => db.selectFrom("account").select(["id", "email as label"]).where("id", "in", ids).execute()),
  ]);
  return new Map(found.flat().map(({ id, label }) => [id, label]));
}

function shownKill(shown: Shown, labels: ReadonlyMap<string, string>): Kill {
  const { id, kind, value, reason, ordered_at, applied_at, lifted_at, accepted, refused } = shown;
  const calls = { accepted: shownCall(accepted), refused: shownCall(refused) };
  return { id, kind, value, label: labels.get(value) ?? null, reason, ordered_at, applied_at, lifted_at, ...calls };
}

function shownCall(call: Shown["accepted"]): KillCall | null {
  return call === null ? null : { seq: call.seq, at: call.at };
}
