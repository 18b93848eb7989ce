/**
 * `npm run bench:lint [FILE …]`: how long the rules take over the tools that Remit ships with, over an invented catalogue of 120 tools, and over
 * recorded answers of tools/list. Each is compared with the half second that an editor or a commit hook would wait for it.
 */
import { readFileSync } from "node:fs";
import { controlPlane } from "../../src/control-plane/index.ts";
import { catalogueOfSurface, lintTools, parseToolList, type Catalogue } from "../../src/lint/index.ts";
import { median } from "../median.ts";

const LIMIT_MS = 500;
const RUNS = 9;

const recorded = process.argv.slice(2).map((file): [string, Catalogue] => [file, parsed(JSON.parse(readFileSync(file, "utf8")))]);
const catalogues: readonly [string, Catalogue][] = [
  ["control plane", catalogueOfSurface(controlPlane)],
  ["invented", parsed({ tools: inventTools() })],
  ...recorded,
];
for (const [name, catalogue] of catalogues) {
  const [first = 0, ...later] = Array.from({ length: RUNS }, () => timeMs(catalogue));
  const { tools, counts } = lintTools(catalogue);
  console.log(
    `${name}: ${tools} tools, ${counts.error} errors, ${counts.warning} warnings, ${counts.info} for information; first ${first.toFixed(0)} ms, then ${median(later).toFixed(0)} ms; ratio to ${LIMIT_MS} ms: ${(first / LIMIT_MS).toFixed(2)}`,
  );
}

function timeMs(catalogue: Catalogue): number {
  const startedAt = performance.now();
  lintTools(catalogue);
  return performance.now() - startedAt;
}

function parsed(value: unknown): Catalogue {
  const catalogue = parseToolList(value);
  if (typeof catalogue === "string") throw new Error(`No list of tools: ${catalogue}.`);
  return catalogue;
}

/** What a product with a dozen kinds of things would offer, some of it carelessly. */
function inventTools() {
  const things = "invoice payment customer project ticket comment label board sprint release member webhook".split(" ");
  const acts = "get list search create update delete archive restore export import".split(" ");
  return things.flatMap((thing, row) =>
    acts.map((act, column) => ({
      name: `${act}_${thing}${act === "list" || act === "search" ? "s" : ""}`,
      description: `${act[0]?.toUpperCase()}${act.slice(1)}s ${thing}s of an account${(row + column) % 3 === 0 ? ", with everything that belongs to them, the newest first." : "."}`,
      inputSchema: {
        type: "object",
        properties: {
          [`${thing}_id`]: { type: "string" },
          status: { type: "string", description: "One of open, closed or draft." },
          since: { type: "string", description: "A date." },
          fields: { type: "array", items: { type: "string" } },
          options: { type: "object", properties: { dry_run: { type: "boolean" }, reason: { type: "string", description: "Why." } } },
        },
        required: [`${thing}_id`],
      },
      ...(column % 2 === 0 ? { annotations: { readOnlyHint: act === "get" || act === "list" } } : {}),
    })),
  );
}
