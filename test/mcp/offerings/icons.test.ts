import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { BootError } from "../../../src/errors.ts";
import { definePrompt, defineResource } from "../../../src/index.ts";
import { createRegistry } from "../../../src/tool/index.ts";
import { app, scopes, showOrder } from "./surface.ts";
import { rpc, startServer } from "../../support/remit.ts";

const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVQI12P4z8AAAAMBAQAY3Y2wAAAAAElFTkSuQmCC", "base64");
const JPEG = Buffer.concat([Buffer.from("ffd8ffe0", "hex"), Buffer.alloc(64)]);
const SVG = Buffer.from('<?xml version="1.0"?>\n<!-- A dot -->\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');

async function files(t: TestContext, named: Readonly<Record<string, Buffer>>): Promise<(name: string) => string> {
  const root = await mkdtemp(join(tmpdir(), "remit-icons-"));
  t.after(() => rm(root, { recursive: true }));
  for (const [name, bytes] of Object.entries(named)) await writeFile(join(root, name), bytes);
  return (name) => join(root, name);
}

const prompt = definePrompt({ name: "ask", title: "Ask", description: "Asks for an order.", scopes: ["order:read"], run: () => [] });
const resource = defineResource({
  uri: "orders://all",
  name: "all",
  title: "All",
  description: "All of the orders.",
  scopes: ["order:read"],
  read: () => [],
});

interface Listed {
  readonly icons?: readonly { readonly src: string; readonly mimeType?: string; readonly sizes?: readonly string[] }[];
}

test("an icon file is named in lists by its address here, and served there to everybody without a token (U8)", async (t) => {
  const at = await files(t, { "a.png": PNG, "b.jpeg": JPEG, "c.svg": SVG });
  const server = await startServer(t, {
    scopes,
    apps: [app],
    icon: { file: at("a.png"), sizes: ["48x48"] },
    tools: [{ ...showOrder, icon: { file: pathToFileURL(at("b.jpeg")) } }],
    prompts: [{ ...prompt, icon: { file: at("c.svg"), mimeType: "image/svg+xml", sizes: ["any"] } }],
    resources: [{ ...resource, icon: { src: "https://example.com/icon.png" } }],
  });
  const token = await server.token("order:read");
  const listed = async (kind: string) =>
    (((await rpc(server, token, { method: `${kind}/list` })).body.result?.[kind] ?? []) as Listed[])[0]?.icons?.[0];
  const { _meta } = (await rpc(server, token, { method: "server/discover" })).body.result ?? {};
  const { icons } = (_meta as Record<string, Listed>)["io.modelcontextprotocol/serverInfo"] ?? {};
  const shown = [icons?.[0], await listed("tools"), await listed("prompts")];
  for (const [i, [bytes, mimeType]] of (
    [
      [PNG, "image/png"],
      [JPEG, "image/jpeg"],
      [SVG, "image/svg+xml"],
    ] as const
  ).entries()) {
    const icon = shown[i];
    assert.ok(icon?.src.startsWith(`${server.url}/icons/`) === true);
    assert.equal(icon.mimeType, mimeType);
    const response = await fetch(icon.src);
    assert.deepEqual([response.status, response.headers.get("content-type")], [200, mimeType]);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), bytes);
  }
  assert.deepEqual(icons?.[0]?.sizes, ["48x48"]);
  assert.equal((await listed("resources"))?.src, "https://example.com/icon.png");
});

test("an icon may be kept for ever, shown on every page, and does nothing by itself even when it holds a script", async (t) => {
  const at = await files(t, { "a.svg": SVG });
  const server = await startServer(t, { scopes, icon: { file: at("a.svg") } });
  const { body } = await rpc(server, await server.token("order:read"), { method: "server/discover" });
  const src = JSON.stringify(body).match(/http[^"]*\/icons\/[0-9a-f]{32}\.svg/)?.[0] ?? "";
  for (const method of ["GET", "HEAD"]) {
    const { status, headers } = await fetch(src, { method, headers: { origin: "https://elsewhere.example" } });
    assert.equal(status, 200);
    assert.equal(headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none';.*sandbox/);
  }
  assert.equal((await fetch(src, { method: "POST" })).status, 405);
});

test("nothing but declared icons is served there", async (t) => {
  const at = await files(t, { "a.png": PNG, "secret.png": PNG });
  const server = await startServer(t, { scopes, icon: { file: at("a.png") } });
  const paths = [
    "",
    "a.png",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/secret.png",
    "a/b.png",
    `${"0".repeat(32)}.png`,
    "constructor",
    "__proto__",
  ];
  for (const path of paths) {
    const response = await fetch(`${server.url}/icons/${path}`);
    assert.equal(response.status, 404, path);
  }
  assert.equal((await fetch(`${server.url}/icons`)).status, 404);
});

const refused: readonly [title: string, bytes: Buffer, expected: RegExp][] = [
  ["is no image", Buffer.from("hello"), /neither PNG nor JPEG nor SVG/],
  ["is a page that calls itself an image", Buffer.from("<!doctype html><html><svg></svg></html>"), /neither PNG nor JPEG nor SVG/],
  ["is larger than 256 KiB", Buffer.concat([PNG, Buffer.alloc(256 * 1024)]), /more than 262144 bytes/],
  ["is of another type than declared", JPEG, /is image\/jpeg and not image\/png/],
];

for (const [title, bytes, expected] of refused) {
  test(`an icon file that ${title} refuses to boot`, async (t) => {
    const at = await files(t, { "icon.png": bytes });
    const surface = { scopes, apps: [app], tools: [{ ...showOrder, icon: { file: at("icon.png"), mimeType: "image/png" } }] };
    assert.throws(
      () => createRegistry(surface),
      (error) => error instanceof BootError && expected.test(error.problems.join()),
    );
  });
}

test("an icon that is nowhere, or at an address that browsers would not take, refuses to boot", () => {
  for (const icon of [
    { file: "/no/such/icon.png" },
    { src: "http://example.com/icon.png" },
    { src: "javascript:alert(1)" },
    { src: "icon.png" },
  ])
    assert.throws(() => createRegistry({ scopes, icon }), /the server has an icon/);
});
