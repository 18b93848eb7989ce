import * as z from "zod";
import type { LedgerPage } from "../../contract-evidence.ts";
import type { ConsoleContext, ConsoleRequest } from "../../endpoint.ts";
import { found, readQuery } from "../read-query.ts";
import { agentNames } from "../../workspace-clients.ts";

const PAGE = z.strictObject({
  q: z.string().default(""),
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

async function namesOf(store: ConsoleContext["store"], workspaceId: string): Promise<ReadonlyMap<string, string>> {
  const people = store.db.selectFrom("member as m").innerJoin("account as a", "a.id", "m.account_id").select(["a.id", "a.name"]);
  const [agents, members] = await Promise.all([agentNames(store, workspaceId), people.where("m.workspace_id", "=", workspaceId).execute()]);
  return new Map([...agents, ...members.map(({ id, name }) => [id, name] as const)]);
}

export async function searchRecords({ evidence, store, by }: ConsoleContext, { query }: ConsoleRequest): Promise<LedgerPage> {
  const { q, before, limit } = readQuery(PAGE, query);
  const [page, names] = await Promise.all([evidence.records({ search: q, limit, beforeSeq: before }), namesOf(store, by.workspaceId)]);
  const { records, nextBeforeSeq } = found(page);
  const shown = new Set(records.flatMap((record) => [record["agent"], record["by"]]));
  return { records, next: nextBeforeSeq ?? null, names: Object.fromEntries([...names].filter(([id]) => shown.has(id))) };
}
