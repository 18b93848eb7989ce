/**
 * Our own modules, several hundred, are published in a few files: to find and link each one would take half of the time of a start, and memory for as
 * long as the server runs. Nothing is left out, renamed or rewritten. What others wrote stays where npm puts it, with one exception.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { OutputOptions, Plugin, RolldownOptions } from "rolldown";

/** What is started or imported from outside, by its path in `src/`. */
const ENTRIES = ["index", "testing/index", "cli/launch", "cli/main", "store/sqlite/ledger-worker"];
/** Kysely comes along, with its licence: it is 257 files, which cost a start 100 ms more than one does. */
const BROUGHT = "kysely";
const SOURCE = path.resolve("src");
const HERE = "import.meta.url";
const PLACE = /"place:([^"]+)"/g;

/** A module that finds files by its own place finds them from the place that it has in the source, whatever file it ends up in. */
const keepPlaces: Plugin = {
  name: "keep-places",
  transform(code, id) {
    if (!code.includes(HERE)) return null;
    const place = path.relative(SOURCE, id).replaceAll(path.sep, "/").replace(/\.ts$/, ".js");
    return { code: code.replaceAll(HERE, `new URL("place:${place}", ${HERE}).href`), map: null };
  },
  renderChunk: (code, { fileName }) => ({
    code: code.replace(PLACE, (_, place: string) => JSON.stringify(path.posix.relative(path.posix.dirname(fileName), place))),
    map: null,
  }),
};

/** V8 keeps a source with one character beyond Latin-1 as two bytes for each of its characters; and a licence comes along with what it is for. */
const finish: Plugin = {
  name: "finish",
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== "chunk") continue;
      const licence = file.name === BROUGHT ? licenceOf(BROUGHT) : "";
      file.code = `${licence}${file.code}`.replace(/[^\0-\x7f]/g, escaped);
    }
  },
};

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function licenceOf(name: string): string {
  return `/*\n${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8").replaceAll("*/", "* /")}*/\n`;
}

const config: RolldownOptions & { readonly output: OutputOptions } = {
  input: Object.fromEntries(ENTRIES.map((name) => [name, `src/${name}.ts`])),
  platform: "node",
  tsconfig: false,
  transform: { target: "esnext" },
  external: (id) => !/^[./]/.test(id) && id !== BROUGHT && !id.startsWith(`${BROUGHT}/`),
  // What looks unused to a bundler may be a guard.
  treeshake: false,
  plugins: [keepPlaces, finish],
  output: {
    dir: "dist",
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name].js",
    codeSplitting: { groups: [{ name: BROUGHT, test: /[\\/]node_modules[\\/]kysely[\\/]/ }] },
  },
};

export default config;
