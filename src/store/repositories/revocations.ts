import type { Kysely } from "kysely";
import type { RevocationStore } from "../index.ts";
import { prepareQuery, takeFirst, type PreparedQuery } from "../prepared-query.ts";
import type { CoreTables } from "../tables.ts";

export function createRevocationStore(db: Kysely<CoreTables>): RevocationStore {
  const ending = prepareEnding(db);
  return {
    endsFamily: async (family, since) => (await takeFirst(db, ending({ ...family, since }))) !== undefined,
    async add(row) {
      await db.insertInto("revocation").values(row).execute();
    },
    since: (since) => db.selectFrom("revocation").selectAll().where("at", ">=", since).orderBy("at").orderBy("id").execute(),
    async sweep(before) {
      const { numDeletedRows } = await db.deleteFrom("revocation").where("at", "<", before).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

type Family = { readonly familyId: string; readonly grantId: string; readonly since: number };

function prepareEnding(db: Kysely<CoreTables>): PreparedQuery<Family, { readonly id: string }> {
  return prepareQuery((value) =>
    db
      .selectFrom("access_grant as g")
      .leftJoin("client as c", "c.id", "g.client_id")
      .leftJoin("account as a", "a.id", "g.subject")
      .leftJoin("workspace as w", "w.id", "g.workspace_id")
      .select("g.id")
      .where("g.id", "=", value("grantId"))
      .where(({ eb, or, exists, selectFrom }) =>
        or([
          eb("g.revoked_at", "is not", null),
          eb("c.disabled_at", "is not", null),
          eb("a.disabled_at", "is not", null),
          eb("w.stopped_at", "is not", null),
          exists(
            selectFrom("revocation as r")
              .select("r.id")
              .where("r.kind", "=", "family")
              .where("r.value", "=", value("familyId"))
              .where("r.at", ">=", value("since")),
          ),
        ]),
      ),
  );
}
