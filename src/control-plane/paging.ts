import { toolError, type CallContext } from "../index.ts";

/** The values that a list is ordered by, of one row, as text. Together they are unique. */
export type Position = readonly string[];

/** A list in a fixed order that can be read from any position. */
export interface Listing<R> {
  /** Names the list and all that narrows it: a cursor opens nothing else. */
  readonly name: string;
  /** Up to `limit` rows that follow `after`; from the start when that is undefined. */
  read(after: Position | undefined, limit: number): Promise<readonly R[]>;
  positionOf(row: R): Position;
}

export interface PageRequest {
  readonly page_size: number;
  readonly cursor?: string | undefined;
}

export interface Page<R> {
  readonly rows: readonly R[];
  readonly next_cursor: string | null;
}

/** Reads a page in steps of `rows`; `onRows` gets each step as soon as it is read. */
export interface Steps<R> {
  readonly rows: number;
  onRows(rows: readonly R[]): Promise<void>;
}

/** The listing of rows in the order of their ids. `read` gets the id to go on after, empty at the start. */
export function orderedById<R extends { readonly id: string }>(
  name: string,
  read: (afterId: string, limit: number) => Promise<readonly R[]>,
): Listing<R> {
  return { name, read: (after, limit) => read(after?.[0] ?? "", limit), positionOf: ({ id }) => [id] };
}

const FOREIGN_CURSOR = toolError(
  "This cursor was not made for this list, so it opens nothing. Use next_cursor of the page before with the same parameters, unchanged, or leave cursor out to start at the first page.",
);

/** One page of a list, or what to tell about a cursor that is not this list's. */
export async function readPage<R>(
  context: Pick<CallContext, "sealCursor" | "openCursor">,
  listing: Listing<R>,
  { page_size: size, cursor, steps }: PageRequest & { readonly steps?: Steps<R> | undefined },
): Promise<Page<R> | ReturnType<typeof toolError>> {
  const opened = cursor === undefined ? undefined : context.openCursor(listing.name, cursor);
  if (cursor !== undefined && opened === undefined) return FOREIGN_CURSOR;
  let after = opened === undefined ? undefined : (JSON.parse(opened) as Position);
  const rows: R[] = [];
  let hasMore = true;
  while (hasMore && rows.length < size) {
    const wanted = Math.min(steps?.rows ?? size, size - rows.length);
    // One more than wanted tells whether another page follows.
    const found = await listing.read(after, wanted + 1);
    const taken = found.slice(0, wanted);
    const last = taken.at(-1);
    if (last !== undefined) after = listing.positionOf(last);
    rows.push(...taken);
    hasMore = found.length > wanted;
    await steps?.onRows(taken);
  }
  const isLast = !hasMore || after === undefined;
  return { rows, next_cursor: isLast ? null : context.sealCursor(listing.name, JSON.stringify(after)) };
}
