/** Loaded before the product (`--import`): its clock jumps by as many milliseconds as the file says that the environment names, looked at on SIGUSR2. */
import fs from "node:fs";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const now = Date.now;
  let jumpMs = 0;
  Date.now = () => now() + jumpMs;
  process.on("SIGUSR2", () => {
    jumpMs = Number(fs.readFileSync(process.env["SOAK_CLOCK_FILE"], "utf8"));
  });
}
