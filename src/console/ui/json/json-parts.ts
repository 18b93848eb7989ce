export type JsonPart = readonly [kind: "plain" | "name" | "text" | "number" | "word", text: string];

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;
/** Beyond this a text is shown without colours: it is not read by eye, and each part costs an element. */
const MOST_CHARACTERS = 60_000;

/** Cuts JSON text into its parts; joined they are the text again. */
export function jsonParts(text: string): readonly JsonPart[] {
  if (text.length > MOST_CHARACTERS) return [["plain", text]];
  const parts: JsonPart[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, quoted, colon, number] = match;
    if (match.index > end) parts.push(["plain", text.slice(end, match.index)]);
    if (quoted === undefined) parts.push([number === undefined ? "word" : "number", whole]);
    else if (colon === undefined) parts.push(["text", quoted]);
    else parts.push(["name", quoted], ["plain", colon]);
    end = match.index + whole.length;
  }
  if (end < text.length) parts.push(["plain", text.slice(end)]);
  return parts;
}
