import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { isUniqueViolation, openStore, type Store } from "../../src/store/index.ts";
import { ENGINES, type Place } from "./support/engines.ts";
import { addWorkspaces, clientRow, grantRow, keyRow, payloadRow } from "./support/rows.ts";

const PARALLEL = 50;

for (const engine of ENGINES) {
  describe(`repositories on ${engine.name}`, () => {
    let place: Place;
    let store: Store;

    before(async () => {
      place = await engine.createPlace();
      store = await openStore(place.options);
      await store.migrate([]);
      await addWorkspaces(store.db);
    });
    after(async () => {
      await store.close();
      await place.remove();
    });
    beforeEach(async () => {
      for (const table of ["client", "access_grant", "signing_key", "oidc_payload", "revocation"] as const) {
        await store.db.deleteFrom(table).execute();
      }
    });

    test("a client is stored together with its standing grant and read back as it was", async () => {
      await store.clients.create(clientRow(), grantRow());
      assert.deepEqual(await store.clients.find("client_1"), clientRow());
      assert.deepEqual(await store.grants.find("grant_1"), grantRow());
      assert.deepEqual(await store.clients.list(), [clientRow()]);
      assert.equal(await store.clients.find("client_2"), undefined);
    });

    test("a client that cannot be stored leaves no grant behind", async () => {
      await store.clients.create(clientRow(), grantRow());
      const again = store.clients.create(clientRow({ grant_id: "grant_2" }), grantRow({ id: "grant_2" }));
      await assert.rejects(again, isUniqueViolation);
      assert.equal(await store.grants.find("grant_2"), undefined);
    });

    test("a client is disabled once, at the time first given", async () => {
      await store.clients.create(clientRow(), grantRow());
      assert.equal(await store.clients.disable("client_1", 7), true);
      assert.equal(await store.clients.disable("client_1", 8), false);
      assert.equal(await store.clients.disable("client_2", 7), false);
      assert.equal((await store.clients.find("client_1"))?.disabled_at, 7);
    });

    test("signing keys are replaced only by who saw their present state", async () => {
      const pending = keyRow("k1");
      const active = keyRow("k1", { state: "active" });
      assert.equal(await store.signingKeys.replace([], [pending]), true);
      assert.equal(await store.signingKeys.replace([], [keyRow("k2")]), false, "someone made k1 meanwhile");
      assert.equal(await store.signingKeys.replace([active], []), false, "k1 is not active");
      assert.equal(await store.signingKeys.replace([pending], [active, keyRow("k2")]), true);
      assert.deepEqual(await store.signingKeys.list(), [active, keyRow("k2")]);
    });

    test("of parallel key rotations exactly one succeeds", async () => {
      const attempts = Array.from({ length: 10 }, (_, i) => store.signingKeys.replace([], [keyRow(`k${i}`, { state: "active" })]));
      assert.equal((await Promise.all(attempts)).filter(Boolean).length, 1);
      assert.equal((await store.signingKeys.list()).length, 1);
    });

    test("two keys of one algorithm are never active together", async () => {
      const both = [keyRow("k1", { state: "active" }), keyRow("k2", { state: "active" })];
      await assert.rejects(store.signingKeys.replace([], both), isUniqueViolation);
      assert.deepEqual(await store.signingKeys.list(), []);
    });

    test("a payload is found by its id, its uid and its user code, each within its model", async () => {
      const row = payloadRow({ uid: "u1", user_code: "c1", grant_id: "g1" });
      await store.oidcPayloads.upsert(row);
      assert.deepEqual(await store.oidcPayloads.find("Code", "h1"), row);
      assert.deepEqual(await store.oidcPayloads.findByUid("Code", "u1"), row);
      assert.deepEqual(await store.oidcPayloads.findByUserCode("Code", "c1"), row);
      assert.equal(await store.oidcPayloads.find("Session", "h1"), undefined);
      assert.equal(await store.oidcPayloads.findByUid("Session", "u1"), undefined);
      assert.equal(await store.oidcPayloads.findByUserCode("Session", "c1"), undefined);
    });

    test("T21: of 50 parallel uses of a code exactly one succeeds", async () => {
      await store.oidcPayloads.upsert(payloadRow());
      const uses = await Promise.all(Array.from({ length: PARALLEL }, (_, i) => store.oidcPayloads.consume("Code", "h1", i + 1)));
      assert.equal(uses.filter(Boolean).length, 1);
      assert.equal((await store.oidcPayloads.find("Code", "h1"))?.consumed_at, uses.indexOf(true) + 1);
      assert.equal(await store.oidcPayloads.consume("Code", "absent", 1), false);
    });

    test("T21: a used payload stays used when it is written again", async () => {
      await store.oidcPayloads.upsert(payloadRow());
      await store.oidcPayloads.consume("Code", "h1", 5);
      await store.oidcPayloads.upsert(payloadRow({ payload: "[1]" }));
      assert.deepEqual(await store.oidcPayloads.find("Code", "h1"), payloadRow({ payload: "[1]", consumed_at: 5 }));
      assert.equal(await store.oidcPayloads.consume("Code", "h1", 6), false);
    });

    test("T16: of 50 parallel first sights of an id exactly one is the first", async () => {
      const sights = Array.from({ length: PARALLEL }, (_, i) => store.oidcPayloads.insertIfAbsent(payloadRow({ payload: String(i) }), 10));
      const first = (await Promise.all(sights)).map((isFirst, i) => (isFirst ? i : -1)).filter((i) => i >= 0);
      assert.equal(first.length, 1);
      assert.equal((await store.oidcPayloads.find("Code", "h1"))?.payload, String(first[0]));
    });

    test("an expired row does not stand in the way of a new one, a row without an end does", async () => {
      await store.oidcPayloads.insertIfAbsent(payloadRow({ expires_at: 10, consumed_at: 3 }), 1);
      assert.equal(await store.oidcPayloads.insertIfAbsent(payloadRow({ expires_at: 99 }), 9), false);
      assert.equal(await store.oidcPayloads.insertIfAbsent(payloadRow({ expires_at: 99 }), 10), true);
      assert.deepEqual(await store.oidcPayloads.find("Code", "h1"), payloadRow({ expires_at: 99 }));
      await store.oidcPayloads.insertIfAbsent(payloadRow({ id_hash: "h2", expires_at: null }), 1);
      assert.equal(await store.oidcPayloads.insertIfAbsent(payloadRow({ id_hash: "h2" }), 1e15), false);
    });

    test("payloads end by id, by grant and by time", async () => {
      for (const [id_hash, grant_id, expires_at] of [
        ["h1", "g1", 10],
        ["h2", "g1", 20],
        ["h3", "g2", 10],
        ["h4", "g2", null],
      ] as const) {
        await store.oidcPayloads.upsert(payloadRow({ id_hash, grant_id, expires_at }));
      }
      const left = async (): Promise<string[]> =>
        (await store.db.selectFrom("oidc_payload").select("id_hash").orderBy("id_hash").execute()).map((row) => row.id_hash);
      await store.oidcPayloads.destroy("Session", "h1");
      assert.deepEqual(await left(), ["h1", "h2", "h3", "h4"]);
      await store.oidcPayloads.destroy("Code", "h1");
      assert.deepEqual(await left(), ["h2", "h3", "h4"]);
      assert.equal(await store.oidcPayloads.sweep(10), 0);
      assert.equal(await store.oidcPayloads.sweep(11), 1);
      await store.oidcPayloads.destroyByGrant("g1");
      assert.deepEqual(await left(), ["h4"]);
    });

    test("revocations are read from a time on, and end", async () => {
      for (const at of [30, 10, 20]) await store.revocations.add({ id: `r${at}`, kind: "grant", value: "g1", at });
      assert.deepEqual(
        (await store.revocations.since(20)).map((row) => row.id),
        ["r20", "r30"],
      );
      assert.equal(await store.revocations.sweep(20), 1);
      assert.deepEqual(await store.revocations.since(0), [
        { id: "r20", kind: "grant", value: "g1", at: 20 },
        { id: "r30", kind: "grant", value: "g1", at: 30 },
      ]);
    });

    test("an open transaction is not seen from outside, and leaves nothing when it fails", async () => {
      const failed = store.db.transaction().execute(async (trx) => {
        await trx.insertInto("workspace").values({ id: "wks_c", name: "C", created_at: 1 }).execute();
        assert.equal((await trx.selectFrom("workspace").select("id").execute()).length, 3);
        assert.equal((await store.db.selectFrom("workspace").select("id").execute()).length, 2);
        throw new Error("stop");
      });
      await assert.rejects(failed, /stop/);
      assert.equal((await store.db.selectFrom("workspace").select("id").execute()).length, 2);
    });

    test("parallel transactions all take effect", async () => {
      const raise = (): Promise<unknown> =>
        store.db.transaction().execute(async (trx) => {
          const { version } = await trx.selectFrom("environment").select("version").where("id", "=", "env_a").executeTakeFirstOrThrow();
          const { numUpdatedRows } = await trx
            .updateTable("environment")
            .set((eb) => ({ version: eb("version", "+", 1) }))
            .where("id", "=", "env_a")
            .executeTakeFirst();
          assert.equal(numUpdatedRows, 1n);
          return version;
        });
      await Promise.all(Array.from({ length: 20 }, raise));
      const { version } = await store.db.selectFrom("environment").select("version").where("id", "=", "env_a").executeTakeFirstOrThrow();
      assert.equal(version, 21);
    });
  });
}
