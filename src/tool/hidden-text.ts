/**
 * Characters that a person does not see but a model reads: controls (but line feed and tab), zero-width and bidirectional marks,
 * variation selectors beyond the emoji ones, the tag block, and terminal escapes.
 */
const HIDDEN =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class -- such characters are what this looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb]|[\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/u;

/** The first hidden character of a text as `U+200B`, or undefined when all of it can be seen. */
export function findHidden(text: string): string | undefined {
  const found = HIDDEN.exec(text)?.[0].codePointAt(0);
  return found === undefined ? undefined : `U+${found.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The first hidden character in any string or key of a value, with the place where it stands. */
export function findHiddenIn(value: unknown, path = ""): { readonly path: string; readonly character: string } | undefined {
  if (typeof value === "string") {
    const character = findHidden(value);
    return character === undefined ? undefined : { path, character };
  }
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const inKey = findHidden(key);
    if (inKey !== undefined) return { path, character: inKey };
    const found = findHiddenIn(member, `${path}/${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
