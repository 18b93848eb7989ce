import { setImmediate as nextTurn } from "node:timers/promises";
import type { ContentBlock, RegisteredTool } from "../../tool/index.ts";
import { roomOf, type Room, type Whole } from "./budget.ts";
import { cutBlocks, type BlockPiece } from "./cut-blocks.ts";
import { cutValue, emptied, type Range } from "./cut-value.ts";
import { MAX_RESULT_BYTES } from "./max-result-bytes.ts";
import { outputCheck } from "./output-check.ts";

/** One part of a result, before it is known how many there are. */
export interface Piece {
  /** Absent for a content result. */
  readonly structured?: { readonly value: unknown };
  readonly blocks: readonly ContentBlock[];
  readonly range?: Range | undefined;
  readonly isError: boolean;
  /** True when it is text only because nothing shorter fits the output schema. */
  readonly isUnshaped?: boolean;
}

export interface Pieces {
  /** As JSON, in order. */
  readonly pieces: readonly string[];
  /** Whether something is left out, because the whole has more than `MAX_RESULT_BYTES`. */
  readonly isDropped: boolean;
}

/** Cuts a result that is over the budget of its tool. Other calls get their turn between the parts. */
export async function cutResult(whole: Whole, target: RegisteredTool): Promise<Pieces> {
  const room = roomOf(target);
  const { structured, blocks, isError } = whole;
  if (structured === undefined) return collectContent(cutBlocks(blocks, room, target.name), { isError });
  const pieces = await collect(structuredPieces(whole, room, target));
  if (pieces !== undefined) return pieces;
  // Nothing shorter fits the output schema, and a result that is no error must fit it (MCP 2026-07-28 tools, output schema).
  const text: ContentBlock = { type: "text", text: structured };
  return collectContent(cutBlocks([...blocks, text], room, target.name), { isError: true, isUnshaped: true });
}

async function collectContent(pieces: Iterable<BlockPiece>, more: Pick<Piece, "isError" | "isUnshaped">): Promise<Pieces> {
  const whole: Piece[] = [];
  for (const piece of pieces) whole.push({ ...piece, ...more });
  return (await collect(whole)) ?? { pieces: [], isDropped: false };
}

/** Undefined when one of the pieces is. */
async function collect(pieces: Iterable<Piece | undefined>): Promise<Pieces | undefined> {
  const made: string[] = [];
  let chars = 0;
  for (const piece of pieces) {
    if (piece === undefined) return undefined;
    const json = JSON.stringify(piece);
    chars += json.length;
    if (chars > MAX_RESULT_BYTES && made.length > 0) return { pieces: made, isDropped: true };
    made.push(json);
    await nextTurn();
  }
  return { pieces: made, isDropped: false };
}

/** Parts of the value, each of which fits the output schema, with parts of what was streamed before it. */
function* structuredPieces({ structured = "null", blocks }: Whole, room: Room, target: RegisteredTool): Generator<Piece | undefined> {
  const { fits } = outputCheck(target);
  const streamed = blocks.length === 0 ? NOTHING : cutBlocks(blocks, { json: room.json / 2, text: room.text / 2 }, target.name);
  const share = blocks.length === 0 ? 1 : 2;
  // The value stands in the result twice, once as text with its quotation marks escaped: at most three times its bytes.
  const valueRoom = Math.floor(Math.min(room.text, room.json / 3) / share);
  const value: unknown = JSON.parse(structured);
  let wasCut = false;
  for (const slice of cutValue(value, { room: valueRoom, path: "", size: Buffer.byteLength(structured) })) {
    if (slice === undefined || !fits(slice.value)) {
      yield undefined;
      return;
    }
    wasCut = slice.range !== undefined;
    yield { structured: { value: slice.value }, blocks: streamed.next().value?.blocks ?? [], range: slice.range, isError: false };
  }
  // More was streamed than there are parts of the value.
  const rest = wasCut ? emptied(value, valueRoom) : value;
  for (const { blocks: more, range } of streamed) {
    if (!fits(rest)) {
      yield undefined;
      return;
    }
    yield { structured: { value: rest }, blocks: more, range, isError: false };
  }
}

const NOTHING: Generator<BlockPiece> = (function* () {})();
