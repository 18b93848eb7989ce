import assert from "node:assert/strict";
import { createServer } from "node:http";
import https from "node:https";
import { connect, createServer as createTcpServer, type AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import {
  createGuardedFetch,
  FetchRefusedError,
  type FetchRefusal,
  type GuardedFetch,
  type ResolvedAddress,
} from "../../src/lib/guarded-fetch.ts";
import { isPublicAddress, networkOf } from "../../src/lib/public-address.ts";
import { loopbackLookup, startOutside, TEST_CA, type Answering, type Outside } from "../support/outside.ts";

const at = (...addresses: string[]): readonly ResolvedAddress[] =>
  addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

async function refusalOf(answer: Promise<unknown>): Promise<FetchRefusal | "fetched"> {
  try {
    await answer;
    return "fetched";
  } catch (error) {
    assert.ok(error instanceof FetchRefusedError, String(error));
    return error.reason;
  }
}

/** Counts as public, but nothing is there: this part of the space was never given to anybody. */
const UNREACHABLE = "2000::1";

const hello: Answering = (_req, res) => void res.end("hello");

/** A server that must not be reached, on both loopback addresses, counting what arrives there. */
async function startCanary(t: TestContext): Promise<{ port: number; hits(): number }> {
  let hits = 0;
  const [four, six] = [createTcpServer(), createTcpServer()];
  const servers = [four, six];
  for (const server of servers) server.on("connection", (socket) => (hits++, socket.destroy()));
  await new Promise<void>((resolve) => four.listen(0, "127.0.0.1", resolve));
  const { port } = four.address() as AddressInfo;
  // Not every machine has IPv6, and there the second server is not needed.
  await new Promise<void>((resolve) => six.once("error", () => resolve()).listen(port, "::1", resolve));
  t.after(() => servers.forEach((server) => server.listening && server.close()));
  return { port, hits: () => hits };
}

/** Names that an attacker's name server answers. */
const NAMES: Readonly<Record<string, readonly ResolvedAddress[]>> = {
  "four.evil.example": at("127.0.0.1"),
  "six.evil.example": at("::1"),
  "mixed.evil.example": at("93.184.215.14", "127.0.0.1"),
  "mixed-six.evil.example": at("2606:4700::1111", "::1"),
  "mapped.evil.example": at("::ffff:127.0.0.1"),
  "nat64.evil.example": at("64:ff9b::7f00:1"),
  "6to4.evil.example": at("2002:7f00:1::"),
  "metadata.evil.example": at("169.254.169.254"),
  "zone.evil.example": at("fe80::1%lo"),
  "text.evil.example": at("localhost"),
  "octal.evil.example": at("0177.0.0.1"),
  localhost: at("127.0.0.1"),
  "localhost.": at("127.0.0.1"),
  "ip6-localhost": at("::1"),
  "127.0.0.1.nip.example": at("127.0.0.1"),
};

/** `PORT` is the canary's. */
const REFUSED: readonly (readonly [FetchRefusal, readonly string[]])[] = [
  [
    "address",
    [
      "127.0.0.1",
      "127.1",
      "127.0.1",
      "2130706433",
      "0x7f000001",
      "0x7f.0.0.1",
      "0177.0.0.1",
      "017700000001",
      "127.255.255.254",
      "0",
      "0.0.0.0",
      "127.0.0.1.",
      "%31%32%37.0.0.1",
      "１２７.0.0.1",
      "127。0。0。1",
      "①②⑦.0.0.1",
      "[::1]",
      "[::]",
      "[0:0:0:0:0:0:0:1]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[::127.0.0.1]",
      "[::ffff:0:127.0.0.1]",
      "[64:ff9b::127.0.0.1]",
      "[64:ff9b:1::7f00:1]",
      "[2002:7f00:1::]",
      "[2001::7f00:1]",
      "[fe80::1]",
      "[fec0::1]",
      "[fc00::1]",
      "[fd12:3456::1]",
      "[ff02::1]",
      "[100::1]",
      "[2001:db8::1]",
      "[3fff::1]",
      "[5f00::1]",
      "[4000::1]",
      "[2001:2::1]",
      "[2001:10::1]",
      "169.254.169.254",
      "0xa9fea9fe",
      "2852039166",
      "[::ffff:169.254.169.254]",
      "[fd00:ec2::254]",
      "100.100.100.200",
      "10.1",
      "172.16.1",
      "172.31.65535",
      "192.168.1",
      "100.64.0.1",
      "100.127.255.255",
      "192.0.0.1",
      "192.0.2.1",
      "192.88.99.1",
      "198.18.0.1",
      "198.51.100.1",
      "203.0.113.1",
      "224.0.0.1",
      "239.255.255.255",
      "240.0.0.1",
      "255.255.255.255",
      ...Object.keys(NAMES),
    ].map((host) => `https://${host}:PORT/client.json`),
  ],
  [
    "scheme",
    [
      "http://127.0.0.1:PORT/",
      "http://four.evil.example:PORT/",
      "ftp://127.0.0.1:PORT/",
      "file:///etc/passwd",
      "data:application/json,{}",
      "ws://127.0.0.1:PORT/",
      "gopher://127.0.0.1:PORT/",
    ],
  ],
  [
    "url",
    [
      "https://user@127.0.0.1:PORT/",
      "https://user:secret@four.evil.example:PORT/",
      "https://:secret@127.0.0.1:PORT/",
      "//127.0.0.1:PORT/",
      "/client.json",
      "",
      "https://",
      "https://[::1",
      "https://127.0.0.1:99999/",
    ],
  ],
  ["port", ["https://four.evil.example:22/", "https://93.184.215.14:25/", "https://four.evil.example:80/", "https://four.evil.example:1/"]],
  ["name", ["https://nowhere.evil.example:PORT/"]],
];

describe("T27: what a stranger's URL may reach", () => {
  for (const [reason, urls] of REFUSED) {
    for (const url of urls) {
      test(`T27: nothing is connected to, because of the ${reason}: ${url}`, async (t) => {
        const canary = await startCanary(t);
        const fetch = createGuardedFetch({ lookup: async (name) => NAMES[name] ?? [] });
        assert.equal(await refusalOf(fetch(url.replace("PORT", String(canary.port)))), reason);
        assert.equal(canary.hits(), 0);
      });
    }
  }

  test("T27: the canary sings when it is touched", async (t) => {
    const canary = await startCanary(t);
    await new Promise((resolve) => connect(canary.port, "127.0.0.1").on("close", resolve).resume());
    assert.equal(canary.hits(), 1);
  });

  test("T27: a name that is public at first and then loopback is looked up once, and the loopback address is never connected to", async (t) => {
    const canary = await startCanary(t);
    const asked: string[] = [];
    const rebinding = async (name: string): Promise<readonly ResolvedAddress[]> => {
      asked.push(name);
      return at(asked.length % 2 === 1 ? UNREACHABLE : "127.0.0.1");
    };
    const fetch = createGuardedFetch({ lookup: rebinding, timeoutMs: 300 });
    const first = await refusalOf(fetch(`https://rebind.evil.example:${canary.port}/`));
    assert.ok(first === "timeout" || first === "connection", first);
    assert.equal(await refusalOf(fetch(`https://rebind.evil.example:${canary.port}/`)), "address");
    assert.deepEqual([asked.length, canary.hits()], [2, 0]);
  });

  test("T27: a redirect is returned and not followed", async (t) => {
    const canary = await startCanary(t);
    const outside = await startOutside(t, ["docs.example"], (_req, res) =>
      res.writeHead(302, { location: `https://127.0.0.1:${canary.port}/` }).end(),
    );
    const { status, headers } = await fetchOf(outside, "docs.example")(`https://docs.example:${outside.port}/`);
    assert.deepEqual([status, headers.get("location"), canary.hits()], [302, `https://127.0.0.1:${canary.port}/`, 0]);
  });

  test("T27: a proxy that the environment names sees nothing, though other requests of this process go through it", async (t) => {
    const seen: string[] = [];
    const proxy = createServer().on("connect", (req, socket) => (seen.push(req.url ?? ""), socket.destroy()));
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const before = https.globalAgent;
    t.after(() => {
      https.globalAgent = before;
      proxy.close();
    });
    // What NODE_USE_ENV_PROXY=1 makes of the agent that requests use when they are given none.
    https.globalAgent = new https.Agent({ proxyEnv: { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` } });
    const outside = await startOutside(t, ["docs.example"], hello);
    assert.equal((await fetchOf(outside, "docs.example")(`https://docs.example:${outside.port}/`)).text, "hello");
    assert.equal(await refusalOf(createGuardedFetch()("https://169.254.169.254/")), "address");
    assert.deepEqual(seen, []);
    await new Promise((resolve) => https.get("https://docs.example/").on("error", resolve));
    assert.deepEqual(seen, ["docs.example:443"]);
  });
});

/** A fetch that may reach the test's server under this name. */
function fetchOf(outside: Outside, host: string, more: { timeoutMs?: number } = {}): GuardedFetch {
  return createGuardedFetch({ allowedHosts: [`${host}:${outside.port}`], lookup: loopbackLookup, ca: TEST_CA, ...more });
}

describe("T27: what a server that a stranger chose may answer", () => {
  const answers: [string, Answering, FetchRefusal][] = [
    ["one byte more than allowed", (_req, res) => void res.end("x".repeat(1001)), "too_large"],
    ["without end", (_req, res) => void (res.write("x".repeat(900)), setImmediate(() => res.write("x".repeat(900)))), "too_large"],
    [
      "compressed, as a bomb is",
      (_req, res) => void res.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(900))),
      "encoding",
    ],
    ["nothing at all", () => {}, "timeout"],
    ["the head and then nothing", (_req, res) => res.flushHeaders(), "timeout"],
    ["a byte now and then", (_req, res) => void setInterval(() => res.write("x"), 20).unref(), "timeout"],
    [
      "no more than half",
      (_req, res) => void (res.writeHead(200, { "content-length": "900" }), res.write("x"), setImmediate(() => res.destroy())),
      "connection",
    ],
    ["an end of the connection", (req) => void req.socket.destroy(), "connection"],
    ["a head without end", (_req, res) => void res.writeHead(200, { "x-long": "x".repeat(20_000) }).end(), "connection"],
  ];
  for (const [title, answer, reason] of answers) {
    test(`T27: refused (${reason}): ${title}`, async (t) => {
      const outside = await startOutside(t, ["docs.example"], answer);
      const fetch = fetchOf(outside, "docs.example", { timeoutMs: 400 });
      assert.equal(await refusalOf(fetch(`https://docs.example:${outside.port}/`, { maxBodyBytes: 1000 })), reason);
    });
  }

  test("a name lookup that does not end takes no longer than the time for everything", async () => {
    const fetch = createGuardedFetch({ lookup: () => new Promise(() => {}), timeoutMs: 50 });
    assert.equal(await refusalOf(fetch("https://slow.example/")), "timeout");
  });

  test("a body of exactly the allowed size is read, and compression is not asked for", async (t) => {
    const outside = await startOutside(
      t,
      ["docs.example"],
      (req, res) => void res.end(String(req.headers["accept-encoding"]).padEnd(1000, ".")),
    );
    const { status, text } = await fetchOf(outside, "docs.example")(`https://docs.example:${outside.port}/`, { maxBodyBytes: 1000 });
    assert.deepEqual([status, text.length, text.startsWith("undefined...")], [200, 1000, true]);
  });

  test("a form is posted with its headers, and the answer's headers come back", async (t) => {
    const outside = await startOutside(t, ["docs.example"], (req, res) => {
      const chunks: Buffer[] = [];
      req.on("data", (chunk: Buffer) => chunks.push(chunk));
      req.on("end", () =>
        res.setHeader("x-seen", `${req.method} ${req.headers["content-type"]} ${req.headers["content-length"]}`).end(Buffer.concat(chunks)),
      );
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await fetchOf(outside, "docs.example")(`https://docs.example:${outside.port}/t`, {
      method: "POST",
      body: "a=ü",
      headers,
    });
    assert.deepEqual([answer.text, answer.headers.get("x-seen")], ["a=ü", "POST application/x-www-form-urlencoded 4"]);
    assert.deepEqual(outside.requests, [`docs.example:${outside.port} /t`]);
  });
});

describe("certificates and allowed hosts", () => {
  test("a certificate of an authority that nobody trusts, or for another name, is refused before anything is sent", async (t) => {
    const outside = await startOutside(t, ["docs.example"], hello);
    const allowedHosts = [`docs.example:${outside.port}`, `other.example:${outside.port}`];
    const strange = createGuardedFetch({ allowedHosts, lookup: loopbackLookup });
    assert.equal(await refusalOf(strange(`https://docs.example:${outside.port}/`)), "connection");
    const trusting = createGuardedFetch({ allowedHosts, lookup: loopbackLookup, ca: TEST_CA });
    assert.equal(await refusalOf(trusting(`https://other.example:${outside.port}/`)), "connection");
    assert.equal(await refusalOf(trusting(`https://docs.example:${outside.port}/`)), "fetched");
    assert.equal(outside.requests.length, 1);
  });

  test("a host is allowed with its port, or with every port when none is named, over plain http too", async (t) => {
    const server = createServer((_req, res) => void res.end("plain"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const cases: [string, string][] = [
      [`127.0.0.1:${port}`, "fetched"],
      ["127.0.0.1", "fetched"],
      [`127.0.0.1:${port + 1}`, "scheme"],
      ["127.0.0.1.example", "scheme"],
      ["localhost", "scheme"],
    ];
    for (const [host, expected] of cases)
      assert.equal(await refusalOf(createGuardedFetch({ allowedHosts: [host] })(`http://127.0.0.1:${port}/`)), expected, host);
  });

  test("an address in the URL is connected to without a name lookup", async (t) => {
    const outside = await startOutside(t, ["127.0.0.1"], hello);
    const lookup = (): Promise<never> => assert.fail("a name was looked up");
    const fetch = createGuardedFetch({ allowedHosts: ["127.0.0.1"], lookup, ca: TEST_CA });
    assert.equal((await fetch(new URL(`https://127.0.0.1:${outside.port}/`))).text, "hello");
  });
});

test("public addresses are those of the internet, in their usual notation", () => {
  for (const address of ["8.8.8.8", "1.1.1.1", "93.184.215.14", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1"])
    assert.equal(isPublicAddress(address), true, address);
  for (const address of ["", "localhost", "0x8.8.8.8", "134744072", "8.8.8", "8.8.8.8 ", "::ffff:8.8.8.8"])
    assert.equal(isPublicAddress(address), false, address);
});

test("a party is counted by its IPv4 address or by the first half of its IPv6 address", () => {
  assert.equal(networkOf("8.8.8.8"), networkOf("::ffff:8.8.8.8"));
  assert.notEqual(networkOf("8.8.8.8"), networkOf("8.8.8.9"));
  assert.equal(networkOf("2606:4700::1"), networkOf("2606:4700::ffff:0:2"));
  assert.notEqual(networkOf("2606:4700:0:1::1"), networkOf("2606:4700::1"));
  assert.equal(networkOf("somewhere"), "somewhere");
});
