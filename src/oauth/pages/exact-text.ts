import { html } from "hono/html";
import { escapeUnsafe } from "../../lib/escape-unsafe.ts";
import type { Html } from "./visit.ts";

// What else nobody sees: soft hyphens, fillers, variation selectors, and the tags that carry a text of their own.
// oxlint-disable-next-line no-misleading-character-class -- each of these is escaped on its own
const UNSEEN = /[\p{Cf}\p{Co}\p{Cn}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;
const HIDDEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const STRING = /("(?:[^"\\]|\\.)*")/;

/** A text that a person decides by, whole and in the order it has: what hides, turns or ends lines is written as `\uXXXX`. */
export function showExact(text: string): string {
  return escapeUnsafe(text).replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** A text to be changed and sent back: without what hides or turns text. Joiners stay, as several scripts are written with them. */
export function withoutHidden(text: string): string {
  return text.replace(HIDDEN, "");
}

/** The same as `showExact`, kept from reordering what stands around it when it is written from right to left. */
export function renderExact(text: string): Html {
  return html`<bdi>${showExact(text)}</bdi>`;
}

/** A value as JSON; each text in it is kept apart, so that no two of them change places before the reader's eyes. */
export function renderJson(value: unknown, indent?: number): Html {
  const text = JSON.stringify(value, undefined, indent) ?? "";
  // Line ends within texts are escaped by JSON; those that are left indent it.
  const lines = text.split("\n").map((line) => line.split(STRING).map((part) => (part.startsWith('"') ? renderExact(part) : part)));
  return html`${lines.map((parts, index) => (index === 0 ? parts : ["\n", ...parts]))}`;
}
