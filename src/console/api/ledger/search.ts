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

export async function searchRecords({ evidence, store, by }: ConsoleContext, { query }: ConsoleRequest): Promise<LedgerPage> {
  const { q, before, limit } = readQuery(PAGE, query);
  const [page, names] = await Promise.all([evidence.records({ search: q, limit, beforeSeq: before }), agentNames(store, by.workspaceId)]);
  const { records, nextBeforeSeq } = found(page);
  const shown = new Set(records.map(({ agent }) => agent));
  return { records, next: nextBeforeSeq ?? null, names: Object.fromEntries([...names].filter(([id]) => shown.has(id))) };
}
