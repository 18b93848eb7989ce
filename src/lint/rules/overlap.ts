import type { ToolView } from "../rule.ts";
import { distance, meaningOf, stem, verbKind, wordsOf } from "../words.ts";

const THRESHOLD = 0.62;
const NAME_WEIGHT = 2;

interface Vector {
  readonly tool: ToolView;
  readonly weights: ReadonlyMap<string, number>;
  readonly length: number;
  readonly parameters: ReadonlySet<string>;
}

export interface Overlap {
  readonly a: ToolView;
  readonly b: ToolView;
  readonly score: number;
}

/** Pairs that a model cannot tell apart by name, description and parameters. */
export function overlapsIn(tools: readonly ToolView[]): readonly Overlap[] {
  const vectors = vectorsOf(tools);
  const found: Overlap[] = [];
  for (const [i, a] of vectors.entries()) {
    for (const b of vectors.slice(i + 1)) {
      if (a.tool.name === b.tool.name || isVerbPair(a.tool.name, b.tool.name)) continue;
      const score = scoreOf(a, b);
      if (score > THRESHOLD) found.push({ a: a.tool, b: b.tool, score });
    }
  }
  return found;
}

function scoreOf(a: Vector, b: Vector): number {
  const cos = cosine(a, b);
  // A pair that shares no word cannot reach the threshold.
  if (cos === 0) return 0;
  const near = distance(a.tool.name, b.tool.name, 2) <= 2 ? 0.15 : 0;
  return 0.65 * cos + 0.35 * cos * jaccard(a.parameters, b.parameters) + near;
}

/** Names that are the same but for a verb which does something else, and for one thing or many: `get_tag`, `list_tags`. */
function isVerbPair(a: string, b: string): boolean {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  if (left.length !== right.length) return false;
  const differing = left.flatMap((word, i) => (stem(word) === stem(right[i] ?? "") ? [] : [i]));
  const [at] = differing;
  if (differing.length !== 1 || at === undefined) return false;
  const [one, two] = [verbKind(left[at] ?? ""), verbKind(right[at] ?? "")];
  return one !== undefined && two !== undefined && one !== two;
}

function vectorsOf(tools: readonly ToolView[]): readonly Vector[] {
  const counts = tools.map(({ name, description }) => {
    const terms = new Map<string, number>();
    for (const word of meaningOf(name)) terms.set(word, (terms.get(word) ?? 0) + NAME_WEIGHT);
    for (const word of meaningOf(description)) terms.set(word, (terms.get(word) ?? 0) + 1);
    return terms;
  });
  const inTools = new Map<string, number>();
  for (const terms of counts) for (const term of terms.keys()) inTools.set(term, (inTools.get(term) ?? 0) + 1);
  return tools.map((tool, i) => {
    const weights = new Map<string, number>();
    for (const [term, count] of counts[i] ?? []) weights.set(term, count * Math.log(1 + tools.length / (inTools.get(term) ?? 1)));
    const length = Math.sqrt([...weights.values()].reduce((sum, weight) => sum + weight * weight, 0));
    const parameters = new Set(tool.places.filter(({ depth }) => depth === 1).map(({ name }) => name));
    return { tool, weights, length, parameters };
  });
}

function cosine(a: Vector, b: Vector): number {
  let dot = 0;
  for (const [term, weight] of a.weights) dot += weight * (b.weights.get(term) ?? 0);
  return dot === 0 ? 0 : dot / (a.length * b.length);
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 && b.size === 0) return 1;
  const shared = [...a].filter((name) => b.has(name)).length;
  return shared / (a.size + b.size - shared);
}
