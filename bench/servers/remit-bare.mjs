/**
 * The same server without evidence: nothing is put on record, so nothing follows the records either (roll-ups, failures, checkpoints), and no
 * spans are made. What is left is the path of a call: token, decision, limits, arguments, run, answer. Not a mode of the product.
 */
import { registerHooks } from "node:module";

// From the source, where the ledger is a file of its own that another can stand in for.
const REMIT = new URL("../../src/index.ts", import.meta.url).href;
const LEDGER = new URL("../../src/audit/ledger.ts", import.meta.url).href;
const NOTHING = `
  export async function openLedger() {
    return { append: () => Promise.resolve(), isWritable: () => true, openIntents: () => Promise.resolve([]), follow: () => undefined, close: () => Promise.resolve() };
  }`;

registerHooks({
  load: (url, context, next) => (url === LEDGER ? { format: "module", source: NOTHING, shortCircuit: true } : next(url, context)),
});
process.env.REMIT_TRACING = "off";
process.env.BENCH_REMIT = REMIT;
await import("./remit.mjs");
