import type { GuardedFetch } from "../../../lib/guarded-fetch.ts";
import type { Fetched } from "./outside-cache.ts";

/** What another server published cannot be used. The message is ours and repeats nothing of it. */
export class UnusableError extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = "UnusableError";
  }
}

const DEFAULT_FRESH_MS = 600_000;

/** Fetches JSON and how long it stays fresh (RFC 9111 §4.2). Rejects for every other answer than 200 with JSON. */
export async function fetchOutsideJson(
  get: GuardedFetch,
  url: string,
  limits: { readonly maxBytes: number; readonly nowMs: number },
): Promise<Fetched<unknown>> {
  const { status, headers, text } = await get(url, { headers: { accept: "application/json" }, maxBodyBytes: limits.maxBytes });
  if (status !== 200) throw new UnusableError("the answer does not have the status 200");
  if (!/^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i.test(headers.get("content-type") ?? ""))
    throw new UnusableError("the answer is not of a JSON type");
  try {
    return { value: JSON.parse(text) as unknown, freshForMs: freshForMs(headers, limits.nowMs) };
  } catch {
    throw new UnusableError("the answer is no JSON");
  }
}

function freshForMs(headers: Headers, nowMs: number): number {
  const control = headers.get("cache-control") ?? "";
  if (/\bno-(?:store|cache)\b/i.test(control)) return 0;
  const maxAge = /\bmax-age\s*=\s*"?(\d{1,9})/i.exec(control)?.[1];
  if (maxAge !== undefined) return Number(maxAge) * 1000;
  const expires = headers.get("expires");
  if (expires === null) return DEFAULT_FRESH_MS;
  const at = Date.parse(expires);
  return Number.isNaN(at) ? 0 : at - nowMs;
}
