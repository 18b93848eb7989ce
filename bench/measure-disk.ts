import fs from "node:fs";
import path from "node:path";
import { createHistogram } from "./generator/histogram.ts";

const APPENDS = 300;
const BYTES = 4096;

/** Median milliseconds of appending 4 KiB to a file in `dir` and making it durable: what each group of ledger records waits for. */
export function measureFsyncMs(dir: string): number {
  const file = path.join(dir, "fsync-probe");
  const fd = fs.openSync(file, "w");
  const block = Buffer.alloc(BYTES, 1);
  const histogram = createHistogram();
  try {
    for (let done = 0; done < APPENDS; done++) {
      const startedAt = performance.now();
      fs.writeSync(fd, block);
      fs.fdatasyncSync(fd);
      histogram.add(performance.now() - startedAt);
    }
  } finally {
    fs.closeSync(fd);
    fs.rmSync(file);
  }
  return histogram.percentile(0.5);
}
