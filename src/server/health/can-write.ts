import type { HealthDeps } from "./health-check.ts";

const PATIENCE_MS = 3000;

/** Whether a row can be written: one that is always there gets the value that it has. Rejects with what the store says when it cannot. */
export async function writeToStore({ store }: Pick<HealthDeps, "store">): Promise<void> {
  await inTime(
    store.db
      .updateTable("signing_key")
      .set((row) => ({ alg: row.ref("alg") }))
      .execute(),
  );
}

/** Whether the ledger takes records. One whose last write failed is given a record to write, so that a server that gets no calls recovers too. */
export async function canRecord({ ledger, record }: Pick<HealthDeps, "ledger" | "record">): Promise<boolean> {
  if (ledger.isWritable()) return true;
  return inTime(record({ event: "ledger.recovered" })).then(
    () => true,
    () => false,
  );
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
