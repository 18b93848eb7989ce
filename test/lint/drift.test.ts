import assert from "node:assert/strict";
import { test } from "node:test";
import { lintTools } from "../../src/lint/index.ts";
import { DRIFTS, mendedTools, seedTools } from "./support/seed-tools.ts";
import { listed } from "./support/tools.ts";

const IS_DRIFT = /^desc-(?:unknown-parameter|omits-required)$/;
const { findings } = lintTools(listed(...seedTools));

for (const { name, rule, says } of DRIFTS) {
  test(`the drift of ${name} is found and says which parameter was meant`, () => {
    const found = findings.filter((finding) => finding.tool === name && finding.rule === rule);
    assert.deepEqual(
      found.map((finding) => finding.rule),
      [rule],
      JSON.stringify(found),
    );
    assert.match(found[0]?.message ?? "", says);
  });
}

test("there are seven drifts, and none in descriptions that fit", () => {
  assert.equal(DRIFTS.length, 7);
  const mended = lintTools(listed(...mendedTools)).findings.filter(({ rule }) => IS_DRIFT.test(rule));
  assert.deepEqual(mended, []);
});
