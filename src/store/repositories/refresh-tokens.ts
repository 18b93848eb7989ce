import type { CompiledQuery, Kysely } from "kysely";
import type { Engine } from "../engine.ts";
import type { RefreshTokenStore } from "../index.ts";
import { prepareQuery, takeFirst } from "../prepared-query.ts";
import type { CoreTables, RefreshTokenRow } from "../tables.ts";

export function createRefreshTokenStore(db: Kysely<CoreTables>, engine: Pick<Engine, "writeAll">): RefreshTokenStore {
  const queries = prepareQueries(db);
  return {
    async create(row) {
      await db.insertInto("refresh_token").values(row).execute();
    },
    find: (idHash) => takeFirst(db, queries.find({ idHash })),
    rotate: (idHash, used, next) => engine.writeAll([queries.use({ idHash, ...used }), queries.insert({ ...next })]),
    unrotate: (idHash, nextIdHash) => engine.writeAll([queries.drop({ idHash: nextIdHash }), queries.unuse({ idHash })]),
    endFamily: (familyId) => endAll(() => db.deleteFrom("refresh_token").where("family_id", "=", familyId).executeTakeFirst()),
    endGrant: (grantId) => endAll(() => db.deleteFrom("refresh_token").where("grant_id", "=", grantId).executeTakeFirst()),
    endParty: (column, id) => endAll(() => endParty(db, column, id)),
    async sweep(now) {
      // A used token is kept as long as its family may live: its reuse must be noticed.
      const { numDeletedRows } = await db
        .deleteFrom("refresh_token")
        .where((eb) => eb.or([eb("family_expires_at", "<", now), eb.and([eb("used_at", "is", null), eb("expires_at", "<", now)])]))
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function prepareQueries(db: Kysely<CoreTables>) {
  type ById = { readonly idHash: string };
  return {
    find: prepareQuery<ById, RefreshTokenRow>((value) => db.selectFrom("refresh_token").selectAll().where("id_hash", "=", value("idHash"))),
    use: prepareQuery<ById & { readonly at: number; readonly successor: string }, unknown>((value) =>
      db
        .updateTable("refresh_token")
        .set({ used_at: value("at"), successor: value("successor") })
        .where("id_hash", "=", value("idHash"))
        .where("used_at", "is", null),
    ),
    insert: prepareInsert(db),
    drop: prepareQuery<ById, unknown>((value) =>
      db.deleteFrom("refresh_token").where("id_hash", "=", value("idHash")).where("used_at", "is", null),
    ),
    unuse: prepareQuery<ById, unknown>((value) =>
      db.updateTable("refresh_token").set({ used_at: null, successor: null }).where("id_hash", "=", value("idHash")),
    ),
  };
}

function prepareInsert(db: Kysely<CoreTables>): (row: Readonly<Record<keyof RefreshTokenRow, unknown>>) => CompiledQuery {
  return prepareQuery<Readonly<Record<keyof RefreshTokenRow, unknown>>, unknown>((value) =>
    db.insertInto("refresh_token").values({
      id_hash: value("id_hash"),
      family_id: value("family_id"),
      grant_id: value("grant_id"),
      client_id: value("client_id"),
      scopes: value("scopes"),
      jkt: value("jkt"),
      created_at: value("created_at"),
      expires_at: value("expires_at"),
      family_expires_at: value("family_expires_at"),
      used_at: value("used_at"),
      successor: value("successor"),
    }),
  );
}

/** By their grants, for which there are indexes. */
function endParty(db: Kysely<CoreTables>, column: "client_id" | "subject", id: string) {
  return db
    .deleteFrom("refresh_token")
    .where("grant_id", "in", (eb) => eb.selectFrom("access_grant").select("id").where(column, "=", id))
    .executeTakeFirst();
}

/**
 * A rotation at the same time holds the row of the token it uses, and inserts another that a delete begun before cannot see.
 * The delete waits for that row; the next one sees the other. Over when there is nothing left to delete.
 */
async function endAll(remove: () => Promise<{ readonly numDeletedRows: bigint }>): Promise<void> {
  while ((await remove()).numDeletedRows > 0n);
}
