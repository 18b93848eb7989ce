import assert from "node:assert/strict";
import { factOf, type Ledger } from "../../../src/audit/index.ts";
import { leafHash } from "../../../src/audit/tree/index.ts";

/**
 * Compares, for each record of a ledger, what its followers are told with what they would read out of it. The function that comes back fails on the
 * first difference.
 */
export function watchFacts(ledger: Pick<Ledger, "follow">): () => void {
  const differences: unknown[] = [];
  ledger.follow((rows) => {
    for (const { kind, body, fact, leaf } of rows) {
      try {
        assert.deepEqual(Buffer.from(leaf ?? []), Buffer.from(leafHash(body)));
        if (fact !== undefined || kind === "call") assert.deepEqual(fact, factOf({ body }), body);
      } catch (error) {
        differences.push(error);
      }
    }
  });
  return () => {
    if (differences.length > 0) throw differences[0];
  };
}
