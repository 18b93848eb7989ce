import { redact } from "../audit/index.ts";
import { isRecord } from "../lib/is-record.ts";

const MAX_CHARS = 64;
/** Clients are few, and each says the same of itself in every message. */
const MAX_KNOWN = 1000;
const known = new Map<string, string>();

/**
 * The client software as it names itself in `clientInfo`: "name/version", at most 64 characters. It is the client's word, so whatever is
 * neither letter, digit nor one of `. _ @ + / : -` becomes a hyphen: who reads it on record reads no prose of a caller.
 */
export function parseClient(info: unknown): string | undefined {
  if (!isRecord(info) || typeof info["name"] !== "string" || info["name"] === "") return undefined;
  const version = typeof info["version"] === "string" ? info["version"].slice(0, MAX_CHARS) : "";
  const given = `${info["name"].slice(0, MAX_CHARS)}${version === "" ? "" : `/${version}`}`;
  let client = known.get(given);
  if (client === undefined) {
    if (known.size >= MAX_KNOWN) known.clear();
    const open = String(redact(given));
    client = open.replaceAll(/[^\w.@+/:-]+/g, "-").slice(0, MAX_CHARS);
    known.set(given, client);
  }
  return client;
}
