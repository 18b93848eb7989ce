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

export interface Search<R> {
  /** Names the list and all that narrows it beside the words. */
  readonly name: string;
  readonly words: readonly string[];
  /** The word to begin with. */
  rarest(): Promise<string>;
  /** What has all these words, in the order of the first. */
  find(words: readonly string[]): FoundQuery<R>;
}

/** What a search found, in pages. Later pages go on with the word that the first began with, whatever is the rarest by then. */
export function searchListing<R extends Found>({ name, words, rarest, find }: Search<R>): Listing<R> {
  let first = "";
  return {
    name: `${name} ${words.join(" ")}`,
    async read(after, limit) {
      first = after?.[0] ?? (await rarest());
      const found = find([first, ...words.filter((word) => word !== first)]);
      if (after === undefined) return found.limit(limit).execute();
      const [, word = "", id = ""] = after;
      const rest = ({ eb, refTuple, tuple }: PositionBuilder) => eb(refTuple("found.word", "found.resource_id"), ">", tuple(word, id));
      return found
        .where(rest as never)
        .limit(limit)
        .execute();
    },
    positionOf: ({ found_word, found_id }) => [first, found_word, found_id],
  };
}

/** The part of Kysely's expression builder that compares a position. */
interface PositionBuilder {
  eb(left: unknown, operator: ">", right: unknown): unknown;
  refTuple(...names: readonly string[]): unknown;
  tuple(...values: readonly string[]): unknown;
}
