import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { BootError } from "../../src/errors.ts";
import { defineTables, isUniqueViolation, openStore, type Store, type TablesModule } from "../../src/store/index.ts";
import { ENGINES, type Place } from "./support/engines.ts";
import { addWorkspaces, clientRow, deviceRow, grantRow, keyRow, refreshTokenRow, registeredRow } from "./support/rows.ts";

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
    const placed = defineTables<{ placed: { environment_id: string } }>({
      name: "placed",
      tables: ["placed"],
      migrations: {
        "0001": async (_db, { createTable }) => {
          await createTable("placed").addColumn("workspace_id", "text").addColumn("environment_id", "text").execute();
        },
      },
    });
    const refused: readonly [string, readonly TablesModule[], RegExp][] = [
      ["a table with an environment_id that is not declared", [placed], /"environment_id". Name it in environmentColumns/],
      ["an environment column that does not exist", [{ ...placed, environmentColumns: { placed: "env" } }], /no column "env"/],
      [
        "an environment column of another's table",
        [{ ...placed, environmentColumns: { counter: "n" } }],
        /"counter".*not one of its tables/,
      ],
      ["an environment column whose name is not plain", [{ ...placed, environmentColumns: { placed: 'a"b' } }], /needs a name/],
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
      [
        "an account's second sign-in at the same provider",
        async ({ db }) => {
          const identity = { issuer: "https://idp.example", subject: "s1", account_id: "acc_a", created_at: 1 };
          await db
            .insertInto("identity")
            .values(identity)
            .onConflict((oc) => oc.doNothing())
            .execute();
          await db
            .insertInto("identity")
            .values({ ...identity, account_id: "acc_b" })
            .execute();
        },
        isUniqueViolation,
      ],
      [
        "a session of an unknown state",
        ({ db }) =>
          db
            .insertInto("session")
            .values({ id_hash: "s", account_id: "acc_a", state: "half" as "full", created_at: 1, expires_at: 2 })
            .execute(),
      ],
      ["a client of an unknown kind", ({ clients }) => clients.create(registeredRow({ kind: "odd" as "registered" }))],
      ["an operator's client without a workspace", ({ clients }) => clients.create(clientRow({ workspace_id: null }), grantRow())],
      ["an operator's client without scopes", ({ clients }) => clients.create(clientRow({ scopes: null }), grantRow())],
      ["an operator's client without a grant", ({ clients }) => clients.create(clientRow({ grant_id: null }))],
      ["a registered client in a workspace", ({ clients }) => clients.create(registeredRow({ workspace_id: "wks_a" }))],
      ["a registered client with a standing grant", ({ clients }) => clients.create(registeredRow({ grant_id: "grant_1" }), grantRow())],
      ["a registered client that may introspect", ({ clients }) => clients.create(registeredRow({ may_introspect: 1 }))],
      ["a document client with a secret", ({ clients }) => clients.create(registeredRow({ kind: "document" }))],
      ["a public client with a secret", ({ clients }) => clients.create(registeredRow({ auth_method: "none" }))],
      ["a public client with keys", ({ clients }) => clients.create(registeredRow({ auth_method: "none", secret_hash: null, jwks: "{}" }))],
      ["a grant of an unknown kind", ({ grants }) => grants.create(grantRow({ kind: "odd" as "person" }))],
      ["a narrowed grant without a parent", ({ grants }) => grants.create(grantRow({ kind: "exchange" }))],
      ["a narrowed grant of an unknown parent", ({ grants }) => grants.create(grantRow({ kind: "exchange", parent_id: "x" }))],
      ["a standing grant for a redirect host", ({ grants }) => grants.create(grantRow({ redirect_host: "app.example" }))],
      ["a refresh token of an unknown grant", ({ refreshTokens }) => refreshTokens.create(refreshTokenRow({ grant_id: "x" }))],
      ["a device of an unknown state", ({ devices }) => devices.create(deviceRow({ state: "odd" as "pending" }))],
      ["an approved device without a grant", ({ devices }) => devices.create(deviceRow({ state: "approved", claimed_by: "s" }))],
      ["a denied device that nobody claimed", ({ devices }) => devices.create(deviceRow({ state: "denied" }))],
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

for (const engine of ENGINES) {
  test(`a database of another version stops the start and says so, on ${engine.name}`, async () => {
    const place = await engine.createPlace();
    const store = await openStore(place.options);
    await store.migrate([]);
    await sql`update migration_remit set name = '0001-access' where name = '0001-people'`.execute(store.db);
    await assert.rejects(store.migrate([]), (error) => error instanceof BootError && /another version of this program/.test(error.message));
    await store.close();
    await place.remove();
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
