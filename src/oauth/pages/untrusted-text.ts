/** Text that somebody else chose, made fit to be read by a person who decides by it. */
export interface UntrustedText {
  readonly text: string;
  /** What is odd about it, a sentence; undefined when nothing is. */
  readonly warning: string | undefined;
}

const MAX_CHARS = 60;
// oxlint-disable-next-line no-misleading-character-class -- each of these is removed on its own
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f]/gu;
// Marks pile up over other lines; two cover every living script's needs in a name.
const PILED_MARKS = /(\p{M}{2})\p{M}+/gu;
const SCRIPTS = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Armenian}/u, /\p{Script=Cherokee}/u];

/** One line of at most 60 characters: without characters that hide, turn or pile up text, and with a warning for alphabets that look alike. */
export function showUntrusted(value: string): UntrustedText {
  // Only the beginning is looked at, so that a long value costs no more than a short one.
  const head = value.slice(0, MAX_CHARS * 8).normalize("NFC");
  const line = head.replace(/\s+/gu, " ");
  const seen = line.replace(INVISIBLE, "");
  const visible = seen.replace(PILED_MARKS, "$1").trim();
  const characters = Array.from(visible);
  const text = characters.length > MAX_CHARS || head.length < value.length ? `${characters.slice(0, MAX_CHARS).join("")}…` : visible;
  return {
    text: text === "" || text === "…" ? "(no readable name)" : text,
    warning: warningFor(text, { isMixed: isMixed(visible), wasHidden: seen !== line }),
  };
}

function isMixed(text: string): boolean {
  return SCRIPTS.filter((script) => script.test(text)).length > 1;
}

function warningFor(text: string, found: { readonly isMixed: boolean; readonly wasHidden: boolean }): string | undefined {
  if (found.isMixed) return "This name mixes alphabets whose letters look alike. It may be made to look like another.";
  if (found.wasHidden) return "This name held hidden characters, which were removed. It may be made to look like another.";
  return text.endsWith("…") ? "This name is longer than shown." : undefined;
}
