import { isRecord } from "../../lib/is-record.ts";
import type { ContentBlock, RegisteredTool } from "../../tool/index.ts";
import type { Ended } from "../call.ts";
import type { Piece } from "./cut-result.ts";
import type { Range } from "./cut-value.ts";
import { CURSOR_MEMBER, outputCheck } from "./output-check.ts";

/** Where a piece stands among the others. */
export interface Standing {
  /** Counts from 1. */
  readonly part: number;
  readonly parts: number;
  /** Gets the next part; undefined when there is none, or it could not be kept. */
  readonly cursor: string | undefined;
  /** Whether what is beyond the last part was dropped. */
  readonly isDropped: boolean;
}

/** For how long a cursor holds. */
export const CURSOR_TTL_MINUTES = 10;

/** The answer that is one part of a result: its piece, and what it is a part of, in words for the model and in `_meta` for programs. */
export function answerPart(target: RegisteredTool, piece: Piece, standing: Standing): Ended {
  const { range, structured, isError } = piece;
  const { part, parts, cursor, isDropped } = standing;
  const meta = { cursor, part, parts, ...range, ...(isDropped ? { dropped: true } : {}) };
  const about: ContentBlock = { type: "text", text: describe(target, piece, standing) };
  const front = `{"_meta":${JSON.stringify({ "dev.remit/more": meta })},"content":`;
  if (structured === undefined) {
    const json = `${front}${JSON.stringify([...piece.blocks, about])}${isError ? ',"isError":true' : ""}}`;
    return { outcome: isError ? "tool_error" : "ok", answer: { type: "complete", json } };
  }
  const json = JSON.stringify(withCursor(target, structured.value, { cursor, range }));
  const content = [...piece.blocks, { type: "text", text: json }, about];
  return { outcome: "ok", answer: { type: "complete", json: `${front}${JSON.stringify(content)},"structuredContent":${json}}` } };
}

/** A list that is cut says how it goes on where its own schema has a place for that. */
function withCursor(
  target: RegisteredTool,
  value: unknown,
  { cursor, range }: { readonly cursor: string | undefined; readonly range: Range | undefined },
): unknown {
  const isList = range?.unit === "items" && range.path.lastIndexOf("/") === 0;
  if (cursor === undefined || !isList || !isRecord(value) || !outputCheck(target).takesCursor) return value;
  return { ...value, [CURSOR_MEMBER]: cursor };
}

function describe(
  { name }: RegisteredTool,
  { range, isUnshaped, structured }: Piece,
  { part, parts, cursor, isDropped }: Standing,
): string {
  const where = range === undefined || parts === 1 ? "" : `: ${placeOf(range, structured !== undefined)}`;
  const sentences = [`Part ${part} of ${parts} of the result of ${name}${where}.`];
  if (isUnshaped === true) sentences.push("It is text, because no shorter value fits the output schema.");
  if (cursor !== undefined) {
    sentences.push(`To go on, call ${name} again within ${CURSOR_TTL_MINUTES} minutes with this argument only: {"cursor":"${cursor}"}`);
  } else if (part < parts) sentences.push("The rest could not be kept. Ask for less at once.");
  else if (isDropped) sentences.push("What comes after this was too much to keep and was dropped. Ask for less at once.");
  else if (parts > 1) sentences.push("This is the last part.");
  return sentences.join(" ");
}

function placeOf({ path, unit, from, to, total }: Range, isStructured: boolean): string {
  const count = (n: number) => n.toLocaleString("en");
  const at = !isStructured || path === "" ? "" : ` in ${path}`;
  if (to < from) return `none of ${count(total)} ${unit}${at}`;
  return `${unit} ${count(from)}–${count(to)} of ${count(total)}${at}`;
}
