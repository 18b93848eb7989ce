import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { controlPlane } from "../../src/control-plane/index.ts";
import {
  baselineOf,
  catalogueOfSurface,
  formatGithub,
  formatJson,
  formatSarif,
  formatText,
  lintTools,
  parseBaseline,
  problemsOf,
  RULES,
  type Catalogue,
} from "../../src/lint/index.ts";
import { surface } from "../../examples/scopes/surface.ts";
import { seedTools } from "./support/seed-tools.ts";
import { declared, listed, tool } from "./support/tools.ts";

const DRIFTED = listed(...seedTools);
const SOURCE = { uri: "tools.json", text: JSON.stringify({ tools: seedTools }, null, 1) };

/** What SARIF 2.1.0 requires of a log, a run, a rule and a result (§3.13, §3.14, §3.49, §3.27), and code scanning beside it. */
const sarif = z.object({
  $schema: z.url(),
  version: z.literal("2.1.0"),
  runs: z.tuple([
    z.object({
      tool: z.object({
        driver: z.object({
          name: z.string().min(1),
          version: z.string().min(1),
          rules: z.array(
            z.object({
              id: z.string(),
              shortDescription: z.object({ text: z.string().min(1) }),
              help: z.object({ text: z.string().min(1) }),
              defaultConfiguration: z.object({ level: z.enum(["none", "note", "warning", "error"]) }),
            }),
          ),
        }),
      }),
      columnKind: z.literal("utf16CodeUnits"),
      results: z.array(
        z.object({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level: z.enum(["none", "note", "warning", "error"]),
          message: z.object({ text: z.string().min(1) }),
          locations: z.tuple([
            z.object({
              physicalLocation: z.object({
                artifactLocation: z.object({ uri: z.string() }),
                region: z.object({ startLine: z.int().min(1) }),
              }),
            }),
          ]),
          partialFingerprints: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
          suppressions: z.array(z.object({ kind: z.enum(["inSource", "external"]), justification: z.string().min(1) })).optional(),
        }),
      ),
    }),
  ]),
});

test("a SARIF report has what the standard requires, each result its rule, its line and a print of its own", () => {
  const report = lintTools(DRIFTED);
  const [{ tool: reporter, results }] = sarif.parse(JSON.parse(formatSarif(report, SOURCE, "1.2.3"))).runs;
  assert.equal(results.length, report.findings.length);
  const lines = SOURCE.text.split("\n");
  for (const [i, { ruleId, ruleIndex, locations }] of results.entries()) {
    assert.equal(reporter.driver.rules[ruleIndex]?.id, ruleId);
    const { startLine } = locations[0].physicalLocation.region;
    const name = report.findings[i]?.tool;
    if (name === undefined) assert.equal(startLine, 1);
    else assert.ok(lines[startLine - 1]?.includes(`"${name}"`), name);
  }
  assert.equal(new Set(results.map(({ partialFingerprints }) => Object.values(partialFingerprints).join())).size, results.length);
});

test("the same tools give the same report, in whatever order they are listed", () => {
  const keys = (catalogue: Catalogue) =>
    lintTools(catalogue)
      .findings.map(({ rule, tool: name, parameter, message }) => [rule, name, parameter, message].join(" "))
      .toSorted();
  assert.equal(formatJson(lintTools(DRIFTED), "x"), formatJson(lintTools(listed(...seedTools)), "x"));
  assert.deepEqual(keys(listed(...seedTools.toReversed())), keys(DRIFTED));
});

test("what is accepted in a baseline is not told, is counted, and its reason is in the report; what nothing needs any more is named", () => {
  const found = lintTools(DRIFTED);
  const accepted = parseBaseline(baselineOf(found, "Known since the first version."));
  assert.ok(typeof accepted !== "string");
  const gone = { rule: "desc-short", tool: "gone", reason: "There was such a tool." };
  const report = lintTools({ ...DRIFTED, suppressions: [...accepted, gone] });
  assert.deepEqual([report.counts.error, report.counts.warning], [0, 0]);
  assert.equal(report.suppressed.length, found.counts.error + found.counts.warning);
  assert.deepEqual(report.unused, [gone]);
  assert.match(formatText(report), /0 errors, 0 warnings, .* suppressed with a reason/);
  const [{ results }] = sarif.parse(JSON.parse(formatSarif(report, SOURCE, "1.2.3"))).runs;
  assert.equal(results.filter(({ suppressions }) => suppressions !== undefined).length, report.suppressed.length);
});

for (const [what, text, says] of [
  ["no JSON", "{", /no JSON/],
  ["a rule that does not exist", '{"suppressions":[{"rule":"desc-shrt","reason":"It is meant so."}]}', /no rule of this name/],
  ["no reason", '{"suppressions":[{"rule":"desc-short","reason":"ok"}]}', /say why/],
  ["a member that is not known", '{"suppressions":[{"rule":"desc-short","tol":"x","reason":"It is meant so."}]}', /tol/],
] as const)
  test(`a baseline with ${what} is refused and says so`, () => {
    const problem = parseBaseline(text);
    assert.ok(typeof problem === "string");
    assert.match(problem, says);
  });

test("a suppression beside the declarations has to name its rule and its reason", () => {
  assert.deepEqual(problemsOf([{ rule: "desc-short", reason: "It is meant so." }]), []);
  assert.match(problemsOf([{ rule: "desc-shrt", reason: "It is meant so." }]).join(), /no rule/);
});

test("names of somebody else's tools steer neither a terminal nor a workflow", () => {
  const hostile = listed(tool({ name: "a\u001b[2J\n::error title=x::y,z", description: "Pays." }));
  const report = lintTools(hostile);
  assert.ok(!formatText(report, { isAll: true }).includes("\u001b"));
  for (const line of formatGithub(report, { uri: "a,b:c.json" }).split("\n"))
    assert.match(line, /^::(?:error|warning) file=a%2Cb%3Ac\.json,line=1,title=[a-z-]+::/);
});

test("the control plane has no error and no warning; what is let through says why", () => {
  const report = lintTools(catalogueOfSurface(controlPlane));
  assert.deepEqual(
    report.findings.filter(({ severity }) => severity !== "info").map(({ rule, tool: name, message }) => `${rule} ${name}: ${message}`),
    [],
  );
  assert.deepEqual(report.unused, []);
  for (const { reason } of report.suppressed) assert.ok(reason.split(" ").length > 4, reason);
});

test("what the guide shows of scopes has no finding at all", () => {
  assert.deepEqual(lintTools(catalogueOfSurface(surface)).findings, []);
});

test("a rule says what it finds and how to mend it, in sentences", () => {
  for (const { id, about, fix } of RULES) {
    assert.match(id, /^[a-z]+(?:-[a-z]+)*$/);
    assert.match(about, /\.$/);
    assert.match(fix, /\.$/);
  }
  assert.deepEqual(lintTools(declared()).findings, []);
});
