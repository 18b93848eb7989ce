/** Before `npm start`: builds the program and the console's pages when they are missing or older than their source. An installed package has them. */
import { globSync, statSync } from "node:fs";

/** What is built, from what, and how. */
const PARTS = [
  {
    name: "the program",
    built: "dist/cli/launch.js",
    sources: ["src", "build", "package-lock.json"],
    async build() {
      const { rolldown } = await import("rolldown");
      const { default: config } = await import("./rolldown.config.ts");
      const { output, ...input } = config;
      await (await rolldown(input)).write(output);
    },
  },
  {
    name: "the console's pages",
    built: "dist/console/ui/index.html",
    sources: ["src/console/ui", "package-lock.json"],
    async build() {
      const { build } = await import("vite");
      await build({ configFile: "src/console/ui/vite.config.ts" });
    },
  },
];

/** Epoch milliseconds of the newest change below a path, 0 when there is nothing. A folder changes when a file of it comes or goes. */
function changedAt(path: string): number {
  return Math.max(0, ...[path, ...globSync(`${path}/**/*`)].map((each) => statSync(each, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

for (const { name, built, sources, build } of PARTS) {
  if (Math.max(...sources.map(changedAt)) <= changedAt(built)) continue;
  process.stderr.write(`Building ${name}, once.\n`);
  await build();
}
