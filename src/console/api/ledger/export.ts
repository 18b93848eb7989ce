import * as z from "zod";
import { isMatch, parseSearch, recordIn } from "../../../audit/index.ts";
import { ConsoleProblem, TextAnswer, type ConsoleContext, type ConsoleRequest } from "../../endpoint.ts";
import { isOnlyWorkspace } from "../../workspace-clients.ts";
import { found, readQuery } from "../read-query.ts";

const EXPORT = z.strictObject({ q: z.string().default("") });

/** Accounts. Each reads the whole ledger, so a person makes one at a time: until it is sent, or nobody waits for it. */
const underWay = new Set<string>();

const BUSY = new ConsoleProblem(409, {
  code: "under_way",
  message: "An export of yours is under way already.",
  next: "Try again when that has ended.",
});

/** Records to take home; that somebody did is on record itself. */
export async function exportRecords(context: ConsoleContext, { query }: ConsoleRequest): Promise<TextAnswer> {
  const { audit, store, by, now, record, signal } = context;
  const { q } = readQuery(EXPORT, query);
  const search = found(parseSearch(q, now()));
  // Nothing of it belongs to anybody else then, and only the whole chain can be verified.
  if (underWay.has(by.accountId)) throw BUSY;
  if (!signal.aborted) underWay.add(by.accountId);
  signal.addEventListener("abort", () => underWay.delete(by.accountId), { once: true });
  const isWhole = q === "" && (await isOnlyWorkspace(store, by.workspaceId));
  await record({ event: "console.acted", by: by.accountId, workspace: by.workspaceId, act: "ledger/export", ...(q === "" ? {} : { q }) });
  const lines = isWhole
    ? audit.export()
    : audit.export((row) => {
        const mine = recordIn(row, by.workspaceId);
        return mine !== undefined && isMatch(mine, search);
      });
  const fileName = `ledger-${new Date(now()).toISOString().slice(0, 19)}.jsonl`;
  return new TextAnswer({ contentType: "application/x-ndjson", fileName, chunks: ended(lines) });
}

async function* ended(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}
