import * as z from "zod";
import { startNode } from "../child.ts";
import { CLI, productEnv, type ProductOptions } from "../product.ts";

type Site = Pick<ProductOptions, "port" | "dataDir">;

const verification = z.object({ ok: z.boolean(), records: z.number() });
const record = z.object({ kind: z.string(), outcome: z.string().optional(), trace: z.string().optional() });

/** The acknowledged calls that have no record of how they ended. An intent is not enough, nor an outcome that is not known. */
export async function findLost(
  site: Site,
  acknowledged: ReadonlySet<string>,
): Promise<{ readonly lost: readonly string[]; readonly records: number }> {
  const missing = new Set(acknowledged);
  let records = 0;
  const onLine = (line: string) => {
    records++;
    const { kind, outcome, trace } = record.parse(JSON.parse(line));
    if (trace !== undefined && kind !== "intent" && outcome === "ok") missing.delete(trace);
  };
  const tail = startNode([CLI, "audit", "tail", "--all", "--json"], { env: productEnv(site), onLine });
  if ((await tail.ended) !== 0) throw new Error("audit tail failed");
  return { lost: [...missing], records };
}

/** Whether every record follows from the one before it, over as many records as were read. */
export async function isChainWhole(site: Site, records?: number): Promise<boolean> {
  const verify = startNode([CLI, "audit", "verify", "--json"], { env: productEnv(site) });
  const result = verification.parse(await verify.firstJson);
  return (await verify.ended) === 0 && result.ok && result.records === (records ?? result.records);
}
