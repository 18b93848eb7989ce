import { findHidden } from "../../tool/index.ts";

/** A text of the document on one line, without what people do not see, cut to a length. */
export function cleanText(text: unknown, maxChars: number): string {
  if (typeof text !== "string") return "";
  const seen = Array.from(text.slice(0, 20_000), (character) => (findHidden(character) === undefined ? character : " ")).join("");
  const line = seen.replace(/\s+/g, " ").trim().toWellFormed();
  return line.length <= maxChars
    ? line
    : `${line
        .slice(0, maxChars - 1)
        .trimEnd()
        .toWellFormed()}…`;
}

export function hasHidden(text: unknown): boolean {
  return typeof text === "string" && findHidden(text) !== undefined;
}

/** A name of `[a-z0-9_]` that begins with a letter, from whatever the document calls it; empty when nothing is left. */
export function nameFrom(text: string, maxChars: number): string {
  const words = text
    .slice(0, 500)
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[_0-9]+|_+$/g, "");
  return words.slice(0, maxChars).replace(/_+$/, "");
}

/** The name, or with a number behind it the first that is not taken; it is taken then. */
export function takeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}_${i}`;
  taken.add(free);
  return free;
}
