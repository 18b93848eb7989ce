import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, createAddressReader, isNetwork } from "../../src/lib/client-address.ts";

const from = (proxies: readonly string[], peer: string, forwardedFor?: string): string | undefined => {
  const req = { socket: { remoteAddress: peer }, headers: { "x-forwarded-for": forwardedFor } };
  createAddressReader(proxies)(req);
  return addressOf(req);
};

const CASES: readonly (readonly [rule: string, proxies: readonly string[], peer: string, said: string | undefined, client: string])[] = [
  ["without proxies nobody is believed", [], "203.0.113.9", "198.51.100.7", "203.0.113.9"],
  ["who is no proxy is not believed", ["10.0.0.0/8"], "203.0.113.9", "198.51.100.7", "203.0.113.9"],
  ["a proxy is believed", ["10.0.0.0/8"], "10.1.2.3", "198.51.100.7", "198.51.100.7"],
  ["what the client itself wrote before is not", ["10.1.2.3"], "10.1.2.3", "1.1.1.1, 198.51.100.7", "198.51.100.7"],
  ["a row of proxies is followed to the first stranger", ["10.0.0.0/8"], "10.1.2.3", "1.1.1.1, 198.51.100.7, 10.9.9.9", "198.51.100.7"],
  ["what is no address ends the row", ["10.0.0.0/8"], "10.1.2.3", "198.51.100.7, unknown, 10.9.9.9", "10.9.9.9"],
  ["a proxy that says nothing stands for the caller", ["10.0.0.0/8"], "10.1.2.3", undefined, "10.1.2.3"],
  ["a proxy on IPv4 that comes by an IPv6 socket is the same", ["127.0.0.1"], "::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"],
  ["IPv6 and ports are read", ["fd00::/8"], "fd00::1", "[2001:db8::5]:4711", "2001:db8::5"],
];

for (const [rule, proxies, peer, said, client] of CASES) {
  test(`T34: where a request comes from: ${rule}`, () => assert.equal(from(proxies, peer, said), client));
}

test("networks are addresses, with or without a length that fits", () => {
  for (const good of ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/0"]) assert.ok(isNetwork(good), good);
  for (const bad of ["", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "10.0.0.0/x"]) assert.ok(!isNetwork(bad), bad);
});
