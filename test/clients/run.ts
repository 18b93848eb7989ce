/**
 * `npm run test:clients`: clients that people use, against the product, each as an agent of its own. Prints a table, and fails when one of
 * them cannot list, call, or see a refusal. `-- NAME` runs only those whose name contains NAME.
 */
import { CHECKS, examine, type Row } from "./checks.ts";
import { inspectorClients } from "./inspector.ts";
import { mcpRemoteClients } from "./mcp-remote.ts";
import { examinePersonalClients } from "./personal-clients.ts";
import { sdkClients } from "./sdk-clients.ts";
import { createWorld } from "./world.ts";

const only = process.argv[2] ?? "";
const clients = [...sdkClients, ...mcpRemoteClients, ...inspectorClients].filter(({ name }) => name.includes(only));
const world = await createWorld();
try {
  const rows: Row[] = [];
  for (const client of clients) rows.push(await examine(world, client));
  print(["client", "version", "auth", "protocol", ...CHECKS], rows);
  const problems = rows.flatMap(({ client, problems }) => problems.map((problem) => `${client.name} (${client.auth}): ${problem}`));
  for (const problem of problems) console.log(`\n${problem}`);
  const isSignedIn = await examinePersonalClients(world);
  if (problems.length > 0 || rows.length === 0 || !isSignedIn) process.exitCode = 1;
} finally {
  await world.close();
}

function print(head: readonly string[], rows: readonly Row[]): void {
  const lines = [
    head,
    ...rows.map(({ client, protocol, marks }) => [
      client.name,
      client.version,
      client.auth,
      protocol,
      ...CHECKS.map((check) => marks[check]),
    ]),
  ];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}
