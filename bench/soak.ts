/**
 * `npm run soak -- --kills N`: kill -9 under load; soak/kills.ts.
 * `--refresh-kills N` does that to refreshes of tokens instead; soak/refresh-kills.ts.
 * `--faults` takes the disk and the clock away; soak/faults.ts.
 * `--mixed N` makes N calls of every kind and looks for what is left behind; soak/mixed.ts.
 * `--slow` holds hundreds of slow connections open; soak/slow-clients.ts.
 * `--timing` looks at the times of refusals; soak/timing.ts.
 */
import { parseArgs } from "node:util";
import { injectFaults } from "./soak/faults.ts";
import { killUnderLoad } from "./soak/kills.ts";
import { callMixed } from "./soak/mixed.ts";
import { killRefreshes } from "./soak/refresh-kills.ts";
import { slowDown } from "./soak/slow-clients.ts";
import { compareTimes } from "./soak/timing.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string" },
    "refresh-kills": { type: "string" },
    mixed: { type: "string" },
    slow: { type: "boolean", default: false },
    faults: { type: "boolean", default: false },
    timing: { type: "boolean", default: false },
  },
});
const isOk = await run();
process.exit(isOk ? 0 : 1);

function run(): Promise<boolean> {
  if (values.timing) return compareTimes();
  if (values.mixed !== undefined) return callMixed(count("mixed"));
  if (values.slow) return slowDown();
  if (values.faults) return injectFaults();
  if (values["refresh-kills"] !== undefined) return killRefreshes(count("refresh-kills"));
  return killUnderLoad(values.kills === undefined ? 50 : count("kills"));
}

function count(option: "kills" | "refresh-kills" | "mixed"): number {
  const given = Number(values[option]);
  if (!Number.isInteger(given) || given < 1) throw new Error(`--${option} takes a whole number of at least 1`);
  return given;
}
