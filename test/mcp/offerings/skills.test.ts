import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { rpc, startServer } from "../../support/remit.ts";
import { OPEN_SKILL, scopes, SHOWN_SKILL, skills, STAFF_SKILL } from "./surface.ts";

interface Entry {
  readonly uri: string;
  readonly frontmatter: Readonly<Record<string, unknown>>;
  readonly resources: "dynamic" | readonly { readonly uri: string; readonly digest: string; readonly size: number }[];
  readonly _meta?: Readonly<Record<string, unknown>>;
}

test("the extension is told when skills are declared, with resources beside it, and its methods are unknown otherwise", async (t) => {
  const [withSkills, without] = [await startServer(t, { scopes, skills }), await startServer(t, { scopes })];
  const discover = async (server: typeof withSkills) =>
    (await rpc(server, await server.token("order:read"), { method: "server/discover" })).body.result?.["capabilities"] as {
      readonly resources?: object;
      readonly extensions: Readonly<Record<string, unknown>>;
    };
  const told = await discover(withSkills);
  assert.deepEqual(told.extensions["io.modelcontextprotocol/skills"], { directoryRead: true });
  assert.ok(told.resources);
  assert.equal((await discover(without)).extensions["io.modelcontextprotocol/skills"], undefined);
  const { status, body } = await rpc(without, await without.token("order:read"), { method: "skills/list" });
  assert.deepEqual([status, body.error?.code], [404, -32601]);
});

test("skills/list shows the skills whose scopes are held, and of a discoverable one what it needs but nothing of its files", async (t) => {
  const server = await startServer(t, { scopes, skills });
  const listed = async (scope: string) => {
    const { body } = await rpc(server, await server.token(scope), { method: "skills/list" });
    assert.equal(body.result?.["cacheScope"], "private");
    assert.equal(typeof body.result["ttlMs"], "number");
    return body.result["skills"] as Entry[];
  };
  const few = await listed("order:read");
  assert.deepEqual(
    few.map(({ uri }) => uri),
    [OPEN_SKILL, SHOWN_SKILL],
  );
  assert.equal(few[1]?.resources, "dynamic");
  assert.deepEqual(few[1]?._meta, { "dev.remit/needs": { scopes: ["staff:read"], missing: ["staff:read"] } });
  const all = await listed("order:read staff:read");
  assert.deepEqual(
    all.map(({ uri, resources }) => [uri, resources.length]),
    [OPEN_SKILL, STAFF_SKILL, SHOWN_SKILL].map((uri) => [uri, 4]),
  );
});

test("each file that an entry names can be read, and has the digest and size that the entry says", async (t) => {
  const server = await startServer(t, { scopes, skills });
  const token = await server.token("order:read");
  const { body } = await rpc(server, token, { method: "skills/get", params: { uri: OPEN_SKILL } });
  const entry = body.result?.["skill"] as Entry;
  assert.deepEqual(entry.frontmatter, { name: "order-status", description: "Tell where an order is." });
  assert.equal(body.result?.["cacheScope"], "private");
  assert.ok(entry.resources !== "dynamic" && entry.resources.length === 4);
  for (const { uri, digest, size } of entry.resources) {
    const read = await rpc(server, token, { method: "resources/read", params: { uri } });
    const [contents] = (read.body.result?.["contents"] ?? []) as { uri: string; text?: string; blob?: string }[];
    const bytes = contents?.text === undefined ? Buffer.from(contents?.blob ?? "", "base64") : Buffer.from(contents.text);
    assert.deepEqual([contents?.uri, `sha256:${createHash("sha256").update(bytes).digest("hex")}`, bytes.length], [uri, digest, size]);
  }
});

test("a folder of a skill is read one level at a time, folders marked as such", async (t) => {
  const server = await startServer(t, { scopes, skills });
  const token = await server.token("order:read");
  const read = async (uri: string, more: object = {}) =>
    (await rpc(server, token, { method: "resources/directory/read", params: { uri, ...more } })).body;
  const childrenOf = async (uri: string) =>
    (((await read(uri)).result?.["resources"] ?? []) as { uri: string; mimeType: string }[]).map((child) => [child.uri, child.mimeType]);
  assert.deepEqual(await childrenOf("skill://order-status"), [
    [OPEN_SKILL, "text/markdown"],
    ["skill://order-status/assets", "inode/directory"],
    ["skill://order-status/references", "inode/directory"],
  ]);
  assert.deepEqual(await childrenOf("skill://order-status/references"), [
    ["skill://order-status/references/deep", "inode/directory"],
    ["skill://order-status/references/guide.md", "text/markdown"],
  ]);
  for (const uri of [OPEN_SKILL, "skill://order-status/none", "skill://order-status/..", "skill://", "notes://all"])
    assert.equal((await read(uri)).error?.code, -32602, uri);
  assert.equal((await read("skill://order-status", { cursor: "1" })).error?.code, -32602);
});

test("lists of resources show the SKILL.md of each skill that may be read, under the name and description of its frontmatter", async (t) => {
  const server = await startServer(t, { scopes, skills });
  const { body } = await rpc(server, await server.token("order:read staff:read"), { method: "resources/list" });
  assert.deepEqual(
    ((body.result?.["resources"] ?? []) as Record<string, unknown>[]).map(({ uri, name, description, mimeType }) => [
      uri,
      name,
      description,
      mimeType,
    ]),
    skills.map(({ name, description }) => [`skill://${name}/SKILL.md`, name, description, "text/markdown"]),
  );
});

const requests: readonly [method: string, uri: string][] = [
  ["skills/get", STAFF_SKILL],
  ["skills/get", SHOWN_SKILL],
  ["resources/directory/read", "skill://staff-refunds/references"],
  ["resources/read", STAFF_SKILL],
  ["resources/read", "skill://staff-refunds/references/deep/more.md"],
];

for (const [method, uri] of requests) {
  test(`${method} of ${uri} without its scope is 403 with the challenge, and on record`, async (t) => {
    const server = await startServer(t, { scopes, skills });
    const { status, headers, body } = await rpc(server, await server.token("order:read"), { method, params: { uri } });
    assert.equal(status, 403);
    assert.match(headers.get("www-authenticate") ?? "", /error="insufficient_scope", scope="staff:read"/);
    assert.deepEqual([body["error"], body["missing"]], ["insufficient_scope", "staff:read"]);
    const record = (await server.records()).at(-1);
    assert.deepEqual([record?.["method"], record?.["allowed"], record?.["missing"]], [method, false, ["staff:read"]]);
    assert.ok(method === "resources/read" ? record?.["resource"] === uri : typeof record?.["skill"] === "string");
  });
}

for (const uri of ["skill://none/SKILL.md", "skill://order-status", "skill://order-status/references/guide.md", 7, undefined]) {
  test(`skills/get of ${JSON.stringify(uri)} is refused with -32602`, async (t) => {
    const server = await startServer(t, { scopes, skills });
    const { status, body } = await rpc(server, await server.token("order:read"), { method: "skills/get", params: { uri } });
    assert.deepEqual([status, body.error?.code], [200, -32602]);
  });
}

for (const path of [
  "../order-status/SKILL.md",
  "%2e%2e/%2e%2e/etc/passwd",
  "references/../SKILL.md",
  "references/guide.md/",
  "references%2Fguide.md",
]) {
  test(`T51: a file of a skill is found by its exact URI alone, so ${path} is none`, async (t) => {
    const server = await startServer(t, { scopes, skills });
    const uri = `skill://order-status/${path}`;
    const { body } = await rpc(server, await server.token("order:read staff:read"), { method: "resources/read", params: { uri } });
    assert.equal(body.error?.code, -32602);
  });
}

test("more than a hundred skills come in pages, each skill whole and once", async (t) => {
  const [first] = skills;
  assert.ok(first);
  const many = Array.from({ length: 120 }, (_, i) => {
    const name = `skill-${i}`;
    return { ...first, name, files: { "SKILL.md": `---\nname: ${name}\ndescription: ${first.description}\n---\n` } };
  });
  const server = await startServer(t, { scopes, skills: many });
  const token = await server.token("order:read");
  const one = await rpc(server, token, { method: "skills/list" });
  const cursor = one.body.result?.["nextCursor"];
  const two = await rpc(server, token, { method: "skills/list", params: { cursor } });
  const names = [one, two].flatMap(({ body }) =>
    ((body.result?.["skills"] ?? []) as Entry[]).map(({ frontmatter }) => frontmatter["name"]),
  );
  assert.deepEqual(
    names,
    many.map(({ name }) => name),
  );
  assert.equal(two.body.result?.["nextCursor"], undefined);
});
