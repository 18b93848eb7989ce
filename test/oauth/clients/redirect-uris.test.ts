import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isLoopbackRedirect, isRedirectUriAllowed, redirectHost } from "../../../src/oauth/issuer/clients/index.ts";
import { checkRedirectUri } from "../../../src/oauth/issuer/clients/redirect-uris.ts";
import { anyCharacter } from "../../support/arbitraries/index.ts";

const ACCEPTED = [
  "https://claude.ai/api/mcp/auth_callback",
  "https://chatgpt.com/connector/oauth/abc_DEF-123",
  "https://app.example",
  "https://app.example/cb?tenant=a&x=%20y",
  "https://app.example:8443/cb",
  "https://xn--bcher-kva.example/cb",
  "https://localhost.evil.example/cb",
  "https://localhost:3000/cb",
  "https://93.184.215.14/cb",
  "http://localhost/callback",
  "http://localhost:7777/oauth/callback",
  "http://127.0.0.1",
  "http://127.0.0.1/",
  "http://127.0.0.1:33418/",
  "http://[::1]:1234/cb",
  "cursor://anysphere.cursor-mcp/oauth/callback",
  "com.example.app:/oauth2redirect",
  "vscode://vscode.github-authentication/did-authenticate",
];

const REFUSED: [string, string[]][] = [
  [
    "schemes that run, show or fetch",
    [
      "javascript:alert(1)",
      "JavaScript:alert(1)",
      "javascript://app.example/%0aalert(1)",
      "data:text/html,x",
      "vbscript:x",
      "file:///etc/passwd",
      "blob:https://app.example/x",
      "about:blank",
      "view-source:https://app.example/",
      "filesystem:https://app.example/x",
      "ms-msdt:/id",
      "search-ms:query=x",
      "intent://x#Intent;end",
      "intent://x",
      "ftp://app.example/cb",
      "ws://localhost/cb",
      "mailto:a@b.example",
      "tel:123",
      "urn:ietf:wg:oauth:2.0:oob",
      "chrome-extension://abc/cb",
      "localhost:3000/callback",
    ],
  ],
  [
    "http elsewhere",
    [
      "http://app.example/cb",
      "http://0.0.0.0/cb",
      "http://localhost.evil.example/cb",
      "http://127.0.0.1.evil.example/cb",
      "http://[::ffff:127.0.0.1]/cb",
      "http://127.0.0.2/cb",
      "http://localhost./cb",
      "http://[::]/cb",
    ],
  ],
  [
    "other ways to write a host",
    [
      "https://app.example./cb",
      "https://APP.example/cb",
      "HTTPS://app.example/cb",
      "https://bücher.example/cb",
      "https://app.example:443/cb",
      "http://localhost:80/cb",
      "http://127.1/cb",
      "http://2130706433/cb",
      "http://0x7f.0.0.1/cb",
      "http://[0:0:0:0:0:0:0:1]/cb",
      "http://LOCALHOST/cb",
      "https:app.example/cb",
      "https:/app.example/cb",
      "https:///app.example/cb",
    ],
  ],
  [
    "other ways to write a path",
    [
      "https://app.example/a/../cb",
      "https://app.example/./cb",
      "https://app.example/%2e%2e/cb",
      "https://app.example/a/%2E./cb",
      "https://app.example\\cb",
      "https://app.example/\\evil.example",
      "https:\\\\app.example/cb",
    ],
  ],
  [
    "user names and passwords",
    [
      "https://user@app.example/cb",
      "https://app.example@evil.example/",
      "https://@app.example/cb",
      "https://:@app.example/cb",
      "http://localhost:80@evil.example/cb",
      "http://127.0.0.1@evil.example/",
      "cursor://user@x/cb",
    ],
  ],
  ["fragments", ["https://app.example/cb#", "https://app.example/cb#x", "cursor://x/cb#y", "http://localhost/#"]],
  [
    "private addresses",
    ["https://0.0.0.0/cb", "https://100.64.0.1/cb", "https://[::]/cb", "https://[::ffff:7f00:1]/cb", "https://169.254.169.254/cb"],
  ],
  [
    "what is no URI",
    [
      "",
      "/cb",
      "//app.example/cb",
      "app.example/cb",
      "https://",
      "https:",
      "cursor:",
      "https://app.example/c b",
      " https://app.example/cb",
      "https://app.example/cb\n",
      "https://app.example/\u0000",
      "https://app.example/<x>",
      'https://app.example/"x',
      "https://app.example/\u202egpj",
      "://app.example",
      "1a://x",
      `https://app.example/${"x".repeat(2048)}`,
    ],
  ],
];

describe("T20: which redirect URIs a client may register", () => {
  for (const uri of ACCEPTED) test(`T20: accepted: ${uri}`, () => assert.equal(checkRedirectUri(uri), undefined));
  for (const [what, uris] of REFUSED) {
    test(`T20: refused: ${what}`, () => {
      for (const uri of uris) assert.equal(typeof checkRedirectUri(uri), "string", JSON.stringify(uri));
    });
  }

  test("T20: whatever is accepted has one reading: https, http on loopback, or a scheme that browsers leave to apps", () => {
    const piece = fc.constantFrom(
      "https",
      "http",
      "javascript",
      "cursor",
      "data",
      ":",
      "/",
      "//",
      "\\",
      "@",
      "#",
      "?",
      ".",
      "..",
      "%2e",
      "%2f",
      "localhost",
      "127.0.0.1",
      "[::1]",
      "evil.example",
      ":80",
      ":8080",
      "\t",
      "é",
      "0x7f.1",
      "%00",
      " ",
    );
    const text = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(""));
    const uris = fc.oneof(
      text,
      text.map((rest) => `https://${rest}`),
      text.map((rest) => `http://localhost${rest}`),
      fc.webUrl(),
      fc.string(),
    );
    fc.assert(
      fc.property(uris, (uri) => {
        if (checkRedirectUri(uri) !== undefined) return;
        const url = new URL(uri);
        assert.ok(!uri.includes("#") && !uri.includes("\\") && !/[^\x21-\x7e]/.test(uri));
        assert.equal(url.username + url.password, "");
        if (url.protocol === "http:") assert.ok(["localhost", "127.0.0.1", "[::1]"].includes(url.hostname), uri);
        assert.ok(!["javascript:", "data:", "file:", "vbscript:", "blob:", "about:"].includes(url.protocol), uri);
        if (url.protocol.startsWith("http")) assert.ok(url.href === uri || url.href === `${uri}/`, uri);
      }),
      { numRuns: 20_000 },
    );
  });
});

const REGISTERED = [
  "https://app.example/cb",
  "http://localhost/callback",
  "http://127.0.0.1:33418/",
  "http://[::1]:1/cb?x=1",
  "cursor://anysphere.cursor-mcp/oauth/callback",
];
const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:[1-9]\d{0,4})?(?=[/?]|$)/;

describe("T20: which redirect URIs an authorization request may name", () => {
  const allowed = [
    ...REGISTERED,
    "http://localhost:1/callback",
    "http://localhost:65535/callback",
    "http://localhost:80/callback",
    "http://127.0.0.1:5/",
    "http://127.0.0.1/",
    "http://[::1]/cb?x=1",
    "http://[::1]:65535/cb?x=1",
  ];
  for (const uri of allowed) test(`T20: allowed: ${uri}`, () => assert.equal(isRedirectUriAllowed(REGISTERED, uri), true));

  const refused = [
    "https://app.example/cb/",
    "https://app.example/cb2",
    "https://app.example/c",
    "https://app.example:443/cb",
    "https://app.example:8443/cb",
    "https://APP.example/cb",
    "https://app.example/cb?",
    "https://app.example/cb#",
    "https://app.example/cb?x",
    "https://app.example/./cb",
    "https://app.example/%63b",
    "https://app.example./cb",
    "https://app.example@evil.example/cb",
    "https://app.example.evil.example/cb",
    "https://evil.example/https://app.example/cb",
    "http://app.example/cb",
    "//app.example/cb",
    "https://app.example\\cb",
    "https://app.example/cb\n",
    " https://app.example/cb",
    "https://app.example/cb%00",
    "https://app.example/cb,https://evil.example/",
    "http://localhost:1/callback/",
    "http://localhost:1/other",
    "http://localhost:1/callback?x",
    "http://localhost:1/callback#x",
    "http://localhost:1",
    "http://localhost:1/callbacK",
    "http://127.0.0.1:1/callback",
    "http://[::1]:1/callback",
    "http://localhost.evil.example:1/callback",
    "http://localhost:1.evil.example/callback",
    "http://localhost:1@evil.example/callback",
    "http://localhost@evil.example/callback",
    "http://localhost:@evil.example/callback",
    "http://evil.example\\@localhost:1/callback",
    "http://localhost:/callback",
    "http://localhost:99999/callback",
    "http://localhost:0/callback",
    "http://localhost:01/callback",
    "http://localhost:+1/callback",
    "http://localhost:1 /callback",
    "http://localhost: 1/callback",
    "http://LOCALHOST:1/callback",
    "HTTP://localhost:1/callback",
    "https://localhost:1/callback",
    "http://127.1:5/",
    "http://2130706433:5/",
    "http://0.0.0.0:5/",
    "http://127.0.0.1.:5/",
    "http://127.0.0.1:5/../",
    "http://127.0.0.1:5//",
    "http://[0:0:0:0:0:0:0:1]:1/cb?x=1",
    "http://[::ffff:127.0.0.1]:1/cb?x=1",
    "http://[::1%25lo]:1/cb?x=1",
    "http://[::1]:1/cb?x=12",
    "http://[::1]:1/cb",
    "http://[::1]:1/cb?x=1\n",
    "cursor://anysphere.cursor-mcp:1/oauth/callback",
    "cursor://anysphere.cursor-mcp/oauth/callback/",
    "cursor:",
    "javascript:alert(1)",
    "",
    "null",
    "undefined",
    "http://localhost:1/callback\nhttps://evil.example",
  ];
  for (const uri of refused) test(`T20: refused: ${JSON.stringify(uri)}`, () => assert.equal(isRedirectUriAllowed(REGISTERED, uri), false));

  test("T20: https and app schemes are byte exact: no change of any character passes", () => {
    const exact = fc.constantFrom("https://app.example/cb", "cursor://anysphere.cursor-mcp/oauth/callback");
    fc.assert(
      fc.property(exact, fc.nat(60), fc.string({ maxLength: 3, unit: anyCharacter }), fc.nat(3), (uri, at, inserted, removed) => {
        const changed = uri.slice(0, at) + inserted + uri.slice(at + removed);
        assert.equal(isRedirectUriAllowed(REGISTERED, changed), REGISTERED.includes(changed));
      }),
      { numRuns: 20_000 },
    );
  });

  test("T20: a request that passes without being registered differs from a registered loopback URI in its port and in nothing else", () => {
    const piece = fc.constantFrom(
      "http://",
      "https://",
      "localhost",
      "127.0.0.1",
      "[::1]",
      ":1",
      ":65535",
      ":65536",
      ":",
      "@",
      "/",
      "/callback",
      "/cb?x=1",
      "evil.example",
      "\\",
      "?",
      "#",
      "%2f",
      " ",
      "\n",
    );
    const loopback = fc.tuple(fc.constantFrom("http://localhost", "http://127.0.0.1", "http://[::1]"), fc.array(piece, { maxLength: 4 }));
    fc.assert(
      fc.property(loopback, ([start, rest]) => {
        const uri = start + rest.join("");
        if (!isRedirectUriAllowed(REGISTERED, uri) || REGISTERED.includes(uri)) return;
        assert.match(uri, LOOPBACK);
        assert.ok(Number(new URL(uri).port || 80) <= 65_535);
        const without = uri.replace(LOOPBACK, "http://$1");
        assert.ok(
          REGISTERED.some((one) => one.replace(LOOPBACK, "http://$1") === without),
          uri,
        );
      }),
      { numRuns: 20_000 },
    );
  });

  test("every port of a registered loopback URI is allowed, whether or not it was registered with one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), (port) => isRedirectUriAllowed(REGISTERED, `http://localhost:${port}/callback`)),
    );
  });
});

describe("who gets the answer, as people see it", () => {
  const cases: [string, string, boolean][] = [
    ["https://claude.ai/api/mcp/auth_callback", "claude.ai", false],
    ["https://app.example:8443/cb", "app.example:8443", false],
    ["http://localhost:5123/callback", "localhost", true],
    ["http://localhost:6123/callback", "localhost", true],
    ["http://127.0.0.1:33418/", "127.0.0.1", true],
    ["http://[::1]:1/cb", "[::1]", true],
    ["https://localhost:3000/cb", "localhost", true],
    ["https://localhost.evil.example/cb", "localhost.evil.example", false],
    ["cursor://anysphere.cursor-mcp/oauth/callback", "cursor:", false],
    ["com.example.app:/cb", "com.example.app:", false],
  ];
  for (const [uri, host, isLoopback] of cases)
    test(`${uri} is ${host}`, () => assert.deepEqual([redirectHost(uri), isLoopbackRedirect(uri)], [host, isLoopback]));
});
