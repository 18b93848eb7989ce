import type { Clock } from "../../../lib/clock.ts";
import { createLimiter } from "../../../lib/limiter.ts";
import { networkOf } from "../../../lib/public-address.ts";

const PER_NETWORK = { perSecond: 1 / 6, burst: 20 };
const PER_HOST = { perSecond: 1, burst: 20 };
const IN_ALL = { perSecond: 10, burst: 100 };

/**
 * How much anybody can make this server fetch: bounded for each network that asks, each host that is asked, and in all. In that order, so that
 * one who asks for too much takes nothing from the others.
 */
export function createFetchBudget(now: Clock): (url: string, address: string | undefined) => boolean {
  const networks = createLimiter({ ...PER_NETWORK, now });
  const hosts = createLimiter({ ...PER_HOST, now });
  const all = createLimiter({ ...IN_ALL, now });
  return (url, address) =>
    (address === undefined || networks.take(networkOf(address)) === 0) && hosts.take(new URL(url).host) === 0 && all.take("all") === 0;
}
