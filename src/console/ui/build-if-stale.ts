/** Before `npm start`: builds the console's pages when they are missing or older than their source. An installed package has them built. */
import { globSync, existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const built = fileURLToPath(new URL("../../../dist/console/ui/index.html", import.meta.url));

function isStale(): boolean {
  if (!existsSync(built)) return true;
  const builtMs = statSync(built).mtimeMs;
  return globSync(`${here}**/*.{ts,tsx,css,html,js,svg}`).some((path) => statSync(path).mtimeMs > builtMs);
}

if (isStale()) {
  process.stderr.write("Building the console's pages, once.\n");
  const { build } = await import("vite");
  await build({ configFile: `${here}vite.config.ts` });
}
