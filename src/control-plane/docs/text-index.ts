/** Full-text search in memory, ranked by BM25 (Robertson and Zaragoza, 2009). Some hundred sections need no database. */
import type { Section } from "./sections.ts";

export interface TextIndex {
  /** The best sections first; none that has none of the words. */
  search(query: string, limit: number): readonly Section[];
}

const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;
/** A word in a heading says more than one in the text. */
const HEADING_WEIGHT = 3;

export function createTextIndex(sections: readonly Section[]): TextIndex {
  const postings = new Map<string, Map<number, number>>();
  const lengths = sections.map((section, i) => {
    const words = [...stems(section.text), ...Array.from({ length: HEADING_WEIGHT }, () => stems(section.heading)).flat()];
    for (const word of words) {
      const counts = postings.get(word) ?? new Map<number, number>();
      postings.set(word, counts.set(i, (counts.get(i) ?? 0) + 1));
    }
    return words.length;
  });
  const averageLength = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  return {
    search(query, limit) {
      const scores = new Map<number, number>();
      for (const word of new Set(stems(query))) {
        const counts = postings.get(word);
        if (counts === undefined) continue;
        const rarity = Math.log(1 + (sections.length - counts.size + 0.5) / (counts.size + 0.5));
        for (const [i, count] of counts) {
          const length = 1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * (lengths[i] ?? 0)) / averageLength;
          const weight = (count * (SATURATION + 1)) / (count + SATURATION * length);
          scores.set(i, (scores.get(i) ?? 0) + rarity * weight);
        }
      }
      const best = [...scores].toSorted(([a, first], [b, second]) => second - first || a - b).slice(0, limit);
      return best.flatMap(([i]) => sections[i] ?? []);
    },
  };
}

/** Words in lower case without the endings that most often differ: "revoking tokens" finds "revoke a token". */
function stems(text: string): string[] {
  const words =
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => (word.length > 4 ? word.replace(/(?:ings?|ations?|ed|es|e|s)$/, "") : word.replace(/s$/, "")));
}
