/** W3C Trace Context and Baggage as they stand in `_meta` (MCP 2026-07-28 basic): what is malformed is left out, never passed on. */
import type { Trace } from "../tool/index.ts";

const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const MAX_TRACEPARENT_CHARS = 256;

/** Trace Context §3.3.1: a simple key or tenant@system, and printable characters without comma and equals sign, not ending in a space. */
const STATE_MEMBER =
  /^(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MAX_STATE_CHARS = 512;
const MAX_STATE_MEMBERS = 32;

/** Baggage §3.3.1: token = octets, then properties of the same form whose value may be absent. */
const BAGGAGE_MEMBER =
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*=[ \t]*[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*(?:[ \t]*;[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*=[ \t]*[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*)?)*$/;
const MAX_BAGGAGE_CHARS = 8192;
const MAX_BAGGAGE_MEMBERS = 64;

/** The trace that a request belongs to, or undefined when it names none that is well formed. */
export function parseTrace(meta: Readonly<Record<string, unknown>>): Trace | undefined {
  const parent = textOf(meta["traceparent"], MAX_TRACEPARENT_CHARS);
  if (parent === undefined) return undefined;
  const [, version, traceId, parentId, flags, more] = TRACEPARENT.exec(parent) ?? [];
  // A later version may have more fields; of it the known ones are taken and passed on as version 00 (Trace Context §4).
  if (traceId === undefined || parentId === undefined || (version === "00" && more !== undefined)) return undefined;
  const traceparent = version === "00" ? parent : `00-${traceId}-${parentId}-${sampled(flags)}`;
  const tracestate = parseState(textOf(meta["tracestate"], MAX_STATE_CHARS));
  const baggage = parseBaggage(textOf(meta["baggage"], MAX_BAGGAGE_CHARS));
  return { traceId, traceparent, ...(tracestate === undefined ? {} : { tracestate }), ...(baggage === undefined ? {} : { baggage }) };
}

/** Of the flags only the one that version 00 defines. */
function sampled(flags = "00"): string {
  return (Number.parseInt(flags, 16) & 1) === 1 ? "01" : "00";
}

/** All or nothing: a malformed list is dropped as a whole (Trace Context §3.3). */
function parseState(text: string | undefined): string | undefined {
  const members = membersOf(text, MAX_STATE_MEMBERS);
  if (members === undefined || !members.every((member) => STATE_MEMBER.test(member))) return undefined;
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf("="))));
  return keys.size === members.length ? members.join(",") : undefined;
}

function parseBaggage(text: string | undefined): string | undefined {
  const members = membersOf(text, MAX_BAGGAGE_MEMBERS);
  return members?.every((member) => BAGGAGE_MEMBER.test(member)) === true ? members.join(",") : undefined;
}

/** The members of a comma-separated list, empty ones left out; undefined when there are none or too many. */
function membersOf(text: string | undefined, max: number): string[] | undefined {
  const members = (text ?? "")
    .split(",")
    .map((member) => member.trim())
    .filter(Boolean);
  return members.length > 0 && members.length <= max ? members : undefined;
}

function textOf(value: unknown, maxChars: number): string | undefined {
  return typeof value === "string" && value.length <= maxChars ? value : undefined;
}
