import type { Kysely } from "kysely";
import type { Engine } from "../engine.ts";
import type { SessionStore } from "../index.ts";
import { prepareQuery, takeFirst } from "../prepared-query.ts";
import type { CoreTables, McpEventRow, McpSessionRow } from "../tables.ts";

/** Rows that one replay reads; a stream is bounded to about as many. */
const MAX_EVENTS = 10_000;

export function createSessionStore(db: Kysely<CoreTables>, engine: Pick<Engine, "writeAll">): SessionStore {
  const { findQuery, eventQuery } = prepareQueries(db);
  return {
    async create(row, maxOfPrincipal) {
      await db.insertInto("mcp_session").values(row).execute();
      const old = await db
        .selectFrom("mcp_session")
        .select("id_hash")
        .where("workspace_id", "=", row.workspace_id)
        .where("client_id", "=", row.client_id)
        .where("subject", "=", row.subject)
        .orderBy("used_at", "desc")
        .orderBy("created_at", "desc")
        .offset(maxOfPrincipal)
        .limit(100)
        .execute();
      const hashes = old.map(({ id_hash }) => id_hash).filter((hash) => hash !== row.id_hash);
      if (hashes.length > 0) await db.deleteFrom("mcp_session").where("id_hash", "in", hashes).execute();
      return hashes;
    },
    find: (idHash) => takeFirst(db, findQuery({ idHash })),
    async update(idHash, change) {
      await db.updateTable("mcp_session").set(change).where("id_hash", "=", idHash).execute();
    },
    async delete(idHash) {
      await db.deleteFrom("mcp_session").where("id_hash", "=", idHash).execute();
    },
    async appendEvent(row) {
      // Events of many sessions wait for the disk together.
      await engine.writeAll([eventQuery({ ...row })]);
    },
    readEvents: (sessionHash, stream, after) =>
      db
        .selectFrom("mcp_event")
        .selectAll()
        .where("session_hash", "=", sessionHash)
        .where("stream", "=", stream)
        .where("seq", ">", after)
        .orderBy("seq")
        .limit(MAX_EVENTS)
        .execute(),
    async lastEvent(sessionHash, stream) {
      const row = await db
        .selectFrom("mcp_event")
        .select("seq")
        .where("session_hash", "=", sessionHash)
        .where("stream", "=", stream)
        .orderBy("seq", "desc")
        .limit(1)
        .executeTakeFirst();
      return row?.seq;
    },
    async sweep({ unusedSince, eventsBefore }) {
      await db.deleteFrom("mcp_event").where("at", "<", eventsBefore).execute();
      await db.deleteFrom("mcp_session").where("used_at", "<", unusedSince).execute();
    },
  };
}

/** What every message of a session needs is compiled once. */
function prepareQueries(db: Kysely<CoreTables>) {
  const findQuery = prepareQuery<{ readonly idHash: string }, McpSessionRow>((value) =>
    db.selectFrom("mcp_session").selectAll().where("id_hash", "=", value("idHash")),
  );
  const eventQuery = prepareQuery<Readonly<Record<keyof McpEventRow, unknown>>, unknown>((value) =>
    db.insertInto("mcp_event").values({
      session_hash: value("session_hash"),
      stream: value("stream"),
      seq: value("seq"),
      sealed: value("sealed"),
      at: value("at"),
    }),
  );
  return { findQuery, eventQuery };
}
