/**
 * How fast the tools that list, search and get are among very many organizations and users, over HTTP with a token; and that no statement of
 * theirs reads a large table in full. Ends with 1 when one does.
 *
 *     npm run bench:scale                         100,000 organizations and 1,000,000 users
 *     npm run bench:scale -- 100000 200000 100    other numbers, and calls per line
 */
import http from "node:http";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { controlPlane } from "../../src/control-plane/index.ts";
import { createServer, parseConfig } from "../../src/index.ts";
import { postCall } from "../post-call.ts";
import { productEnv, startProduct } from "../product.ts";
import { fetchToken } from "../token.ts";
import { resultOf, type Target } from "../tool-call.ts";
import { looks, type Look, type Things } from "./looks.ts";
import { explainScans, listenToStatements, proveExplain } from "./query-plans.ts";
import { SCOPES, seed, type Seeded, type Size } from "./seed.ts";

const [organizations = 100_000, users = 1_000_000, calls = 100] = process.argv.slice(2).map(Number);
const size: Size = { organizations, users };
const WARM_UP = 5;
const CURSORS = 20;

let id = 0;
const keepAlive = new http.Agent({ keepAlive: true, maxSockets: 1 });

console.log(`${organizations.toLocaleString("en")} organizations and ${users.toLocaleString("en")} users in SQLite, ${calls} calls a line`);
const made = await seed(size);
console.log(made.seconds === 0 ? "The rows are those of an earlier run." : `The rows were written in ${made.seconds.toFixed(0)} s.`);
const { things, tools } = await measure(made);
const scans = await explain(made, things, tools);
for (const line of scans) console.log(line);
console.log(
  scans.length === 0 ? "\nNo statement scans or sorts a large table." : `\n${scans.length} statements scan or sort a large table.`,
);
process.exitCode = scans.length === 0 ? 0 : 1;

interface Measured {
  readonly things: Things;
  readonly tools: readonly string[];
}

async function measure(seeded: Seeded): Promise<Measured> {
  const child = startProduct({ port: 0, dataDir: seeded.dataDir });
  try {
    const { mcp, issuer } = await child.listening;
    const target = await targetAt({ mcp, issuer }, seeded);
    const things = await prepare(target, seeded);
    const all = looks(things);
    const tools = await listTools(mcp, target);
    const missing = tools.filter((tool) => /^(list|search|get)_/.test(tool) && !all.some((look) => look.tool === tool));
    if (missing.length > 0) throw new Error(`not measured: ${missing.join(", ")}`);
    console.log(`\n${"tool".padEnd(38)}${"".padEnd(26)}${"p50 ms".padStart(9)}${"p99 ms".padStart(9)}${"max ms".padStart(9)}`);
    for (const look of all) console.log(lineOf(look, await timesOf(target, look)));
    return { things, tools };
  } finally {
    keepAlive.destroy();
    await child.end();
  }
}

async function targetAt({ mcp, issuer }: { readonly mcp: string; readonly issuer: string }, { agent }: Seeded): Promise<Target> {
  const token = await fetchToken({ issuer, resource: mcp, ...agent, scope: SCOPES });
  return { port: Number(new URL(mcp).port), revision: "2026-07-28", token };
}

async function listTools(mcp: string, { token = "" }: Target): Promise<readonly string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const response = await fetch(mcp, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        authorization: `Bearer ${token}`,
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/list",
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/list",
        params: {
          ...(cursor === undefined ? {} : { cursor }),
          _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} },
        },
      }),
    });
    const { result } = (await response.json()) as {
      readonly result: { readonly tools: { readonly name: string }[]; readonly nextCursor?: string };
    };
    names.push(...result.tools.map(({ name }) => name));
    cursor = result.nextCursor;
  } while (cursor !== undefined);
  return names;
}

/** A template, an organization made from it, and cursors of later pages. */
async function prepare(target: Target, { environmentId: environment_id }: Seeded): Promise<Things> {
  const run = Date.now().toString(36);
  const { template_id } = await call(target, "create_organization_template", {
    environment_id,
    name: `Scale ${run}`,
    features: ["sso"],
    roles: [{ name: "admin", display_name: "Admin" }],
  });
  const made = await call(target, "create_organization_from_template", { environment_id, template_id, name: `Scale ${run}` });
  const cursors: string[] = [];
  for (let cursor: unknown; cursors.length < CURSORS; cursors.push(String(cursor)))
    cursor = (await call(target, "list_organizations", { environment_id, page_size: 100, ...(cursor === undefined ? {} : { cursor }) }))[
      "next_cursor"
    ];
  return {
    ...size,
    environmentId: environment_id,
    templateId: String(template_id),
    organizationId: String(made["organization_id"]),
    cursors,
  };
}

async function call(target: Target, name: string, args: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
  const { status, body } = await postCall(target, { id: ++id, name, arguments: args }, keepAlive);
  const result = status === 200 ? resultOf(body) : undefined;
  if (result === undefined) throw new Error(`${name} ${JSON.stringify(args)} answered ${status}: ${body.slice(0, 500)}`);
  return result.structuredContent as Readonly<Record<string, unknown>>;
}

async function timesOf(target: Target, look: Look): Promise<readonly number[]> {
  const times: number[] = [];
  for (let nth = -WARM_UP; nth < calls; nth++) {
    const args = look.arguments(nth + WARM_UP);
    const startedAt = performance.now();
    await call(target, look.tool, args);
    if (nth >= 0) times.push(performance.now() - startedAt);
  }
  return times.toSorted((a, b) => a - b);
}

function lineOf({ tool, note }: Look, times: readonly number[]): string {
  const at = (part: number) => (times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN).toFixed(2).padStart(9);
  return `${tool.padEnd(38)}${note.padEnd(26)}${at(0.5)}${at(0.99)}${at(1)}`;
}

/** Calls each tool on a server in this process and has SQLite explain every statement that it ran. */
async function explain({ dataDir, agent }: Seeded, things: Things, tools: readonly string[]): Promise<readonly string[]> {
  const statements = listenToStatements();
  const server = await createServer({ ...controlPlane, config: parseConfig(productEnv({ port: 0, dataDir })) });
  const problems: string[] = [];
  let explained = 0;
  try {
    await server.listen();
    const target = await targetAt({ mcp: server.mcpUrl, issuer: server.url }, { agent } as Seeded);
    const db = new DatabaseSync(path.join(dataDir, "remit.db"), { readOnly: true });
    proveExplain(db);
    for (const look of looks(things)) {
      statements.take();
      await call(target, look.tool, look.arguments(0));
      // What follows the ledger reads it, in a file of its own, while the tools run.
      const ran = statements.take().filter((sql) => /^\s*(select|with)\b/i.test(sql) && !/\bledger_record\b/.test(sql));
      for (const sql of ran) {
        explained++;
        for (const step of explainScans(db, sql)) problems.push(`${look.tool} ${look.note}: ${step}\n    ${sql}`);
      }
    }
    db.close();
  } finally {
    statements.stop();
    await server.close();
  }
  console.log(`\n${explained} statements of ${tools.length} tools' looks were explained.`);
  if (explained === 0) throw new Error("no statement was heard");
  return [...new Set(problems)];
}
