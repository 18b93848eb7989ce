export interface Parsed {
  readonly value?: unknown;
  /** Where and why it is no JSON, for people. */
  readonly problem?: string;
}

const PART = /\s+|[{}[\]:,]|"(?:[^"\\\n\r\t]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)\b/y;

export function parseJson(text: string): Parsed {
  try {
    return { value: JSON.parse(text) };
  } catch (reason) {
    const message = reason instanceof Error ? reason.message : String(reason);
    const why = message.replace(/,? (in JSON )?at position .*/s, "").replace(/, (\.\.\.)?".*/s, "");
    // Engines tell the position only of long texts.
    const told = /position (\d+)/.exec(message)?.[1];
    const at = told === undefined ? firstStrange(text) : Number(told);
    if (at === undefined) return { problem: why };
    const before = text.slice(0, at).split("\n");
    return { problem: `Line ${before.length}, column ${(before.at(-1) ?? "").length + 1}: ${why}` };
  }
}

/** Where the first thing stands that is no part of any JSON. */
function firstStrange(text: string): number | undefined {
  PART.lastIndex = 0;
  let at = 0;
  while (at < text.length && PART.test(text)) at = PART.lastIndex;
  return at < text.length ? at : undefined;
}
