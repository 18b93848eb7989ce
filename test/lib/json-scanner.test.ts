import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scanJson, type JsonLimits } from "../../src/lib/json-scanner.ts";

const limits: JsonLimits = { maxDepth: 64, maxKeys: 10_000, maxTokens: 200_000, uniqueKeysToDepth: 3 };
const scan = (text: string) => scanJson(text, limits);

test("any JSON value without repeated keys passes", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 20 }), (text) => {
      assert.equal(scan(JSON.stringify(JSON.parse(text))), undefined);
    }),
  );
});

const refused: readonly [title: string, text: string, expected: RegExp][] = [
  ["65 levels of arrays", "[".repeat(65) + "]".repeat(65), /nested deeper than 64/],
  ["a million levels", "[".repeat(1_000_000), /nested deeper/],
  ["65 levels of objects", '{"a":'.repeat(65) + "1" + "}".repeat(65), /nested deeper/],
  ["10,001 keys", `{${Array.from({ length: 10_001 }, (_, i) => `"k${i}":1`).join(",")}}`, /more than 10000 keys/],
  ["a million numbers", `[${"1,".repeat(1_000_000)}1]`, /more than 200000 values/],
  ["method twice", '{"method":"tools/list","method":"tools/call"}', /twice/],
  ["name twice in params", '{"params":{"name":"admin","name":"echo"}}', /twice/],
  ["a name hidden behind an escape", '{"params":{"name":"admin","n\\u0061me":"echo"}}', /twice/],
  ["an argument twice", '{"params":{"arguments":{"id":1,"id":2}}}', /twice/],
  ["a string that does not end", '{"a":"b', /does not end/],
];

for (const [title, text, expected] of refused) {
  test(`T45 T61: a body with ${title} is refused before it is parsed`, () => {
    assert.match(scan(text) ?? "", expected);
  });
}

const accepted: readonly [title: string, text: string][] = [
  ["the same key in different objects", '{"a":{"x":1},"b":{"x":1},"x":{"a":1}}'],
  ["the same key in objects of one array", '[{"x":1},{"x":2}]'],
  ["a key that looks like the end of a string", '{"a\\"b":1,"a":2}'],
  ["a value equal to a key", '{"name":"name","x":["name","name"]}'],
  ["64 levels", "[".repeat(64) + "]".repeat(64)],
  ["a string ending in backslashes", '{"a":"b\\\\","c":"\\\\\\""}'],
];

for (const [title, text] of accepted) {
  test(`${title} is no reason to refuse`, () => {
    JSON.parse(text);
    assert.equal(scan(text), undefined);
  });
}

test("a repeated key is found wherever it stands among others", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 30 }), fc.nat(), (keys, pick) => {
      const repeated = keys[pick % keys.length] ?? "";
      const members = [...keys, repeated].map((key) => `${JSON.stringify(key)}:0`);
      assert.match(scan(`{${members.join(",")}}`) ?? "", /twice/);
    }),
  );
});
