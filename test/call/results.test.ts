import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { estimateTokens, roomOf } from "../../src/call/results/budget.ts";
import { textEnd } from "../../src/call/results/cut-text.ts";
import { cutValue, type Slice } from "../../src/call/results/cut-value.ts";
import { callTool, rpc, startServer } from "../support/remit.ts";
import { createToolHarness, type ToolHarness } from "../support/tool-harness.ts";
import { SQLITE } from "../store/support/engines.ts";
import { AGENT, BLOCKS, createLargeSurface, moreOf, noteOf, NOTES, notes, ownBlocks, readAll } from "./support/large-tools.ts";

const BYTES = 262_144;
const TOKENS = 25_000;
const { surface, entered } = createLargeSurface();
let harness: ToolHarness;
before(async () => {
  harness = await createToolHarness(SQLITE, surface);
});
after(() => harness.close());

function assertWhole(slices: readonly (Slice | undefined)[], whole: unknown, room: number): void {
  let rebuilt: unknown;
  for (const slice of slices) {
    assert.ok(slice !== undefined);
    assert.ok(Buffer.byteLength(JSON.stringify(slice.value)) <= room);
    rebuilt = graft(rebuilt, slice.value, slice.range?.path.split("/").slice(1) ?? []);
  }
  assert.deepEqual(rebuilt, whole);
}

/** What was rebuilt so far, with one more slice, which was cut at this path, put in its place. */
function graft(present: unknown, slice: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) {
    if (typeof slice === "string") return `${(present as string | undefined) ?? ""}${slice}`;
    if (Array.isArray(slice)) return [...((present as unknown[] | undefined) ?? []), ...(slice as unknown[])];
    return typeof slice === "object" && slice !== null ? { ...(present as object | undefined), ...slice } : slice;
  }
  if (Array.isArray(slice)) {
    const items = [...((present as unknown[] | undefined) ?? [])];
    items[Number(name)] = graft(items[Number(name)], slice[0], rest);
    return items;
  }
  const [before, added] = [(present ?? {}) as Record<string, unknown>, slice as Record<string, unknown>];
  return { ...added, ...before, [unescape(name)]: graft(before[unescape(name)], added[unescape(name)], rest) };
}

/** RFC 6901 §4. */
function unescape(name: string): string {
  return name.replaceAll("~1", "/").replaceAll("~0", "~");
}

const textBytes = (blocks: readonly object[]) =>
  blocks.reduce((sum, block) => sum + ("text" in block ? Buffer.byteLength(String(block.text)) : 0), 0);

test("tokens are estimated as a quarter of the bytes of UTF-8 text, rounded up", () => {
  for (const [text, tokens] of [
    ["", 0],
    ["a", 1],
    ["abcd", 1],
    ["abcde", 2],
    ["🙂", 1],
    ["ää", 1],
    ["äää", 2],
  ] as const)
    assert.equal(estimateTokens(Buffer.byteLength(text)), tokens, text);
});

test("a result within the budget is one answer with nothing added", async () => {
  const { json, value } = await harness.call(AGENT, { tool: "list_notes", arguments: { count: 100 } });
  assert.deepEqual(value, { notes: notes(100), total: 100, next_cursor: "from the tool" });
  assert.deepEqual(Object.keys(JSON.parse(json) as object), ["content", "structuredContent"]);
});

test("a list over the budget comes in parts that each fit the output schema and the budget, and together are the whole", async () => {
  entered.clear();
  const parts = await readAll(harness, "list_notes");
  assert.ok(parts.length > 2, `${parts.length} parts`);
  assert.equal(entered.get("list_notes"), 1);
  const all = parts.flatMap((part, i) => {
    const value = NOTES.parse(part.value);
    const more = moreOf(part);
    assert.equal(part.isError, false);
    assert.ok(Buffer.byteLength(part.json) <= BYTES);
    assert.ok(textBytes(part.content) <= TOKENS * 4);
    const [same = { text: "" }, about = { text: "" }] = part.content as readonly { text: string }[];
    assert.deepEqual(JSON.parse(same.text), part.value);
    assert.deepEqual([more?.part, more?.parts, more?.path, more?.unit, more?.total], [i + 1, parts.length, "/notes", "items", 5000]);
    assert.equal((more?.to ?? 0) - (more?.from ?? 0) + 1, value.notes.length);
    const range = `items ${more?.from?.toLocaleString("en")}–${more?.to?.toLocaleString("en")} of 5,000`;
    assert.ok(about.text.includes(range), about.text);
    assert.equal(about.text.includes(String(more?.cursor)), more?.cursor !== undefined);
    assert.equal(value.total, 5000);
    assert.equal(value.next_cursor, more?.cursor ?? "from the tool");
    return value.notes;
  });
  assert.deepEqual(all, notes(5000));
});

test("the same cursor gives the same part again, and other arguments beside it are not looked at", async () => {
  const { cursor } = moreOf(await harness.call(AGENT, { tool: "list_notes" })) ?? {};
  const once = await harness.call(AGENT, { tool: "list_notes", arguments: { cursor } });
  const again = await harness.call(AGENT, { tool: "list_notes", arguments: { cursor, count: "not a number", unknown: true } });
  assert.equal(again.json, once.json);
});

const shapes: readonly [title: string, value: unknown, expectedUnits: readonly string[]][] = [
  ["two lists", { a: notes(300), b: notes(300).map(({ id }) => id), name: "x" }, ["items"]],
  ["a list of long lists", { groups: Array.from({ length: 5 }, (_, i) => ({ name: `group ${i}`, rows: notes(200) })) }, ["items"]],
  [
    "a list with one long text in it",
    { rows: [noteOf(1), { id: "long", text: "é".repeat(30_000) }, ...notes(100)] },
    ["characters", "items"],
  ],
  ["a long text beside a list", { text: "🙂".repeat(5000), rows: notes(500), ok: true }, ["characters", "items"]],
  [
    "a list of objects with two long members",
    [
      { a: { x: [1, "y".repeat(6000)], n: null }, b: { z: "z".repeat(5000) } },
      { a: { x: [], n: 1 }, b: { z: "" } },
    ],
    ["entries", "items"],
  ],
  ["a map", { map: Object.fromEntries(notes(500).map((note) => [note.id, note])) }, ["entries"]],
  ["a list at the root", notes(500), ["items"]],
  ["a text at the root", '\n"\\'.repeat(10_000), ["characters"]],
];

for (const [title, value, units] of shapes) {
  test(`${title} is cut without a loss: every slice is short, and together they are the whole`, () => {
    const slices = [...cutValue(value, { room: 8000, path: "" })];
    assert.deepEqual(
      [...new Set(slices.map((slice) => slice?.range?.unit))].sort((a, b) => String(a).localeCompare(String(b))),
      units,
    );
    assertWhole(slices, value, 8000);
  });
}

test("a list is cut in few steps also when its items are very unlike", { timeout: 10_000 }, () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => "x".repeat(i % 5000 === 4999 ? 7900 : 1));
  const slices = [...cutValue(rows, { room: 8000, path: "" })];
  assert.ok(slices.length < 40, `${slices.length} slices`);
  assertWhole(slices, rows, 8000);
});

test("any JSON value is cut into short slices that together are the whole, or is told to be impossible", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 70, max: 400 }), (value, room) => {
      const clean: unknown = JSON.parse(JSON.stringify(value));
      const slices = [...cutValue(clean, { room, path: "" })];
      if (!slices.includes(undefined)) assertWhole(slices, clean, room);
    }),
  );
});

test("a text is cut in order, never inside a character, and each piece fits", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), fc.integer({ min: 12, max: 60 }), (text, room) => {
      let start = 0;
      while (start < text.length) {
        const end = textEnd(text, start, room);
        const piece = text.slice(start, end);
        assert.ok(end > start && piece.isWellFormed());
        assert.ok(Buffer.byteLength(JSON.stringify(piece)) - 2 <= room);
        start = end;
      }
    }),
  );
});

test("where nothing shorter fits the output schema the value comes as text, marked as an error", async () => {
  for (const tool of ["pair", "fixed"]) {
    const parts = await readAll(harness, tool);
    assert.ok(parts.length > 1);
    for (const part of parts) {
      assert.equal(part.isError, true);
      assert.equal("structuredContent" in (JSON.parse(part.json) as object), false);
    }
    const text = parts.flatMap((part) => ownBlocks(part).map((block) => (block.type === "text" ? block.text : ""))).join("");
    assert.ok(JSON.parse(text));
    assert.match(parts[0]?.content.at(-1)?.type === "text" ? JSON.stringify(parts[0].content.at(-1)) : "", /no shorter value fits/);
  }
});

test("a long text comes in parts that each fit, and together are the text", async () => {
  const parts = await readAll(harness, "read_text", { count: 60_000 });
  const texts = parts.flatMap((part) => {
    assert.ok(textBytes(part.content) <= TOKENS * 4);
    return ownBlocks(part).map((block) => (block.type === "text" ? block.text : ""));
  });
  assert.ok(texts.length > 3 && texts.every((text) => text.isWellFormed()));
  assert.equal(texts.join(""), "ä🙂x".repeat(60_000));
});

test("blocks that are no text stay whole and in order, and what is cut keeps its annotations", async () => {
  const parts = await readAll(harness, "read_blocks");
  const blocks = parts.flatMap((part) => {
    assert.ok(Buffer.byteLength(part.json) <= BYTES);
    return ownBlocks(part);
  });
  const images = BLOCKS.filter(({ type }) => type === "image");
  assert.deepEqual(
    blocks.filter(({ type }) => type === "image"),
    images,
  );
  const joined = (all: readonly object[]) => all.map((block) => ("text" in block ? block.text : "|")).join("");
  assert.equal(joined(blocks), joined(BLOCKS));
  for (const block of blocks)
    if (block.type === "text" && block.text.startsWith("\u0000")) assert.deepEqual(block.annotations?.audience, ["assistant"]);
});

test("a block larger than any answer may be is told with its kind and size", async () => {
  const { content, isError } = await harness.call(AGENT, { tool: "draw" });
  const texts = content.map((block) => (block.type === "text" ? block.text : ""));
  assert.equal(isError, false);
  assert.equal(texts[0], "Here it is:");
  assert.match(texts[1] ?? "", /An image of type image\/png with 300,000 bytes is left out/);
  assert.equal(texts[2], "Done.");
});

test("a tool's own error that is too long stays an error in each part", async () => {
  const parts = await readAll(harness, "complain");
  assert.ok(parts.length > 1 && parts.every(({ isError }) => isError));
});

test("what was streamed before a structured value comes in parts too, each with a value that fits", async () => {
  const parts = await readAll(harness, "tell_and_list", { count: 7 });
  assert.ok(parts.length > 4);
  const told = parts.flatMap((part) => {
    assert.deepEqual(part.value, { count: 7 });
    return ownBlocks(part)
      .slice(0, -1)
      .map((block) => (block.type === "text" ? block.text : ""));
  });
  assert.equal(told.join(""), Array.from({ length: 400 }, (_, i) => `told ${i} ${"x".repeat(1000)}`).join(""));
});

test("of more than 16 MiB the rest is dropped, and the last part says so", async () => {
  const parts = await readAll(harness, "list_notes", { count: 400_000 });
  const last = parts.at(-1);
  assert.ok(last !== undefined && moreOf(last)?.dropped === true);
  assert.match(JSON.stringify(last.content.at(-1)), /too much to keep and was dropped/);
  assert.ok((moreOf(last)?.to ?? 0) > 100_000);
  assert.equal(moreOf(last)?.total, 400_000);
});

test("a budget that is very small still gives parts that lead to the end", () => {
  assert.deepEqual(roomOf({ maxResultBytes: 1, maxResultTokens: 1 }), { json: 1024, text: 1024 });
});

test("going on is decided and recorded as a call of the tool, and the answer has one _meta", async (t) => {
  const server = await startServer(t, surface);
  const token = await server.token("note:read");
  const { body } = await callTool(server, token, "list_notes", {});
  const meta = body.result?.["_meta"] as Record<string, { cursor: string } & Record<string, unknown>>;
  assert.equal(typeof meta["io.modelcontextprotocol/serverInfo"]?.["name"], "string");
  const cursor = meta["dev.remit/more"]?.cursor;
  const next = await callTool(server, token, "list_notes", { cursor });
  assert.equal(next.body.result?.["isError"], undefined);
  assert.equal(next.body.result?.["resultType"], "complete");
  const record = (await server.records()).at(-1);
  assert.deepEqual(
    [record?.["kind"], record?.["tool"], record?.["outcome"], record?.["arguments"]],
    ["call", "list_notes", "ok", { cursor }],
  );
});

test("a tool that is declared large lists a cursor, takes an empty one for none, and its other arguments stay as strict", async (t) => {
  const server = await startServer(t, surface);
  const token = await server.token("note:read note:admin");
  const { body } = await rpc(server, token, { method: "tools/list" });
  const listed = new Map(
    ((body.result?.["tools"] ?? []) as { name: string; inputSchema: { properties: object } }[]).map((tool) => [tool.name, tool]),
  );
  assert.equal("cursor" in (listed.get("list_all")?.inputSchema.properties ?? {}), true);
  assert.equal("cursor" in (listed.get("list_notes")?.inputSchema.properties ?? {}), false);
  const text = async (args: object) => JSON.stringify((await callTool(server, token, "list_all", args)).body.result);
  assert.match(await text({ cursor: "", count: 1 }), /"total":1/);
  assert.match(await text({ cursor: "page 2" }), /This cursor is not valid/);
  assert.match(await text({ curser: "x" }), /not a parameter/);
});
