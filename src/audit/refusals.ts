import { isIPv6 } from "node:net";
import type { Clock } from "../lib/clock.ts";
import type { Ledger } from "./ledger.ts";

/** Counts refusals of callers that nobody knows, so that a flood of them becomes a few records a minute. */
export interface RefusalCounter {
  /** `who` is an address, or the client id of a known caller that is over its rate. */
  count(reason: string, who: string): void;
  /** Puts what was counted on record. Called each minute, and before the server stops. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** More different sources than this in one minute are counted together. */
const MAX_KEYS = 1000;
const OTHERS = "others";
const MINUTE_MS = 60_000;

interface Tally {
  readonly reason: string;
  readonly from: string;
  count: number;
}

export function createRefusalCounter(ledger: Ledger, now: Clock): RefusalCounter {
  let tallies = new Map<string, Tally>();
  let since = now();
  const timer = setInterval(() => void flush().catch(() => undefined), MINUTE_MS).unref();

  function count(reason: string, who: string): void {
    let from = addressPrefix(who);
    let key = `${reason} ${from}`;
    if (!tallies.has(key) && tallies.size >= MAX_KEYS) {
      from = OTHERS;
      key = `${reason} ${OTHERS}`;
    }
    const tally = tallies.get(key);
    if (tally === undefined) tallies.set(key, { reason, from, count: 1 });
    else tally.count++;
  }

  async function flush(): Promise<void> {
    if (tallies.size === 0) return;
    const counted = tallies;
    const at = since;
    tallies = new Map();
    since = now();
    const records = [...counted.values()].map((tally) => {
      const body = JSON.stringify({ v: 1, kind: "refusal", at, until: since, reason: tally.reason, from: tally.from, count: tally.count });
      return ledger.append({ kind: "refusal", ref: null, body }).catch((error: unknown) => {
        // Not lost: what could not be written is counted into the next minute.
        const key = `${tally.reason} ${tally.from}`;
        const newer = tallies.get(key);
        if (newer === undefined) tallies.set(key, tally);
        else newer.count += tally.count;
        throw error;
      });
    });
    await Promise.all(records);
  }

  return {
    count,
    flush,
    async close() {
      clearInterval(timer);
      await flush().catch(() => undefined);
    },
  };
}

/** The network an address is in: /24 for IPv4, /56 for IPv6; other names stay as they are. */
export function addressPrefix(address: string): string {
  const v4 = /^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/i.exec(address)?.[1];
  if (v4 !== undefined) return `${v4}.0/24`;
  if (!isIPv6(address)) return address;
  const [front = "", back] = address.split("%")[0]?.split("::") ?? [];
  const head = front === "" ? [] : front.split(":");
  const tail = back === undefined || back === "" ? [] : back.split(":");
  const groups = back === undefined ? head : [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0"), ...tail];
  const [a = "0", b = "0", c = "0", d = "0"] = groups;
  const fourth = (Number.parseInt(d, 16) & 0xff00).toString(16);
  return `${[a, b, c].map((group) => Number.parseInt(group, 16).toString(16)).join(":")}:${fourth}::/56`;
}
