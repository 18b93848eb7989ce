import { globSync, statSync } from "node:fs";
import { describe } from "node:test";

/** So many processes run all test files, each file as a suite: starting a process and warming it up takes longer than most files do. */
const SHARDS = 12;

/** Runs the files of one shard, the shards being about equal in size. */
export function runShard(shard: number): void {
  const files = globSync("test/**/*.test.ts")
    .map((file) => ({ file: file.replaceAll("\\", "/"), bytes: statSync(file).size }))
    .toSorted((a, b) => b.bytes - a.bytes || a.file.localeCompare(b.file));
  for (const [i, { file }] of files.entries()) {
    if (i % SHARDS !== shard) continue;
    describe(file, async () => {
      await import(new URL(`../../${file}`, import.meta.url).href);
    });
  }
}
