import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { CompactSign, exportJWK, generateKeyPair, type JSONWebKeySet } from "jose";
import { compare, parseKinds } from "../../src/cli/manifest/compare.ts";
import { readManifest } from "../../src/cli/manifest/read-manifest.ts";
import { show } from "../../src/cli/manifest/show.ts";
import { verify } from "../../src/cli/manifest/verify.ts";
import { describeManifest, hashSurface, MANIFEST_PATH, parseManifest, verifyManifest, type Manifest } from "../../src/manifest/index.ts";
import { startServer, type TestServer } from "../support/remit.ts";
import { SCOPES, surfaceOf, tool } from "./tools.ts";

describe("the signed manifest", () => {
  let server: TestServer;
  let folder = "";
  let text = "";
  let keys: JSONWebKeySet = { keys: [] };
  const cleanups: (() => unknown)[] = [];

  before(async () => {
    server = await startServer(
      { after: (fn) => void cleanups.push(fn as () => unknown) },
      { scopes: SCOPES, tools: [tool("b"), tool("a", { effect: "write" })] },
    );
    folder = await mkdtemp(join(tmpdir(), "remit-manifest-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    text = await (await fetch(server.url + MANIFEST_PATH)).text();
    keys = (await (await fetch(`${server.url}/jwks`)).json()) as JSONWebKeySet;
  });
  after(async () => {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  });

  const parsed = (from = text): Manifest => {
    const manifest = parseManifest(from);
    assert.ok(typeof manifest !== "string", JSON.stringify(manifest));
    return manifest;
  };

  async function kept(name: string, content: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  }

  test("a server publishes what it offers, hashed over the canonical form and signed by its keys", async () => {
    const manifest = parsed();
    assert.deepEqual(
      manifest.surface.tools.map(({ name, effect, scopes }) => [name, effect, ...scopes]),
      [
        ["a", "write", "note:write"],
        ["b", "read", "note:read"],
      ],
    );
    assert.equal(manifest.sha256, hashSurface(surfaceOf([tool("a", { effect: "write" }), tool("b")])));
    const verified = await verifyManifest(manifest, { keys, issuer: server.url });
    assert.ok(typeof verified !== "string", JSON.stringify(verified));
    assert.ok(Math.abs(verified.signedAt - Date.now()) < 60_000);
  });

  test("T49: a changed byte anywhere in the surface is found", () => {
    const changes: readonly (readonly [string, string])[] = [
      ['"effect":"write"', '"effect":"read"'],
      ["Title of a", "Title of A"],
      ['"access":"read"', '"access":"write"'],
      ['"minLength":1', '"minLength":0'],
    ];
    for (const [from, to] of changes) {
      assert.ok(text.includes(from), from);
      assert.match(JSON.stringify(parseManifest(text.replace(from, to))), /SHA-256/, to);
    }
  });

  test("T49: a manifest that is not the issuer's own is not genuine", async () => {
    const manifest = parsed();
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const foreign = { keys: [await exportJWK(publicKey)] };
    const forge = async (claims: object, header: object = { typ: "mcp-manifest+jws" }) =>
      new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ alg: "ES256", ...header }).sign(privateKey);
    const claims = { iss: server.url, iat: 1, surface_sha256: manifest.sha256 };
    const token = await server.token("note:read");
    const { signature: _none, ...unsigned } = manifest;
    const other = parsed(JSON.stringify({ ...manifest, surface: surfaceOf([tool("c")]), sha256: hashSurface(surfaceOf([tool("c")])) }));
    const none = `${Buffer.from('{"alg":"none","typ":"mcp-manifest+jws"}').toString("base64url")}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.`;
    const issuer = server.url;
    for (const [title, forged, given, expected] of [
      ["no signature", unsigned, { keys, issuer }, /not signed/],
      ["another's key", { ...manifest, signature: await forge(claims) }, { keys, issuer }, /signature|none of the issuer's keys/],
      ["another's key set", manifest, { keys: foreign, issuer }, /none of the issuer's keys/],
      ["no algorithm", { ...manifest, signature: none }, { keys, issuer }, /does not verify/],
      ["another surface, hashed anew", other, { keys, issuer }, /another surface/],
      ["an access token for a signature", { ...manifest, signature: token }, { keys, issuer }, /something else/],
      ["of another server", manifest, { keys, issuer: "https://mcp.example.com" }, /not of https/],
      [
        "another server's name in it",
        { ...manifest, issuer: "https://mcp.example.com" },
        { keys, issuer: "https://mcp.example.com" },
        /another issuer/,
      ],
      ["another type", { ...manifest, signature: await forge(claims, { typ: "at+jwt" }) }, { keys: foreign, issuer }, /something else/],
    ] as const) {
      assert.match(JSON.stringify(await verifyManifest(forged, given)), expected, title);
    }
  });

  test("T49: a manifest's signature is no token", async () => {
    const response = await fetch(server.mcpUrl, { method: "POST", headers: { authorization: `Bearer ${parsed().signature}` } });
    assert.equal(response.status, 401);
  });

  test("T49: hostile documents are refused: no JSON, too deep, a key twice, a tool twice, strange members", () => {
    const deep = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
    const twice = describeManifest({
      ...surfaceOf([tool("a")]),
      tools: [...surfaceOf([tool("a")]).tools, ...surfaceOf([tool("a")]).tools],
    });
    for (const hostile of [
      "",
      "[]",
      "null",
      deep,
      text.replace('"format":1', '"format":1,"format":1'),
      JSON.stringify(twice),
      text.replace('"format":1', '"format":1,"x":1'),
    ])
      assert.equal(typeof parseManifest(hostile), "string", hostile.slice(0, 40));
  });

  test("the command line verifies a server and a kept file, and says when it is not genuine", async () => {
    const file = await kept("kept.json", text);
    const keyFile = await kept("keys.json", JSON.stringify(keys));
    assert.equal((await verify(server.url, {})).isGenuine, true);
    assert.equal((await verify(file, { issuer: server.url, keys: keyFile })).isGenuine, true);
    const forged = await verify(file, { issuer: "http://127.0.0.1:1", keys: keyFile, json: true });
    assert.deepEqual([forged.isGenuine, (JSON.parse(forged.text) as { genuine: boolean }).genuine], [false, false]);
    await assert.rejects(verify(file, {}), /--issuer/);
    await assert.rejects(readManifest(await kept("changed.json", text.replace("Title of a", "Title of x"))), /SHA-256/);
    await assert.rejects(readManifest(join(folder, "nothing.json")), /no file/);
  });

  test("a committed manifest fails on a widening that nobody reviewed, and on nothing else", async () => {
    const file = join(folder, "remit.manifest.json");
    assert.match(await show(server.url, { out: file }), /2 tools/);
    const kinds = parseKinds("widening");
    assert.ok(Array.isArray(kinds));
    assert.deepEqual(await compare(file, server.url, { kinds, json: false }), { isFailed: false, text: "Nothing changed." });
    const now = surfaceOf([tool("a", { effect: "destructive" }), tool("b")]);
    const hostile = { ...now, tools: now.tools.map((each) => (each.name === "b" ? { ...each, title: "\u001b[2JOther" } : each)) };
    const changed = await kept("new.json", JSON.stringify(describeManifest(hostile)));
    const { isFailed, text: said } = await compare(file, changed, { kinds, json: false });
    assert.ok(isFailed);
    assert.match(said, /^widening \(1\)\n {2}tool a: the effect was write and is destructive: it can do more\nwording \(1\)/);
    // oxlint-disable-next-line no-control-regex -- a terminal would act on it
    assert.doesNotMatch(said, /\u001b/);
    assert.equal((await compare(file, changed, { kinds: [], json: true })).isFailed, false);
    assert.equal(typeof parseKinds("all"), "string");
  });

  test("a module that exports its tools is a source too", async () => {
    const module = await kept(
      "surface.ts",
      `export { SCOPES as scopes } from ${JSON.stringify(new URL("tools.ts", import.meta.url).href)};
import { tool } from ${JSON.stringify(new URL("tools.ts", import.meta.url).href)};
export const tools = [tool("b"), tool("a", { effect: "write" })];`,
    );
    assert.equal((await readManifest(module)).manifest.sha256, parsed().sha256);
    assert.match(await show(module, {}), /a +write +note:write\nb +read +note:read\n\nsha256 [0-9a-f]{64}$/);
  });
});
