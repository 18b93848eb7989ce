import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, createAddressReader, isNetwork } from "../../src/lib/client-address/index.ts";

const from = (proxies: readonly string[], peer: string, forwardedFor?: string): string | undefined => {
  const req = { socket: { remoteAddress: peer }, headers: { "x-forwarded-for": forwardedFor } };
  createAddressReader(proxies)(req);
  return addressOf(req);
};

const CASES: readonly (readonly [rule: string, proxies: readonly string[], peer: string, said: string | undefined, client: string])[] = [
  ["without proxies nobody is believed", [], "203.0.113.9", "198.51.100.7", "203.0.113.9"],
  ["who is no proxy is not believed", ["192.0.2.0/24"], "203.0.113.9", "198.51.100.7", "203.0.113.9"],
  ["a proxy is believed", ["192.0.2.0/24"], "192.0.2.3", "198.51.100.7", "198.51.100.7"],
  ["what the client itself wrote before is not", ["192.0.2.3"], "192.0.2.3", "1.1.1.1, 198.51.100.7", "198.51.100.7"],
  ["a row of proxies is followed to the first stranger", ["192.0.2.0/24"], "192.0.2.3", "1.1.1.1, 198.51.100.7, 192.0.2.9", "198.51.100.7"],
  ["what is no address ends the row", ["192.0.2.0/24"], "192.0.2.3", "198.51.100.7, unknown, 192.0.2.9", "192.0.2.9"],
  ["a proxy that says nothing stands for the caller", ["192.0.2.0/24"], "192.0.2.3", undefined, "192.0.2.3"],
  ["a proxy on IPv4 that comes by an IPv6 socket is the same", ["127.0.0.1"], "::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"],
  ["IPv6 and ports are read", ["fd00::/8"], "fd00::1", "[2001:db8::5]:4711", "2001:db8::5"],
];

for (const [rule, proxies, peer, said, client] of CASES) {
  test(`T34: where a request comes from: ${rule}`, () => assert.equal(from(proxies, peer, said), client));
}

test("networks are addresses, with or without a length that fits", () => {
  for (const good of ["127.0.0.1", "192.0.2.0/24", "::1", "fd00::/8", "0.0.0.0/0"]) assert.ok(isNetwork(good), good);
  for (const bad of ["", "proxy", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/24/8", "::/129", "192.0.2.0/x"]) assert.ok(!isNetwork(bad), bad);
});
