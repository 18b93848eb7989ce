/**
 * Search by the beginnings of words. Each organization and user has a row for each of its words, in an index that is ordered byte by byte,
 * so that "what begins with" is a range of it on either engine, and no search reads more than it finds.
 */
import type { Db } from "../access.ts";
import type { SearchWordRow } from "../tables/index.ts";

const MAX_WORDS = 16;
const MAX_WORD_CHARS = 64;
/** Follows every word that begins with the word before it. */
const LAST = "\u{10ffff}";

/** The words of a text without accents and in lower case. What has an @ is also one word as a whole. */
export function wordsOf(...texts: readonly (string | null)[]): readonly string[] {
  const words = new Set<string>();
  for (const text of texts) {
    const plain = (text ?? "").normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
    for (const part of plain.split(/\s+/)) {
      if (part.includes("@")) words.add(cut(part));
      for (const word of part.split("@")[0]?.split(/[^\p{L}\p{N}]+/u) ?? []) if (word !== "") words.add(cut(word));
    }
  }
  return [...words].slice(0, MAX_WORDS);
}

/** What a search asks for: the words that must each begin one of the thing's words. */
export function searchedWords(query: string): readonly string[] {
  const words = query.split(/\s+/).flatMap((part) => (part.includes("@") ? wordsOf(part).slice(0, 1) : wordsOf(part)));
  return [...new Set(words)].toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1)).slice(0, 5);
}

export type Indexed = Omit<SearchWordRow, "word">;

/** Makes a thing found by the words of these texts, and by no others. */
export async function indexWords(db: Db, thing: Indexed, texts: readonly (string | null)[]): Promise<void> {
  await db.deleteFrom("search_word").where("resource_id", "=", thing.resource_id).execute();
  const rows = wordsOf(...texts).map((word) => ({ ...thing, word }));
  if (rows.length > 0) await db.insertInto("search_word").values(rows).execute();
}

export async function forgetWords(db: Db, resourceId: string): Promise<void> {
  await db.deleteFrom("search_word").where("resource_id", "=", resourceId).execute();
}

/** Beyond so many a word is common, and it does not matter by how much. */
const MAX_COUNTED = 2000;

/** The word that leaves the fewest things to look at. */
export async function rarestWord(db: Db, place: Omit<Indexed, "resource_id">, words: readonly string[]): Promise<string> {
  let rarest = { word: words[0] ?? "", count: Number.POSITIVE_INFINITY };
  for (const word of words.length > 1 ? words : []) {
    const some = db.selectFrom(beginning(db, place, word).select("w.word").limit(MAX_COUNTED).as("some"));
    const { count } = await some.select((eb) => eb.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
    if (count < rarest.count) rarest = { word, count };
  }
  return rarest.word;
}

function beginning(db: Db, place: Omit<Indexed, "resource_id">, word: string) {
  return db
    .selectFrom("search_word as w")
    .where("w.workspace_id", "=", place.workspace_id)
    .where("w.environment_id", "=", place.environment_id)
    .where("w.kind", "=", place.kind)
    .where("w.word", ">=", word)
    .where("w.word", "<", word + LAST);
}

/** The ids of the things in an environment that have all these words, in the order of the word that the first one found, each once. */
export function findByWords(db: Db, place: Omit<Indexed, "resource_id">, [first = "", ...others]: readonly string[]) {
  let found = db
    .selectFrom("search_word as found")
    .select(["found.word as found_word", "found.resource_id as found_id"])
    .where("found.workspace_id", "=", place.workspace_id)
    .where("found.environment_id", "=", place.environment_id)
    .where("found.kind", "=", place.kind)
    .where("found.word", ">=", first)
    .where("found.word", "<", first + LAST)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("search_word as earlier")
            .select("earlier.word")
            .whereRef("earlier.resource_id", "=", "found.resource_id")
            .where("earlier.word", ">=", first)
            .whereRef("earlier.word", "<", "found.word"),
        ),
      ),
    );
  for (const word of others) {
    found = found.where(({ exists, selectFrom }) =>
      exists(
        selectFrom("search_word as other")
          .select("other.word")
          .whereRef("other.resource_id", "=", "found.resource_id")
          .where("other.word", ">=", word)
          .where("other.word", "<", word + LAST),
      ),
    );
  }
  return found.orderBy("found.word").orderBy("found.resource_id");
}

function cut(word: string): string {
  return word.slice(0, MAX_WORD_CHARS);
}
