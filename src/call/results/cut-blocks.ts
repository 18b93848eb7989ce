import type { ContentBlock } from "../../tool/index.ts";
import type { Room } from "./budget.ts";
import { textEnd } from "./cut-text.ts";
import type { Range } from "./cut-value.ts";

/** Blocks that fit in one part, and where they stand in the whole. */
export interface BlockPiece {
  readonly blocks: readonly ContentBlock[];
  readonly range: Range;
}

/** A text is not begun in what is left of a part when that is less than this share of it. */
const WORTH_FILLING = 1 / 8;
const MAX_URI_CHARS = 200;

/** Parts in order: texts are cut where a part is full, all other blocks stay whole. One that is too large for any part is told, not sent. */
export function* cutBlocks(blocks: readonly ContentBlock[], room: Room, name: string): Generator<BlockPiece> {
  const sendable = blocks.map((block) => (block.type !== "text" && jsonBytes(block) > room.json ? tooLarge(block, name) : block));
  const place = createPlace(sendable);
  let piece: ContentBlock[] = [];
  let left: Room = room;
  const take = (block: ContentBlock, json: number, text: number) => {
    piece.push(block);
    left = { json: left.json - json, text: left.text - text };
  };
  function* flush(): Generator<BlockPiece> {
    if (piece.length > 0) yield { blocks: piece, range: place.advance(piece) };
    [piece, left] = [[], room];
  }
  for (const block of sendable) {
    if (block.type !== "text") {
      const bytes = jsonBytes(block);
      if (bytes > left.json) yield* flush();
      take(block, bytes, 0);
      continue;
    }
    const around = jsonBytes({ ...block, text: "" });
    for (let start = 0; start < block.text.length || start === 0;) {
      if (Math.min(left.text, left.json - around) < room.text * WORTH_FILLING) yield* flush();
      const end = block.text === "" ? 0 : textEnd(block.text, start, Math.max(1, Math.min(left.text, left.json - around)));
      const part = start === 0 && end === block.text.length ? block : { ...block, text: block.text.slice(start, end) };
      const bytes = jsonBytes(part);
      take(part, bytes, bytes - around);
      if (end === 0) break;
      start = end;
    }
  }
  yield* flush();
}

function jsonBytes(block: ContentBlock): number {
  return Buffer.byteLength(JSON.stringify(block)) + 1;
}

/** Counts characters when there is text, blocks otherwise. */
function createPlace(all: readonly ContentBlock[]): { advance(piece: readonly ContentBlock[]): Range } {
  const hasText = all.some(({ type }) => type === "text");
  const count = (blocks: readonly ContentBlock[]) =>
    hasText ? blocks.reduce((sum, block) => sum + (block.type === "text" ? block.text.length : 0), 0) : blocks.length;
  const total = count(all);
  let done = 0;
  return {
    advance(piece) {
      const from = done + 1;
      done = Math.min(total, done + count(piece));
      return { path: "", unit: hasText ? "characters" : "blocks", from: Math.min(from, Math.max(1, done)), to: done, total };
    },
  };
}

function tooLarge(block: ContentBlock, name: string): ContentBlock {
  const bytes = "data" in block ? Math.floor((block.data.length * 3) / 4) : Buffer.byteLength(JSON.stringify(block));
  const what =
    block.type === "image" || block.type === "audio"
      ? `${block.type === "image" ? "An image" : "A sound"} of type ${block.mimeType}`
      : block.type === "resource"
        ? `The resource ${block.resource.uri.slice(0, MAX_URI_CHARS)}`
        : "A block";
  return {
    type: "text",
    text: `(${what} with ${bytes.toLocaleString("en")} bytes is left out: one answer of ${name} may not be so large.)`,
  };
}
