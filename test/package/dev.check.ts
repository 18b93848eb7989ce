import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "../support/remit.ts";

const BIN = fileURLToPath(new URL("../../bin/remit.js", import.meta.url));
const SOURCE = new URL("../../src/index.ts", import.meta.url).href;
const ZOD = import.meta.resolve("zod");

const tool = (name: string) => `defineTool({
  name: "${name}",
  title: "Tool",
  description: "Counts the words of a text that is sent. Use it instead of counting.",
  scopes: ["text:read"],
  effect: "read",
  input: z.object({ text: z.string().describe("What to count in.") }),
  examples: [{ title: "One", input: { text: "a" } }],
  run: ({ text }) => text,
})`;

const surface = (...tools: readonly string[]) => `import { defineScopes, defineTool } from ${JSON.stringify(SOURCE)};
import * as z from ${JSON.stringify(ZOD)};
export const surface = {
  scopes: defineScopes({ "text:read": { description: "Count the words of texts.", access: "read" } }),
  tools: [${tools.map(tool).join()}],
};
`;

test(
  "remit dev starts again when a module is saved, in whatever way, and waits while it does not parse",
  { timeout: 60_000 },
  async (t) => {
    const dir = await mkdtemp(join(tmpdir(), "remit-dev-"));
    const file = join(dir, "surface.ts");
    await writeFile(file, surface("count_words"));
    const { PATH = "", HOME = "" } = process.env;
    const env = { PATH, HOME, PORT: "0", REMIT_DATA: join(dir, "data"), REMIT_LOG_LEVEL: "silent" };
    const child = spawn(process.execPath, [BIN, "dev", file], { cwd: dir, env, stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    t.after(async () => {
      child.kill("SIGKILL");
      await ended;
      await rm(dir, { recursive: true });
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (said += part));
    /** What is said from now on until it matches. */
    const next = async (pattern: RegExp) => {
      const found = await until(() => pattern.exec(said) ?? undefined).catch(() => assert.fail(`${pattern} in ${said}`));
      said = said.slice(found.index + found[0].length);
      return found;
    };
    await next(/client_secret/);
    await next(/1 tools at \S+, console at \S+; ready in \d+ ms/);
    await next(/nothing to mend/);
    const { pid } = child;

    // As editors save that put a new file in the place of the old one.
    await writeFile(`${file}.new`, surface("count_words", "count_lines"));
    await rename(`${file}.new`, file);
    const [, tookMs] = await next(/2 tools at .*; reloaded in (\d+) ms/);
    t.diagnostic(`reloaded in ${tookMs} ms`);
    // The findings of what was saved.
    await next(/warning +(?:overlap|name-near)[\s\S]*count_lines/);

    await writeFile(file, `${surface("count_words")}const x = ;\n`);
    await next(/surface\.ts:\d+\n[\s\S]*const x = ;[\s\S]*Waiting for a change/);
    await writeFile(file, surface("count_words"));
    await next(/1 tools at .*; reloaded in \d+ ms/);
    assert.equal(child.pid, pid);
    child.kill("SIGINT");
    assert.equal(await ended, 0);
  },
);
