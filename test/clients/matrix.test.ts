import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { CLIENTS, labelOf } from "./matrix.ts";
import { PERSONAL_CASES } from "./personal-clients.ts";
import { cellsOf, expectedCells, HEAD, matrixIn, PAGE, reasonsOf, rowsIn } from "./table.ts";

const page = readFileSync(PAGE, "utf8");

test("the page about clients has the rows of the script, with the versions that are installed, and none that failed", () => {
  const reasons = reasonsOf(CLIENTS);
  const rows = rowsIn(matrixIn(page));
  assert.deepEqual(
    rows.map((row) => row.slice(0, -1)),
    CLIENTS.map((client) => expectedCells(client, reasons)),
  );
  for (const row of rows) assert.match(row.at(-1) ?? "", /^\d{4}-\d{2}-\d{2}$/);
  for (const [name] of PERSONAL_CASES) assert.ok(matrixIn(page).includes(`- ${name}: ok, `), name);
  for (const reason of reasons) assert.ok(matrixIn(page).includes(`: ${reason}`), reason);
});

test("no two rows are the same client in the same way, and every cell has its head", () => {
  assert.equal(new Set(CLIENTS.map(labelOf)).size, CLIENTS.length);
  for (const client of CLIENTS) assert.equal(expectedCells(client, reasonsOf(CLIENTS)).length, HEAD.length - 1, cellsOf(client).join());
});

test("the page about clients names tests that exist, in the files that it names", () => {
  const named = [...page.matchAll(/“([^”]+)” \(`(test\/[\w/.-]+)`\)/g)].map(([, title = "", file = ""]) => ({ title, file }));
  assert.ok(named.length >= 10);
  assert.deepEqual(
    named.filter(({ title, file }) => !existsSync(file) || !readFileSync(file, "utf8").includes(`test("${title}",`)),
    [],
  );
});
