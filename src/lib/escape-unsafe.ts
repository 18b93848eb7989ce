// Characters that JSON leaves as they are but that end a line or steer a terminal somewhere downstream, and those that do it in plain text.
// oxlint-disable-next-line no-control-regex -- these are the ones to escape
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A text with every control, direction and line character written as `\\uXXXX`. What it does to JSON changes nothing of its meaning. */
export function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
