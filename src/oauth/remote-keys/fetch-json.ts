import type { GuardedFetch } from "../../lib/guarded-fetch.ts";
import { isRecord } from "../../lib/is-record.ts";

type Init = Parameters<GuardedFetch>[1];

/** A JSON object from another server. Rejects for every other answer; nothing of what was sent there is in the error. */
export async function fetchJson(guardedFetch: GuardedFetch, url: string, init?: Init): Promise<Readonly<Record<string, unknown>>> {
  const { status, text } = await guardedFetch(url, { ...init, headers: { accept: "application/json", ...init?.headers } });
  if (status !== 200) throw new Error(`it was answered with status ${status}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("the answer is not JSON");
  }
  if (!isRecord(value)) throw new Error("the answer is not a JSON object");
  return value;
}
