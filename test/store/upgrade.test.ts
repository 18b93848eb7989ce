import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Kysely, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { CORE } from "../../src/store/migrations/index.ts";
import { openStore, type CoreTables, type GrantRow, type MigrationContext, type Store } from "../../src/store/index.ts";
import { ENGINES, type Place, type TestEngine } from "./support/engines.ts";
import { addWorkspaces, clientRow, grantRow, keyRow, ledgerRows } from "./support/rows.ts";

const NAMES = Object.keys(CORE.migrations);
/** Schemas as earlier versions left them, each by its newest migration: the one before today's, and one of long ago. */
const EARLIER = [NAMES.at(-2) ?? "", "0013-client-creator"];

const contexts: Readonly<Record<string, (db: Kysely<unknown>) => MigrationContext>> = {
  SQLite: (db) => ({
    bigint: "integer",
    bytes: "blob",
    bytewise: "text",
    createTable: (name) => db.schema.createTable(name).modifyEnd(sql`strict`),
  }),
  PostgreSQL: (db) => ({
    bigint: "bigint",
    bytes: "bytea",
    bytewise: sql`text collate "C"`,
    createTable: (name) => db.schema.createTable(name),
  }),
};

/** Makes the schema as it was when `newest` was the newest migration. */
async function makeSchema(db: Kysely<CoreTables>, { name }: TestEngine, newest: string): Promise<void> {
  const migrations = Object.fromEntries(
    Object.entries(CORE.migrations).map(([step, run]) => [
      step,
      {
        async up(trx: Kysely<unknown>) {
          const context = contexts[name]?.(trx);
          assert.ok(context);
          await run(trx, context);
        },
      },
    ]),
  );
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: "migration_remit",
    migrationLockTableName: "migration_lock",
  }).migrateTo(newest);
  assert.equal(error, undefined);
}

/** Tables and their columns, in the same form from both engines. */
async function schemaOf({ db }: Store): Promise<readonly string[]> {
  const tables = await db.introspection.getTables();
  return tables
    .filter(({ name }) => !name.startsWith("ledger") && !name.startsWith("sqlite"))
    .flatMap((table) => table.columns.map((column) => `${table.name}.${column.name} ${column.dataType} ${column.isNullable}`))
    .sort();
}

/** A grant as it was before the tools were kept under which it was given. */
function withoutSurface(): GrantRow {
  const { surface: _later, ...row } = grantRow();
  return row;
}

async function withStore<T>(place: Place, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(place.options);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

for (const engine of ENGINES) {
  describe(`upgrade on ${engine.name}`, () => {
    for (const newest of EARLIER) {
      test(`a store left at ${newest} becomes one of today, with its clients, grants, keys and ledger as they were`, async () => {
        const [place, fresh] = [await engine.createPlace(), await engine.createPlace()];
        try {
          await withStore(place, async (store) => {
            await makeSchema(store.db, engine, newest);
            await addWorkspaces(store.db);
            await store.clients.create(clientRow(), withoutSurface());
            await store.signingKeys.replace([], [keyRow("k1")]);
            const ledger = await store.openLedger();
            await ledger.append(ledgerRows(0, 3));
          });
          const today = await withStore(fresh, async (store) => {
            await store.migrate([]);
            return schemaOf(store);
          });
          await withStore(place, async (store) => {
            const before = await sql`select name from migration_remit`.execute(store.db);
            assert.ok(before.rows.length < NAMES.length, "the earlier schema is today's");
            await store.migrate([]);
            assert.deepEqual(await schemaOf(store), today);
            assert.deepEqual(await store.clients.find("client_1"), clientRow());
            assert.deepEqual(await store.grants.find("grant_1"), grantRow());
            assert.deepEqual(await store.signingKeys.list(), [keyRow("k1")]);
            const ledger = await store.openLedger();
            assert.equal((await ledger.head())?.seq, 3);
            await ledger.append(ledgerRows(3, 1));
            assert.deepEqual(
              (await ledger.read(0, 10)).map(({ seq }) => seq),
              [1, 2, 3, 4],
            );
          });
        } finally {
          await place.remove();
          await fresh.remove();
        }
      });
    }
  });
}
