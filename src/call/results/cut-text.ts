/**
 * Where a piece of `text` that begins at `start` ends, so that it has at most `roomBytes` as part of a JSON string. At least one character
 * is taken, and the two halves of a surrogate pair stay together.
 */
export function textEnd(text: string, start: number, roomBytes: number): number {
  let chars = Math.min(text.length - start, Math.max(1, roomBytes));
  for (let bytes = bytesOf(text, start, chars); bytes > roomBytes && chars > 1; bytes = bytesOf(text, start, chars)) {
    chars = Math.max(1, Math.min(chars - 1, Math.floor((chars * roomBytes) / bytes)));
  }
  const end = start + chars;
  if (!isPair(text, end - 1)) return end;
  return chars > 1 ? end - 1 : end + 1;
}

function bytesOf(text: string, start: number, chars: number): number {
  return Buffer.byteLength(JSON.stringify(text.slice(start, start + chars))) - 2;
}

/** Whether a character that takes two units begins here. */
function isPair(text: string, at: number): boolean {
  const [high, low] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
}
