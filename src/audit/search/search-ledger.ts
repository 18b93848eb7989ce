import { isRecord } from "../../lib/is-record.ts";
import type { LedgerReader, LedgerRow } from "../../store/index.ts";
import type { Condition, Search } from "./parse-search.ts";
import { takeTurn } from "./take-turn.ts";

/** A record as it was written, with its place in the chain. */
export type FoundRecord = Readonly<Record<string, unknown>> & { readonly seq: number };

export interface SearchPage {
  readonly limit: number;
  /** Only records older than this one. */
  readonly beforeSeq?: number | undefined;
  /** Only records of this workspace. */
  readonly workspaceId?: string | undefined;
  /** At most so many records are looked at; what is left is for the next page. */
  readonly maxScanned?: number | undefined;
}

export interface Found {
  /** Newest first. */
  readonly rows: readonly { readonly row: LedgerRow; readonly record: FoundRecord }[];
  /** Give it as `beforeSeq` for the next page; undefined when there is none. */
  readonly nextBeforeSeq: number | undefined;
}

/** So many rows are read at once. */
const WINDOW = 2000;
/** Records stand in the order of their ends and say when they began, so their instants are out of order by the length of a call. */
const MARGIN_MS = 3_600_000;

/** The records that match, newest first. Instants find the part of the chain to be read, so a clock that was set back may hide records. */
export async function searchLedger(reader: Pick<LedgerReader, "head" | "read" | "scan">, search: Search, page: SearchPage): Promise<Found> {
  const { limit, beforeSeq = Number.MAX_SAFE_INTEGER, workspaceId, maxScanned = Number.POSITIVE_INFINITY } = page;
  const { since, until } = search;
  const newest = Math.min((await reader.head())?.seq ?? 0, beforeSeq - 1);
  const upTo = until === undefined ? newest : await lastBefore(reader, newest, until + MARGIN_MS);
  const oldest = since === undefined ? 0 : await lastBefore(reader, upTo, since - MARGIN_MS);
  const conditions = workspaceId === undefined ? search.conditions : [...search.conditions, workspaceOf(workspaceId)];
  const contains = conditions.flatMap(partOf);
  const rows: { readonly row: LedgerRow; readonly record: FoundRecord }[] = [];
  let at = upTo;
  for (let scanned = 0; at > oldest && scanned < maxScanned; scanned += WINDOW) {
    await takeTurn();
    const after = Math.max(oldest, at - WINDOW);
    for (const row of await reader.scan({ after, upTo: at, contains, newestFirst: true }, WINDOW)) {
      const record = parseRecord(row);
      if (record === undefined || !isMatch(record, { conditions, since, until })) continue;
      rows.push({ row, record });
      if (rows.length === limit) return { rows, nextBeforeSeq: row.seq - 1 > oldest ? row.seq : undefined };
    }
    at = after;
  }
  return { rows, nextBeforeSeq: at > oldest ? at + 1 : undefined };
}

function workspaceOf(value: string): Condition {
  return { members: ["workspace"], value, isPrefix: false };
}

/** A text that a matching body has, where that can be told: what JSON writes in more than one way is left to the comparison of members. */
function partOf({ members, value, isPrefix, oneOf }: Condition): string[] {
  if (oneOf !== undefined || !/^[\w .:/*@+=-]*$/.test(value)) return [];
  const [member] = members;
  const front = members.length === 1 && member !== undefined ? `"${member}":"` : '"';
  return [`${front}${value}${isPrefix ? "" : '"'}`];
}

/** Undefined for a body that is no longer there. */
function parseRecord({ seq, body }: Pick<LedgerRow, "seq" | "body">): FoundRecord | undefined {
  return body.startsWith("{") ? { ...(JSON.parse(body) as object), seq } : undefined;
}

/** The record in a row, when it is of the workspace. */
export function recordIn(row: Pick<LedgerRow, "seq" | "body">, workspaceId: string): FoundRecord | undefined {
  // Those of other workspaces are told apart before the whole is parsed.
  if (!row.body.includes(`"workspace":${JSON.stringify(workspaceId)}`)) return undefined;
  const record = parseRecord(row);
  return record?.["workspace"] === workspaceId ? record : undefined;
}

/** Whether a search finds the record. */
export function isMatch(record: FoundRecord, { conditions, since = 0, until = Number.POSITIVE_INFINITY }: Search): boolean {
  const at = Number(record["at"]);
  return at >= since && at < until && conditions.every((condition) => meets(record, condition));
}

function meets(record: FoundRecord, { members, value, isPrefix, oneOf = [value] }: Condition): boolean {
  const isIt = (given: unknown) => typeof given === "string" && (isPrefix ? given.startsWith(value) : oneOf.includes(given));
  return members.some((member) => {
    const given = memberAt(record, member);
    return Array.isArray(given) ? given.some(isIt) : isIt(given);
  });
}

function memberAt(record: FoundRecord, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), record);
}

/** The last record up to `upTo` that began before an instant, as far as instants are in order; 0 when there is none. */
async function lastBefore(reader: Pick<LedgerReader, "read">, upTo: number, at: number): Promise<number> {
  let low = 0;
  let high = upTo;
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    const [row] = await reader.read(middle - 1, 1);
    const began = row === undefined ? undefined : /"at":(\d+)/.exec(row.body)?.[1];
    if (row === undefined || (began !== undefined && Number(began) >= at)) high = middle - 1;
    else low = middle;
  }
  return low;
}
