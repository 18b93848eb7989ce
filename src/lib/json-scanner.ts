/** Bounds that a JSON text must keep before it is parsed. */
export interface JsonLimits {
  readonly maxDepth: number;
  readonly maxKeys: number;
  /** Values and keys together. */
  readonly maxTokens: number;
  /** Objects at this depth or above may not name a key twice; the root is at depth 1. */
  readonly uniqueKeysToDepth: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/**
 * What is wrong with a JSON text in one pass over it, or undefined. It finds what `JSON.parse` would accept but must not reach it: depth,
 * sheer number of keys, and keys that stand twice, of which another parser on the way may have read the other one. It does not check the
 * grammar; `JSON.parse` does. Linear in the length of the text.
 */
export function scanJson(text: string, limits: JsonLimits): string | undefined {
  const seen: Names[] = [];
  const isObject: boolean[] = [];
  let depth = 0;
  let keys = 0;
  let tokens = 0;
  let isKeyNext = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    switch (code) {
      case QUOTE: {
        const end = endOfString(text, i);
        if (end < 0) return "a string does not end";
        tokens++;
        if (isKeyNext) {
          isKeyNext = false;
          if (++keys > limits.maxKeys) return `more than ${limits.maxKeys} keys`;
          if (depth <= limits.uniqueKeysToDepth && isRepeated(seen[depth], text.slice(i + 1, end)))
            return "a key stands twice in one object";
        }
        if (tokens > limits.maxTokens) return `more than ${limits.maxTokens} values`;
        i = end;
        break;
      }
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (++depth > limits.maxDepth) return `nested deeper than ${limits.maxDepth}`;
        isKeyNext = code === OPEN_OBJECT;
        isObject[depth] = isKeyNext;
        if (isKeyNext && depth <= limits.uniqueKeysToDepth) seen[depth] = { few: [], many: undefined };
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        depth--;
        isKeyNext = false;
        break;
      case COMMA:
        isKeyNext = isObject[depth] === true;
        if (++tokens > limits.maxTokens) return `more than ${limits.maxTokens} values`;
        break;
      case COLON:
        isKeyNext = false;
        break;
      default:
    }
  }
  return undefined;
}

/** Index of the closing quote of the string that opens at `start`, or -1. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}

/** The keys of one object so far. Nearly all objects have few, for which a list is quicker than a set. */
interface Names {
  readonly few: string[];
  many: Set<string> | undefined;
}

const FEW = 16;

/** Keys are compared decoded, so that an escape hides no repetition. */
function isRepeated(names: Names | undefined, raw: string): boolean {
  const key = raw.includes("\\") ? decode(raw) : raw;
  if (names === undefined) return false;
  if (names.few.includes(key) || names.many?.has(key) === true) return true;
  if (names.few.length < FEW) names.few.push(key);
  else (names.many ??= new Set()).add(key);
  return false;
}

function decode(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    // Not a JSON string at all; the parser will say so.
    return raw;
  }
}
