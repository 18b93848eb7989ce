import { EXIT, ExitError } from "../exit.ts";
import { nodeOf, type Manifest } from "./manifest.ts";

/** Verifies the chain of each ledger in a folder. Throws ExitError when one is broken. */
export async function verifyLedgers(dataDir: string, files: readonly string[]): Promise<Manifest["ledgers"]> {
  const { openAudit } = await import("../../audit/index.ts");
  const ledgers = [];
  for (const name of files.filter((file) => file.startsWith("ledger"))) {
    const audit = await openAudit({ dataDir, nodeId: nodeOf(name) });
    try {
      const result = await audit.verify();
      if (!result.ok) throw new ExitError(EXIT.failed, `The chain of ${name} is broken: ${result.why}.`);
      ledgers.push({ name, records: result.records, root: result.root ?? "" });
    } finally {
      await audit.close();
    }
  }
  return ledgers;
}
