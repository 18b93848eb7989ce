import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { importOpenapi } from "../../../src/cli/import/import-openapi.ts";
import { propose, type Proposal } from "../../../src/cli/import/propose.ts";
import { readDocument } from "../../../src/cli/import/read-document.ts";
import { renderFiles } from "../../../src/cli/import/render-files.ts";
import { createRegistry, findHidden, type Surface } from "../../../src/tool/index.ts";
import { startServer } from "../../support/remit.ts";
import { callTool } from "../../support/remit.ts";
import { INJECTIONS, PETS, withOperation } from "./documents.ts";

const REMIT = new URL("../../../src/index.ts", import.meta.url).href;
let folder = "";
let count = 0;
before(async () => void (folder = await mkdtemp(join(tmpdir(), "remit-import-"))));
after(async () => rm(folder, { recursive: true }));

function proposed(text: string, server?: string): Proposal {
  const document = readDocument(text);
  assert.ok(typeof document !== "string", JSON.stringify(document));
  const proposal = propose(document, server);
  assert.ok(typeof proposal !== "string", JSON.stringify(proposal));
  return proposal;
}

/** Writes what is proposed and loads it as a project would. */
async function load(proposal: Proposal): Promise<Surface & { readonly upstreams: Record<string, never> }> {
  const root = join(folder, String(count++));
  for (const [path, text] of renderFiles(proposal, REMIT)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const module = (await import(pathToFileURL(join(root, "surface.ts")).href)) as {
    readonly surface: Surface & { readonly upstreams: Record<string, never> };
  };
  return module.surface;
}

const membersOf = (tool: Proposal["tools"][number] | undefined) =>
  (tool?.input["properties"] ?? {}) as Record<string, Record<string, unknown>>;

const notesOf = ({ notes }: Proposal): string => notes.map(({ where, text }) => `${where}: ${text}`).join("\n");

test("each operation becomes a tool with a scope and the effect of its method; what cannot is left out with the reason", () => {
  const proposal = proposed(PETS);
  assert.equal(proposal.base, "https://api.pets.example/v2");
  assert.deepEqual(
    proposal.tools.map(({ name, method, effect, scope }) => [name, method, effect, scope]),
    [
      ["list_pets", "GET", "read", "pets:read"],
      ["create_pet", "POST", "write", "pets:write"],
      ["replace_pets", "PUT", "write", "pets:write"],
      ["delete_pets", "DELETE", "destructive", "pets:delete"],
    ],
  );
  assert.match(notesOf(proposal), /POST \/photos: left out: its body is no JSON/);
  assert.match(notesOf(proposal), /contains itself/);
});

test("inputs are what the document says: bounds, choices, what must be there, what is secret, and where each goes", () => {
  const [list, create, replace] = proposed(PETS).tools;
  const { name: _name, ...created } = membersOf(create);
  assert.deepEqual(list?.inQuery, { limit: "limit", tags: "tags" });
  assert.deepEqual(list?.inHeaders, { "X-Trace": "X-Trace" });
  assert.deepEqual(membersOf(list)["limit"], {
    type: "integer",
    minimum: 1,
    maximum: 100,
    default: 20,
    description: "How many at most.",
  });
  assert.deepEqual(create?.input["required"], ["name", "kind"]);
  assert.deepEqual(Object.keys(created), ["kind", "weight", "secret", "parent"], "what the API sets itself is no input");
  assert.deepEqual([created["weight"]?.["type"], created["weight"]?.["exclusiveMinimum"]], [["number", "null"], 0]);
  assert.equal(created["secret"]?.["writeOnly"], true);
  assert.deepEqual(create?.example, { name: "example", kind: "cat" });
  assert.deepEqual([replace?.body, replace?.inPath], ["body", { petId: "petId" }]);
});

test("what is written boots, and its tools call the API through the guard with the stored credential", async (t) => {
  const seen: (readonly unknown[])[] = [];
  const api = createServer((req, res) => {
    let body = "";
    req.on("data", (part: Buffer) => (body += part.toString()));
    req.on("end", () => {
      seen.push([req.method, req.url, req.headers["x-api-key"], body]);
      res.statusCode = req.url?.includes("missing") === true ? 404 : 200;
      res.end('{"ok":true}');
    });
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  t.after(() => api.close());
  const host = `127.0.0.1:${(api.address() as AddressInfo).port}`;
  const proposal = proposed(PETS, `http://${host}/v2/`);
  const surface = await load(proposal);
  const server = await startServer(t, surface, { REMIT_FETCH_ALLOWED_HOSTS: host, REMIT_APPROVALS: "off" });
  assert.equal(await server.operator.setUpstreamSecret({ name: "pet_store", secret: "the-api-secret" }), true);
  const token = await server.token("pets:read pets:write pets:delete");
  const call = async (name: string, input: object) => JSON.stringify(await callTool(server, token, name, input));

  assert.match(await call("list_pets", { limit: 5, tags: ["a b", "c&d"] }), /ok/);
  assert.match(await call("create_pet", { name: "Rex", kind: "dog" }), /ok/);
  assert.match(await call("delete_pets", { petId: "a/../../b?c#d" }), /ok/);
  assert.match(await call("delete_pets", { petId: "missing" }), /status 404/);
  assert.match(await call("delete_pets", { petId: ".." }), /leads elsewhere/);
  assert.match(await call("create_pet", { name: "Rex", kind: "fish" }), /isError|kind/);
  assert.deepEqual(seen, [
    ["GET", "/v2/pets?limit=5&tags=a+b&tags=c%26d", "the-api-secret", ""],
    ["POST", "/v2/pets", "the-api-secret", '{"name":"Rex","kind":"dog"}'],
    ["DELETE", "/v2/pets/a%2F..%2F..%2Fb%3Fc%23d", undefined, ""],
    ["DELETE", "/v2/pets/missing", undefined, ""],
  ]);
});

test("T51: no text of a document becomes code, a comment, markup or a hidden character in what is written", async () => {
  for (const text of INJECTIONS) {
    const operation = {
      operationId: text,
      summary: text,
      description: text,
      tags: [text],
      parameters: [
        { name: text, in: "query", description: text, schema: { type: "string", enum: ["a", text], default: text, description: text } },
        { name: "ok", in: "query", required: true, schema: { type: "object", properties: { [text]: { type: "string", title: text } } } },
      ],
    };
    const proposal = proposed(
      withOperation(operation, {
        info: { title: text },
        security: [{ [text]: [] }],
        components: { securitySchemes: { [text]: { type: "http", scheme: "bearer" } } },
      }),
    );
    assert.equal(proposal.tools.length, 1, `${JSON.stringify(text)} ${notesOf(proposal)}`);
    for (const [path, source] of renderFiles(proposal)) {
      assert.match(path, /^(?:tools\/[a-z0-9-]+|[A-Za-z]+)\.(?:ts|md)$/);
      assert.equal(
        source
          .split("\n")
          .map((line) => findHidden(line))
          .find(Boolean),
        undefined,
        `${path} for ${JSON.stringify(text)}`,
      );
    }
    // It is loaded: code in it would have run and ended this process, or not parse.
    const surface = await load(proposal);
    assert.equal(createRegistry(surface).tools.size, 1);
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  }
});

test("T51: a path, a server or a media type with strange characters proposes nothing", () => {
  for (const path of ["/a`b", '/a"b', "/a\nb", "/a/../b", "a", "/{", "/a{b}c}", "/\u202e"]) {
    const text = JSON.stringify({ openapi: "3.1.0", servers: [{ url: "https://a.example" }], paths: { [path]: { get: {} } } });
    assert.deepEqual(proposed(text).tools, [], JSON.stringify(path));
  }
  for (const url of ["javascript:alert(1)", "file:///etc/passwd", "/v1", "", "https://", 5]) {
    const { base } = proposed(JSON.stringify({ openapi: "3.1.0", servers: [{ url }], paths: {} }));
    assert.equal(base, "https://api.example.com", String(url));
  }
  assert.equal(proposed(withOperation({}), "https://user:pass@api.example/v1?x=1#y").base, "https://api.example/v1");
});

/** [what, document, what is said of it] */
const HOSTILE: readonly (readonly [string, string, RegExp])[] = [
  ["no document", "- a\n- b", /no OpenAPI document/],
  ["not YAML", "a: [", /neither YAML nor JSON/],
  ["another version", "openapi: 4.0.0", /OpenAPI 3\.0 or 3\.1/],
  ["Swagger", 'swagger: "2.0"', /Swagger 2\.0/],
  ["too large", `openapi: 3.1.0\nx: ${"a".repeat(5_000_000)}`, /larger than/],
  ["deep JSON", `{"openapi":"3.1.0","x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, /deep/],
  ["deep YAML", `openapi: 3.1.0\nx: ${"[".repeat(20_000)}`, /deep/],
  ["deep YAML by lines", `openapi: 3.1.0\n${Array.from({ length: 1000 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")}`, /deep/],
  [
    "aliases of aliases",
    [
      "openapi: 3.1.0",
      "a0: &a0 [x,x,x,x,x,x,x,x,x]",
      ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`),
    ].join("\n"),
    /aliases|parts/,
  ],
  ["an alias of itself", "openapi: 3.1.0\nx: &x [*x]", /./],
  ["a key twice", '{"openapi":"3.1.0","openapi":"3.0.0"}', /twice|key/],
  ["a tag that makes objects", "openapi: 3.1.0\nx: !!js/function 'function () { process.exit(1) }'\nopenapi2: 1", /^$/],
];

test("T52: hostile documents are bounded in time and size", () => {
  for (const [title, text, expected] of HOSTILE) {
    const startedAt = performance.now();
    const document = readDocument(text);
    assert.match(typeof document === "string" ? document : "", expected, title);
    assert.ok(performance.now() - startedAt < 2000, title);
  }
});

test("T52: a reference that leads out of the document, nowhere or in a circle is not followed", () => {
  const cases: readonly (readonly [string, object])[] = [
    ["https://evil.example/x.yaml", {}],
    ["file:///etc/passwd", {}],
    ["other.yaml#/x", {}],
    ["#/nowhere", {}],
    ["#/__proto__/x", {}],
    ["#/components/a", { components: { a: { $ref: "#/components/b" }, b: { $ref: "#/components/a" } } }],
  ];
  for (const [ref, more] of cases) {
    const inParameter = proposed(withOperation({ parameters: [{ $ref: ref }] }, more));
    assert.deepEqual(inParameter.tools, [], ref);
    assert.match(notesOf(inParameter), /left out: it(?:s references| refers)/, ref);
    const inSchema = proposed(withOperation({ parameters: [{ name: "a", in: "query", schema: { $ref: ref } }] }, more));
    assert.equal(inSchema.tools.length, 1, ref);
    assert.match(notesOf(inSchema), /a schema is left open/, ref);
  }
});

test("T52: schemas that unfold without end are cut, and patterns that may take long are left out", () => {
  const wide = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [
      `s${i}`,
      {
        type: "object",
        properties: Object.fromEntries(
          Array.from({ length: 60 }, (_x, k) => [`p${k}`, { $ref: `#/components/schemas/s${(i + k + 1) % 60}` }]),
        ),
      },
    ]),
  );
  const startedAt = performance.now();
  const cut = proposed(
    withOperation(
      { parameters: [{ name: "a", in: "query", schema: { $ref: "#/components/schemas/s0" } }] },
      { components: { schemas: wide } },
    ),
  );
  assert.match(notesOf(cut), /too much/);
  assert.ok(performance.now() - startedAt < 2000);
  for (const [pattern, isKept] of [
    ["^[a-z]{2,8}$", true],
    ["(a+)+$", false],
    ["a*a*a*b", false],
    ["(?=x)", false],
    ["[", false],
    ["\\1", false],
  ] as const) {
    const { tools } = proposed(withOperation({ parameters: [{ name: "a", in: "query", schema: { type: "string", pattern } }] }));
    const schema = membersOf(tools[0])["a"];
    assert.equal(schema?.["pattern"], isKept ? pattern : undefined, pattern);
  }
});

test("the command prints what it would write, writes into a new folder only, and says what is left out", async () => {
  const file = join(folder, "pets.yaml");
  await writeFile(file, PETS);
  const { text, isEmpty } = await importOpenapi(file, {});
  assert.ok(!isEmpty);
  assert.match(text, /list_pets +GET \/pets +read +pets:read/);
  assert.match(text, /Nothing is written/);
  const out = join(folder, "written");
  const facts = JSON.parse((await importOpenapi(file, { out, json: true })).text) as { readonly files: readonly string[] };
  assert.deepEqual(
    (await readdir(out, { recursive: true }))
      .filter((name) => name.includes("."))
      .map((name) => name.replaceAll("\\", "/"))
      .sort(),
    [...facts.files].sort(),
  );
  await assert.rejects(importOpenapi(file, { out }), /there already/);
  await assert.rejects(importOpenapi(join(folder, "none.yaml"), {}), /no file/);
});
