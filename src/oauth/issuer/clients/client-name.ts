import { findHidden } from "../../../tool/index.ts";

const MAX_NAME_CHARS = 80;

/** What can be seen of a name that a stranger chose: without hidden characters, on one line, at most 80 characters. Empty when nothing is left. */
export function cleanClientName(name: string): string {
  const visible = Array.from(name.toWellFormed().replaceAll(/\s+/g, " ")).filter((character) => findHidden(character) === undefined);
  return visible.slice(0, MAX_NAME_CHARS).join("").trim();
}

/** Whether a name can stand as an operator wrote it. */
export function isPlainClientName(name: string): boolean {
  return name.trim() !== "" && name.length <= MAX_NAME_CHARS && !/\p{Cc}/u.test(name) && findHidden(name) === undefined;
}
