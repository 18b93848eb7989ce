import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { asCurl, asJsonRpc, asSdk, shellQuoted } from "../../src/console/ui/screens/inspector/copy-as.ts";
import { jsonParts, parseJson } from "../../src/console/ui/json/index.ts";
import { summaryOf } from "../../src/console/ui/screens/inspector/outcome/summary.ts";
import { screenAt } from "../../src/console/ui/shell/route.ts";

const call = {
  mcpUrl: "https://mcp.example.com/mcp",
  era: "2026-07-28",
  tool: "refund",
  arguments: { note: 'it\'s $HOME `id` \\ "x"' },
} as const;

test("T74: what a tool or a person wrote stays one word of the shell", () => {
  const texts = ["", "it's", "$(id) `id` $HOME", "a\nb", "\\'", "-n", "'; id; '"];
  const command = `for word in ${texts.map(shellQuoted).join(" ")}; do printf '%s\\0' "$word"; done`;
  assert.deepEqual(execFileSync("sh", ["-c", command], { encoding: "utf8" }).split("\0").slice(0, -1), texts);
});

test("a copied curl command sends the message of its era, with the headers that the era wants", () => {
  const script = `curl() { for each in "$@"; do printf '%s\\0' "$each"; done; }; TOKEN=secret\n${asCurl(call)}`;
  const words = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0");
  assert.equal(words[0], call.mcpUrl);
  assert.deepEqual(JSON.parse(words[words.indexOf("--data-binary") + 1] ?? ""), JSON.parse(asJsonRpc(call)));
  for (const header of ["Authorization: Bearer secret", "MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", "Mcp-Name: refund"]) {
    assert.ok(words.includes(header), header);
  }
  assert.match(asCurl({ ...call, tool: "rückzahlung" }), /Mcp-Name: =\?base64\?/);
  const older = asCurl({ ...call, era: "2025-11-25" });
  assert.match(older, /initialize[\s\S]*notifications\/initialized[\s\S]*tools\/call/);
  assert.equal(older.match(/Mcp-Session-Id: \$SESSION/g)?.length, 2);
});

test("a copied message says its version in its envelope only in the era that has one", () => {
  const modern = JSON.parse(asJsonRpc(call)) as { params: { _meta?: Record<string, unknown>; arguments: unknown } };
  assert.equal(modern.params._meta?.["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
  assert.deepEqual(modern.params.arguments, call.arguments);
  assert.equal(asJsonRpc({ ...call, era: "2025-11-25" }).includes("_meta"), false);
});

test("copied SDK code is of the SDK that speaks the era, and holds no token", () => {
  assert.match(asSdk(call), /@modelcontextprotocol\/client"[\s\S]*pin: "2026-07-28"/);
  assert.match(asSdk({ ...call, era: "2025-11-25" }), /@modelcontextprotocol\/sdk\/client/);
  assert.match(asSdk(call), /Bearer \$\{env\.TOKEN\}/);
});

test("what is no JSON is told with its line and column", () => {
  assert.deepEqual(parseJson('{"a": 1}'), { value: { a: 1 } });
  assert.match(parseJson('{\n  "a": x\n}').problem ?? "", /^Line 2, column 8: /);
  assert.ok(parseJson("").problem);
});

test("JSON in colours is the same text", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value, null, 2);
      assert.equal(
        jsonParts(text)
          .map(([, part]) => part)
          .join(""),
        text,
      );
    }),
    { numRuns: 50 },
  );
  assert.deepEqual(
    jsonParts('{"a": "b:"}').map(([kind]) => kind),
    ["plain", "name", "plain", "plain", "text", "plain"],
  );
});

test("an address belongs to its own screen or to the one above it", () => {
  const screens = [{ path: "" }, { path: "ledger" }];
  const found = ["/console", "/console/", "/console/ledger", "/console/ledger/12", "/console/ledgers", "/console/x"];
  assert.deepEqual(
    found.map((path) => screenAt(screens, path)?.path),
    ["", "", "ledger", "ledger", undefined, undefined],
  );
});

test("a call is summed up by its decision first, then by what was answered", () => {
  const head = { type: "response", status: 200, headers: {} } as const;
  const answered = (message: unknown) => [head, { type: "event", atMs: 1, message }, { type: "end", ms: 12, explained: null }] as const;
  const refused = { allowed: false, rule: "Missing scope", checks: [] };
  const cases: readonly (readonly [Parameters<typeof summaryOf>, string | undefined, string | undefined])[] = [
    [[[], undefined], undefined, undefined],
    [[[], refused], "denied", "Missing scope"],
    [[[], { ...refused, allowed: true, rule: "all hold" }], "would be allowed", "all hold"],
    [[answered({ result: { content: [] } }), undefined], "allowed 200", "12 ms"],
    [[answered({ result: { isError: true } }), undefined], "error 200", "The tool answered with an error. · 12 ms"],
    [[answered({ error: { message: "No such tool" } }), undefined], "error 200", "No such tool · 12 ms"],
    [[[{ ...head, status: 403 }], refused], "denied 403", "Missing scope"],
  ];
  for (const [given, word, text] of cases) {
    const summary = summaryOf(...given);
    assert.deepEqual([summary?.word, summary?.text], [word, text]);
  }
});
