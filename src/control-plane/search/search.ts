import * as z from "zod";
import { toolError } from "../../index.ts";
import type { Listing } from "../paging.ts";

export const searchQuery = z.string().trim().min(1).max(200).describe("All words must fit.");

export const NO_WORDS = toolError("The query has no letter and no digit. Send the beginning of a word.");

/** A row that was found by a word. */
interface Found {
  readonly found_word: string;
  readonly found_id: string;
}

interface FoundQuery<R> {
  limit(limit: number): { execute(): Promise<R[]> };
  where(condition: never): FoundQuery<R>;
}

/** What a search found, in pages. */
export function searchListing<R extends Found>(name: string, words: readonly string[], found: FoundQuery<R>): Listing<R> {
  return {
    name: `${name} ${words.join(" ")}`,
    read(after, limit) {
      if (after === undefined) return found.limit(limit).execute();
      const [word = "", id = ""] = after;
      const rest = ({ eb, refTuple, tuple }: PositionBuilder) => eb(refTuple("found.word", "found.resource_id"), ">", tuple(word, id));
      return found
        .where(rest as never)
        .limit(limit)
        .execute();
    },
    positionOf: ({ found_word, found_id }) => [found_word, found_id],
  };
}

/** The part of Kysely's expression builder that compares a position. */
interface PositionBuilder {
  eb(left: unknown, operator: ">", right: unknown): unknown;
  refTuple(...names: readonly string[]): unknown;
  tuple(...values: readonly string[]): unknown;
}
