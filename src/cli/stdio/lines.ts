import { isUtf8 } from "node:buffer";

/** One line of the input, or why it cannot be read. */
export type Line = { readonly text: string } | { readonly problem: "too_long" | "not_utf8" };

const LINE_FEED = 0x0a;

/** The lines of a stream of bytes, without empty ones. Of a line with more than `maxBytes` nothing is kept. */
export async function* readLines(input: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      yield* endLine(add(chunk.subarray(start, end)));
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  yield* endLine(bytes);

  function add(part: Buffer): number {
    bytes += part.length;
    if (bytes > maxBytes) parts = [];
    else if (part.length > 0) parts.push(part);
    return bytes;
  }

  function* endLine(size: number): Generator<Line> {
    const line = Buffer.concat(parts);
    parts = [];
    bytes = 0;
    if (size > maxBytes) yield { problem: "too_long" };
    else if (!isUtf8(line)) yield { problem: "not_utf8" };
    else if (line.some((byte) => byte > 0x20)) yield { text: line.toString("utf8").trim() };
  }
}
