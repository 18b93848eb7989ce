import ipaddr from "ipaddr.js";
import type { Clock } from "../../lib/clock.ts";
import { createLimiter } from "../../lib/limiter.ts";

const MAX_KNOWN = 10_000;

/** What one tries, as far as budgets are concerned. */
export interface Attempt {
  readonly email: string;
  readonly address: string | undefined;
}

/** Budgets of password attempts. In memory: a restart forgives. */
export interface SignInBudget {
  /** Seconds to wait; 0 when the attempt may be made. Says the same for accounts that do not exist. */
  take(attempt: Attempt): number;
  /** Notes that the password was right: the account's attempts from this address then have a budget that strangers cannot use up. */
  know(attempt: Attempt): void;
}

/**
 * Three budgets, in an order in which whoever used up one cannot go on to use up the next: of the address, of all together, of the account.
 * No wait is longer than five minutes, and sign-in by link, passkey or another provider asks none of them.
 */
export function createSignInBudget(now: Clock): SignInBudget {
  const addresses = createLimiter({ perSecond: 1 / 15, burst: 20, now });
  const everyone = createLimiter({ perSecond: 10, burst: 50, now });
  const accounts = createLimiter({ perSecond: 1 / 300, burst: 10, now });
  const acquainted = createLimiter({ perSecond: 1 / 60, burst: 10, now });
  const known = new Set<string>();
  return {
    take(attempt) {
      const pair = pairOf(attempt);
      if (known.has(pair)) return acquainted.take(pair);
      return addresses.take(networkOf(attempt.address)) || everyone.take("") || accounts.take(attempt.email);
    },
    know(attempt) {
      const pair = pairOf(attempt);
      // Deleted first, so that the oldest acquaintance is the first to be forgotten.
      known.delete(pair);
      known.add(pair);
      if (known.size <= MAX_KNOWN) return;
      const [oldest] = known;
      if (oldest !== undefined) known.delete(oldest);
    },
  };
}

function pairOf({ email, address }: Attempt): string {
  return `${networkOf(address)} ${email}`;
}

/** An IPv4 address, or the /64 of an IPv6 address, as one household or host has all of it. */
function networkOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(":") : parsed.toString();
}
