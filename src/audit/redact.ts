import { REDACTED } from "../tool/index.ts";

const SECRET_NAME = /token|secret|passw|credential|api[-_]?key|private[-_]?key|authorization|cookie|assertion|verifier/i;
const SECRET_VALUE =
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:Bearer|Basic|DPoP) +[\w.~+/-]{12,}|\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|xox[abprs]|AKIA|rs)[-_][\w-]{12,}|\bAKIA[A-Z0-9]{12,}/;
const MAX_STRING_CHARS = 256;
const MAX_MEMBERS = 64;
const MAX_DEPTH = 6;

/**
 * A copy of arguments that is fit for the record: values whose name or form says that they are secret are replaced, long strings,
 * long lists and deep parts are cut.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") {
    if (SECRET_VALUE.test(value)) return REDACTED;
    return value.length > MAX_STRING_CHARS ? `${value.slice(0, MAX_STRING_CHARS)}… (${value.length} characters)` : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "[deep]";
  if (Array.isArray(value)) {
    const kept = value.slice(0, MAX_MEMBERS).map((member) => redact(member, depth + 1));
    return value.length > MAX_MEMBERS ? [...kept, `… (${value.length} items)`] : kept;
  }
  const copy: Record<string, unknown> = {};
  let count = 0;
  for (const key of Object.keys(value)) {
    if (++count > MAX_MEMBERS) break;
    const member = (value as Record<string, unknown>)[key];
    const name = key.length > MAX_STRING_CHARS ? key.slice(0, MAX_STRING_CHARS) : key;
    const isSecret = SECRET_NAME.test(key) && (typeof member === "string" || typeof member === "number");
    copy[name] = isSecret ? REDACTED : redact(member, depth + 1);
  }
  return copy;
}
