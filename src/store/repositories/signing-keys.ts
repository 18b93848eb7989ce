import type { Kysely } from "kysely";
import type { Engine } from "../engine.ts";
import type { SigningKeyStore } from "../index.ts";
import type { CoreTables, SigningKeyRow } from "../tables.ts";

export function createSigningKeyStore(db: Kysely<CoreTables>, engine: Pick<Engine, "holdName">): SigningKeyStore {
  const list = (from: Kysely<CoreTables>): Promise<SigningKeyRow[]> =>
    from.selectFrom("signing_key").selectAll().orderBy("created_at").orderBy("kid").execute();
  return {
    list: () => list(db),
    replace: (expected, next) =>
      db.transaction().execute(async (trx) => {
        // Two processes may rotate at once: the second must see what the first wrote.
        await engine.holdName(trx, "signing_key");
        if (!isSame(await list(trx), expected)) return false;
        await trx.deleteFrom("signing_key").execute();
        if (next.length > 0)
          await trx
            .insertInto("signing_key")
            .values([...next])
            .execute();
        return true;
      }),
  };
}

function isSame(present: readonly SigningKeyRow[], expected: readonly SigningKeyRow[]): boolean {
  const states = new Map(present.map((key) => [key.kid, key.state]));
  return present.length === expected.length && expected.every((key) => states.get(key.kid) === key.state);
}
