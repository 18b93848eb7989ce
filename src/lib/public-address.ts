import ipaddr from "ipaddr.js";
import { isIP } from "node:net";

/** What of the IPv6 space is in use as global unicast (RFC 4291 §2.5.4), without the block of protocol assignments (RFC 2928). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");
const PROTOCOL_ASSIGNMENTS = ipaddr.IPv6.parseCIDR("2001::/23");

/**
 * Whether an IP address, in its usual notation, is one that anybody on the internet can be reached at: none of a special-purpose block
 * (RFC 6890), and none that carries another address in it (mapped, NAT64, 6to4 …). False for what is no IP address.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const ip = ipaddr.parse(address);
  if (ip.range() !== "unicast") return false;
  return ip.kind() === "ipv4" || (ip.match(GLOBAL_UNICAST) && !ip.match(PROTOCOL_ASSIGNMENTS));
}

/** The network that one party is likely to hold: the address itself, for IPv6 its first 64 bits. For counting, not for security. */
export function networkOf(address: string): string {
  if (isIP(address) === 0) return address;
  const ip = ipaddr.process(address);
  return ip.kind() === "ipv4"
    ? ip.toString()
    : `${ip
        .toByteArray()
        .slice(0, 8)
        .map((byte) => byte.toString(16).padStart(2, "0"))
        .join("")}/64`;
}
