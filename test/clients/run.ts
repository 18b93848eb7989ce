/**
 * `npm run test:clients`: clients that people use, against the product, each as an agent of its own. Prints a table, and fails when one of
 * them does not do what it can. `-- NAME` runs only those whose name contains NAME; `-- --write` also writes the table into the page about
 * clients.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { examine, type Row } from "./checks.ts";
import { CLIENTS, labelOf } from "./matrix.ts";
import { examinePersonalClients, PERSONAL_CASES } from "./personal-clients.ts";
import { markdown, PAGE, withMatrix } from "./table.ts";
import { createWorld, type World } from "./world.ts";

/** Clients at a time; most of their time is the start of a process. */
const LANES = 3;

const args = process.argv.slice(2);
const only = args.find((arg) => !arg.startsWith("--")) ?? "";
const clients = CLIENTS.filter((client) => labelOf(client).includes(only));
const startedAt = performance.now();
const world = await createWorld();
try {
  const rows = await examineAll(world);
  const problems = rows.flatMap(({ problems }) => problems);
  const isSignedIn = only !== "" || (await examinePersonalClients(world));
  const signedIn = isSignedIn && only === "" ? PERSONAL_CASES.map(([name]) => name) : [];
  const matrix = markdown(rows, signedIn, new Date().toISOString().slice(0, 10));
  console.log(`\n${matrix}\n`);
  for (const problem of problems) console.log(`${problem}\n`);
  console.log(`\n${rows.length} rows, ${problems.length} problems, ${Math.round((performance.now() - startedAt) / 1000)} seconds`);
  if (problems.length > 0 || rows.length === 0 || !isSignedIn) process.exitCode = 1;
  else if (args.includes("--write") && only === "") writeFileSync(PAGE, withMatrix(readFileSync(PAGE, "utf8"), matrix));
} finally {
  await world.close();
}

async function examineAll(world: World): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const waiting = [...clients.entries()];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) rows[next[0]] = await examine(world, next[1]);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return rows;
}
