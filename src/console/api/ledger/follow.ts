import * as z from "zod";
import { isMatch, parseSearch, type FoundRecord } from "../../../audit/index.ts";
import type { ConsoleContext, ConsoleRequest } from "../../endpoint.ts";
import { found, readQuery } from "../read-query.ts";

const TAIL = z.strictObject({ q: z.string().default("") });

/** The records that a search finds, as they are written. */
export function followRecords({ tail, now }: ConsoleContext, { query }: ConsoleRequest): AsyncIterable<FoundRecord> {
  const search = found(parseSearch(readQuery(TAIL, query).q, now()));
  return (async function* () {
    for await (const record of tail()) if (isMatch(record, search)) yield record;
  })();
}
