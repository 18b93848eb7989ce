import type { ContentBlock, RegisteredTool } from "../../tool/index.ts";

/** A result before it is known whether it fits in one answer. */
export interface Whole {
  /** The members of the result as JSON; undefined when it certainly does not fit. */
  readonly json: string | undefined;
  /** All blocks of a content result; for a structured one, what was streamed before it. */
  readonly blocks: readonly ContentBlock[];
  /** The structured value as JSON; undefined for a content result. */
  readonly structured: string | undefined;
  readonly isError: boolean;
}

/**
 * Bytes of UTF-8 text that are counted as one token. Tokenizers differ: English prose and JSON come to about four bytes a token, other
 * scripts to three or fewer tokens for that many, so the estimate is coarse, but it is the same everywhere and costs nothing.
 */
const BYTES_PER_TOKEN = 4;

/** Tokens that a model reads for so many bytes of UTF-8 text, estimated. */
export function estimateTokens(textBytes: number): number {
  return Math.ceil(textBytes / BYTES_PER_TOKEN);
}

type Bounds = Pick<RegisteredTool, "maxResultBytes" | "maxResultTokens">;

/** True only when it certainly fits: a string of n characters has at most 3n bytes, so most results need no count. */
export function isSmall(json: string, { maxResultBytes, maxResultTokens }: Bounds): boolean {
  const bytes = json.length * 3;
  return bytes <= maxResultBytes && bytes <= maxResultTokens * BYTES_PER_TOKEN;
}

/** True only for a structured value that certainly does not fit: a string of n characters has at least n bytes. */
export function isLarge(structured: string, { maxResultBytes, maxResultTokens }: Bounds): boolean {
  return structured.length > maxResultBytes || structured.length > maxResultTokens * BYTES_PER_TOKEN;
}

export function isWithin({ json, blocks, structured }: Whole, { maxResultBytes, maxResultTokens }: Bounds): boolean {
  if (json === undefined) return false;
  const structuredBytes = structured === undefined ? 0 : Buffer.byteLength(structured);
  if (estimateTokens(textBytes(blocks) + structuredBytes) > maxResultTokens) return false;
  // Long values are not counted more often than they must be: the value stands in the result twice, and everything around it is ASCII.
  const isAlone = structured !== undefined && blocks.length === 0;
  const bytes = isAlone ? json.length + 2 * (structuredBytes - structured.length) : Buffer.byteLength(json);
  return bytes <= maxResultBytes;
}

/** Bytes of the text that a model reads in these blocks. */
function textBytes(blocks: readonly ContentBlock[]): number {
  let bytes = 0;
  for (const block of blocks) {
    if (block.type === "text") bytes += Buffer.byteLength(block.text);
    else if (block.type === "resource" && "text" in block.resource) bytes += Buffer.byteLength(block.resource.text);
  }
  return bytes;
}

/** What one part may have beside what is said about the parts. */
export interface Room {
  /** Bytes of its JSON. */
  readonly json: number;
  /** Bytes of its text, escapes counted. */
  readonly text: number;
}

/** For the sentence about the parts and for `_meta`, which both hold the cursor. */
const ABOUT_BYTES = 1536;
/** A budget below this is not kept to, because nothing would ever arrive. */
const MIN_ROOM_BYTES = 1024;

export function roomOf({ maxResultBytes, maxResultTokens }: Bounds): Room {
  const json = Math.max(MIN_ROOM_BYTES, maxResultBytes - ABOUT_BYTES);
  const text = Math.max(MIN_ROOM_BYTES, maxResultTokens * BYTES_PER_TOKEN - ABOUT_BYTES);
  return { json, text: Math.min(text, json) };
}
