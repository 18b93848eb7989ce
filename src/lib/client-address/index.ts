import { BlockList, isIP } from "node:net";

/** What of a request says where it comes from. */
interface Sent {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Whether this is an IP address, or a network in CIDR notation. */
export function isNetwork(given: string): boolean {
  const [address = "", prefix, ...more] = given.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32));
}

const forwarded = new WeakMap<object, string>();

/**
 * Tells where requests come from that proxies of these addresses and networks pass on: the last address in X-Forwarded-For that is none of
 * theirs, as each appends the one that it was reached from. What others say there means nothing.
 */
export function createAddressReader(proxies: readonly string[]): (req: Sent) => void {
  if (proxies.length === 0) return () => undefined;
  const trusted = new BlockList();
  for (const network of proxies) {
    const [address = "", prefix] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return (req) => {
    const peer = req.socket.remoteAddress;
    if (peer === undefined || !isTrusted(peer)) return;
    const said = req.headers["x-forwarded-for"];
    const hops = (typeof said === "string" ? said : "").split(",").map((hop) => bare(hop.trim()));
    // What is left of a hop that is no address was never seen by a proxy of ours.
    for (const hop of hops.reverse()) {
      if (isIP(hop) === 0) return;
      forwarded.set(req, hop);
      if (!isTrusted(hop)) return;
    }
  };
}

/** Some proxies write the port too. */
function bare(hop: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(hop)?.[1] ?? hop;
}

/** Where a request comes from, as far as that is known. */
export function addressOf(req: Pick<Sent, "socket">): string | undefined {
  return forwarded.get(req) ?? req.socket.remoteAddress;
}
