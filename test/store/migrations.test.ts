import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { BootError } from "../../src/errors.ts";
import { defineTables, isUniqueViolation, openStore, type Store, type TablesModule } from "../../src/store/index.ts";
import { ENGINES, type Place } from "./support/engines.ts";
import { addWorkspaces, clientRow, grantRow, keyRow } from "./support/rows.ts";

const createCounter: TablesModule["migrations"][string] = async (db, { bigint, bytes, createTable }) => {
  await createTable("counter")
    .addColumn("workspace_id", "text", (c) => c.notNull())
    .addColumn("n", bigint)
    .addColumn("b", bytes)
    .execute();
  await sql`insert into counter (workspace_id, n) values ('wks_a', 9007199254740991)`.execute(db);
};
const COUNTER = defineTables({ name: "my-counter", tables: ["counter"], migrations: { "0001": createCounter } });

for (const engine of ENGINES) {
  describe(`migrations on ${engine.name}`, () => {
    let place: Place;
    let store: Store;
    before(async () => {
      place = await engine.createPlace();
      store = await openStore(place.options);
      await store.migrate([COUNTER]);
      await addWorkspaces(store.db);
    });
    after(async () => {
      await store.close();
      await place.remove();
    });

    const counters = async (): Promise<unknown> => (await sql`select * from counter`.execute(store.db)).rows;

    test("each migration runs once, and large whole numbers come back as numbers", async () => {
      await store.migrate([COUNTER]);
      await store.migrate([]);
      assert.deepEqual(await counters(), [{ workspace_id: "wks_a", n: 9007199254740991, b: null }]);
      const { rows } = await sql`select count(*) as n from workspace`.execute(store.db);
      assert.deepEqual(rows, [{ n: 2 }]);
    });

    test("a newer migration of a module runs after the older ones", async () => {
      const newer = {
        ...COUNTER,
        migrations: {
          ...COUNTER.migrations,
          "0002": async (db: Parameters<typeof createCounter>[0]) => {
            await sql`update counter set n = 2`.execute(db);
          },
        },
      };
      await store.migrate([newer]);
      assert.deepEqual(await counters(), [{ workspace_id: "wks_a", n: 2, b: null }]);
      await assert.rejects(store.migrate([COUNTER]), (error) => error instanceof BootError && /another version/.test(error.message));
    });

    test("a migration that fails leaves nothing behind", async () => {
      const broken = defineTables({
        name: "broken",
        tables: ["half"],
        migrations: {
          "0001": async (_db, { createTable }) => {
            await createTable("half").addColumn("workspace_id", "text").execute();
            throw new Error("in the middle");
          },
        },
      });
      await assert.rejects(store.migrate([broken]), /in the middle/);
      await assert.rejects(sql`select * from half`.execute(store.db), /half/);
    });

    const noColumn = defineTables({
      name: "loose",
      tables: ["loose"],
      migrations: {
        "0001": async (_db, { createTable }) => {
          await createTable("loose").addColumn("id", "text").execute();
        },
      },
    });
    const refused: readonly [string, readonly TablesModule[], RegExp][] = [
      ["a table without workspace_id", [noColumn], /workspace_id/],
      ["a table of Remit's own", [{ ...COUNTER, name: "x", tables: ["client"] }], /"client".*already declared/],
      ["two modules of one name", [COUNTER, COUNTER], /Two tables modules/],
      ["Remit's own name", [{ ...COUNTER, name: "remit" }], /Two tables modules/],
      ["a name that is not plain", [{ ...COUNTER, name: "My Tables" }], /needs a name/],
      ["a table whose name is not plain", [{ ...COUNTER, name: "x", tables: ['a"b'] }], /needs a name/],
    ];
    for (const [what, modules, message] of refused) {
      test(`${what} stops the start`, async () => {
        await assert.rejects(store.migrate(modules), (error) => error instanceof BootError && message.test(error.message));
      });
    }

    type Add = (store: Store) => Promise<unknown>;
    const constraints: readonly [string, Add, ((error: unknown) => boolean)?][] = [
      [
        "a second environment of the same slug",
        ({ db }) =>
          db
            .insertInto("environment")
            .values({ id: "e2", workspace_id: "wks_a", name: "x", slug: "live", kind: "production", created_at: 1, version: 1 })
            .execute(),
        isUniqueViolation,
      ],
      [
        "a slug in capitals",
        ({ db }) =>
          db
            .insertInto("environment")
            .values({ id: "e3", workspace_id: "wks_a", name: "x", slug: "Live", kind: "production", created_at: 1, version: 1 })
            .execute(),
      ],
      [
        "an environment of an unknown kind",
        ({ db }) =>
          db
            .insertInto("environment")
            .values({ id: "e4", workspace_id: "wks_a", name: "x", slug: "x", kind: "other" as "production", created_at: 1, version: 1 })
            .execute(),
      ],
      [
        "an environment of no workspace",
        ({ db }) =>
          db
            .insertInto("environment")
            .values({ id: "e5", workspace_id: "wks_x", name: "x", slug: "x", kind: "production", created_at: 1, version: 1 })
            .execute(),
      ],
      [
        "an email in capitals",
        ({ db }) => db.insertInto("account").values({ id: "c2", email: "A@example.com", name: "x", created_at: 1 }).execute(),
      ],
      [
        "a second account of the same email",
        ({ db }) => db.insertInto("account").values({ id: "c3", email: "a@example.com", name: "x", created_at: 1 }).execute(),
        isUniqueViolation,
      ],
      [
        "a second membership of the same person",
        ({ db }) =>
          db.insertInto("member").values({ id: "m2", workspace_id: "wks_a", account_id: "acc_a", role: "viewer", created_at: 1 }).execute(),
        isUniqueViolation,
      ],
      [
        "an unknown role",
        ({ db }) =>
          db
            .insertInto("member")
            .values({ id: "m3", workspace_id: "wks_b", account_id: "acc_a", role: "god" as "owner", created_at: 1 })
            .execute(),
      ],
      ["a client with a secret and keys", ({ clients }) => clients.create(clientRow({ jwks: "{}" }), grantRow())],
      ["a client without a credential", ({ clients }) => clients.create(clientRow({ secret_hash: null }), grantRow())],
      ["a signing key of an unknown state", ({ signingKeys }) => signingKeys.replace([], [keyRow("k1", { state: "odd" as "active" })])],
      ["a revocation of an unknown kind", ({ revocations }) => revocations.add({ id: "r1", kind: "odd" as "token", value: "x", at: 1 })],
    ];
    for (const [what, add, isExpected] of constraints) {
      test(`the database refuses ${what}`, async () => {
        await assert.rejects(add(store), (error) => (isExpected === undefined ? !isUniqueViolation(error) : isExpected(error)));
      });
    }
  });
}

test("on PostgreSQL, processes that start together migrate once", async () => {
  const [, postgres] = ENGINES;
  assert.ok(postgres);
  const place = await postgres.createPlace();
  const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(place.options)));
  await Promise.all(stores.map((store) => store.migrate([COUNTER])));
  const { rows } = await sql`select count(*) as n from counter`.execute(stores[0]?.db ?? assert.fail());
  assert.deepEqual(rows, [{ n: 1 }]);
  await Promise.all(stores.map((store) => store.close()));
  await place.remove();
});
