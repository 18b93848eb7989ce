import assert from "node:assert/strict";
import { test } from "node:test";
import { BootError } from "../../../src/errors.ts";
import { content, defineTool, toolError } from "../../../src/index.ts";
import { createRegistry, type AppDeclaration, type Tool } from "../../../src/tool/index.ts";
import { callTool, rpc, startServer } from "../../support/remit.ts";
import { app, HTML, scopes, showOrder } from "./surface.ts";

const MIME_TYPE = "text/html;profile=mcp-app";

test("the extension is told when apps are declared, and only then", async (t) => {
  for (const [apps, expected] of [
    [[app], { mimeTypes: [MIME_TYPE] }],
    [[], undefined],
  ] as const) {
    const server = await startServer(t, { scopes, apps });
    const { body } = await rpc(server, await server.token("order:read"), { method: "server/discover" });
    const { extensions } = (body.result?.["capabilities"] ?? {}) as { extensions: Record<string, unknown> };
    assert.deepEqual(extensions["io.modelcontextprotocol/ui"], expected);
  }
});

test("a tool names its app in its list entry, and the app says in list and contents what it may do", async (t) => {
  const server = await startServer(t, { scopes, tools: [showOrder], apps: [app] });
  const token = await server.token("order:read");
  const tools = await rpc(server, token, { method: "tools/list" });
  const [tool] = (tools.body.result?.["tools"] ?? []) as { _meta: unknown }[];
  assert.deepEqual(tool?._meta, { ui: { resourceUri: app.uri, visibility: ["model", "app"] } });
  const ui = { csp: app.csp, permissions: { clipboardWrite: {} }, prefersBorder: true };
  const { body } = await rpc(server, token, { method: "resources/read", params: { uri: app.uri } });
  assert.deepEqual(body.result?.["contents"], [{ uri: app.uri, mimeType: MIME_TYPE, text: HTML, _meta: { ui } }]);
  const listed = await rpc(server, token, { method: "resources/list" });
  assert.deepEqual(listed.body.result?.["resources"], [
    { uri: app.uri, name: app.name, title: app.title, description: app.description, mimeType: MIME_TYPE, _meta: { ui } },
  ]);
});

test("an app is listed and read by those who hold its scopes, and refused to others with the challenge", async (t) => {
  const server = await startServer(t, { scopes, apps: [app] });
  const token = await server.token("staff:read");
  const listed = await rpc(server, token, { method: "resources/list" });
  assert.deepEqual(listed.body.result?.["resources"], []);
  const { status, headers } = await rpc(server, token, { method: "resources/read", params: { uri: app.uri } });
  assert.equal(status, 403);
  assert.match(headers.get("www-authenticate") ?? "", /scope="order:read"/);
});

test("a tool that shows an app answers with text for hosts that show none", async (t) => {
  const image = { type: "image", data: "AA==", mimeType: "image/png" } as const;
  const plain = (name: string, run: () => ReturnType<typeof content>): Tool =>
    defineTool({
      ...showOrder,
      name,
      input: { type: "object", properties: {} },
      output: undefined,
      examples: [{ title: "One", input: {} }],
      run,
    });
  const tools = [
    showOrder,
    plain("both", () => content(image, "An order.")),
    plain("picture", () => content(image)),
    plain("nothing", () => content()),
    plain("failing", () => toolError("There is no such order.") as never),
  ];
  const server = await startServer(t, { scopes, tools, apps: [app] });
  const token = await server.token("order:read");
  for (const [name, args] of [["show_order", { id: "o1" }], ["both"], ["failing"]] as const) {
    const { body } = await callTool(server, token, name, args);
    assert.ok(
      ((body.result?.["content"] ?? []) as { type: string }[]).some(({ type }) => type === "text"),
      name,
    );
  }
  for (const name of ["picture", "nothing"]) {
    const { status, body } = await callTool(server, token, name);
    assert.deepEqual([status, body.error?.code], [500, -32603], name);
  }
});

function problemsOf(tools: readonly Tool[], apps: readonly AppDeclaration[]): string {
  try {
    createRegistry({ scopes, tools, apps });
  } catch (error) {
    assert.ok(error instanceof BootError);
    return error.problems.join("\n");
  }
  return "";
}

test("an app whose scopes the tool's scopes include boots", () => {
  assert.equal(problemsOf([{ ...showOrder, scopes: ["order:write"] }], [app]), "");
});

const badTools: readonly [title: string, change: Partial<Tool>, expected: RegExp][] = [
  ["an app that is not declared", { ui: { resource: "ui://orders/other.html" } }, /"ui:\/\/orders\/other\.html", which is no app/],
  ["an app whose scopes its callers may lack", { scopes: ["staff:read"] }, /needs order:read too/],
  ["no visibility", { ui: { resource: app.uri, visibility: [] } }, /visible to nobody/],
];

for (const [title, change, expected] of badTools) {
  test(`a tool with ${title} refuses to boot and names the fix`, () => {
    assert.match(problemsOf([{ ...showOrder, ...change }], [app]), expected);
  });
}

const badApps: readonly [title: string, change: object, expected: RegExp][] = [
  ["no scopes", { scopes: [] }, /has no scopes/],
  ["another scheme", { uri: "https://example.com/order.html" }, /another form than ui:/],
  ["a path that climbs", { uri: "ui://orders/../a?b" }, /another form than ui:/],
  ["a part of a document", { html: "<p>Order</p>" }, /not a whole HTML5 document/],
  ["no doctype", { html: "<html></html>" }, /not a whole HTML5 document/],
  ["an old doctype", { html: HTML.replace("html>", 'html PUBLIC "-//W3C//DTD HTML 4.01//EN">') }, /not a whole HTML5 document/],
  ["an unfinished document", { html: HTML.replace("</html>", "") }, /not a whole HTML5 document/],
  ["more than 1 MiB", { html: HTML.replace("</body>", `${"x".repeat(1024 * 1024)}</body>`) }, /more than 1048576 bytes/],
  ...[
    "*",
    "https://*",
    "https://*.com",
    "http://example.com",
    "'unsafe-eval'",
    "data:",
    "https://a.example/path",
    "https://a.example; script-src *",
  ].map((source): [string, object, RegExp] => [
    `${source} in its policy`,
    { csp: { resourceDomains: [source] } },
    /in csp\.resourceDomains; name origins/,
  ]),
  ["a socket where pictures come from", { csp: { resourceDomains: ["wss://a.example"] } }, /in csp\.resourceDomains/],
];

for (const [title, change, expected] of badApps) {
  test(`an app with ${title} refuses to boot and names the fix`, () => {
    assert.match(problemsOf([], [{ ...app, ...change }]), expected);
  });
}

for (const change of [
  { title: "Order\u200b" },
  { description: "Shows an order\u202e as a card." },
  { html: HTML.replace("Order", "Or\u{e0041}der") },
]) {
  test(`T49: an app with hidden text in its ${Object.keys(change).join()} refuses to boot`, () => {
    assert.match(problemsOf([], [{ ...app, ...change }]), /hidden character U\+/);
  });
}

test("an app declared twice refuses to boot", () => {
  assert.match(problemsOf([], [app, app]), /declared twice/);
});
