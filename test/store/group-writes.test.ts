import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openStore, type RefreshTokenRow, type Store } from "../../src/store/index.ts";
import { ENGINES, type Place } from "./support/engines.ts";

const PARALLEL = 50;

for (const engine of ENGINES) {
  describe(`rotations of refresh tokens on ${engine.name}`, () => {
    let place: Place;
    let store: Store;
    before(async () => {
      place = await engine.createPlace();
      store = await openStore(place.options);
      await store.migrate([]);
      await store.db.insertInto("workspace").values({ id: "wks", name: "Test", created_at: 1 }).execute();
      const grant = { id: "gr", kind: "person" as const, workspace_id: "wks", client_id: "cl", subject: "acc", scopes: "a" };
      const empty = { parent_id: null, redirect_host: null, environments: null, expires_at: null, revoked_at: null };
      await store.grants.create({ ...grant, ...empty, created_at: 1 });
    });
    after(async () => {
      await store.close();
      await place.remove();
    });
    const row = (id: string, more: Partial<RefreshTokenRow> = {}): RefreshTokenRow => ({
      id_hash: id,
      family_id: "fam",
      grant_id: "gr",
      client_id: "cl",
      scopes: "a",
      jkt: null,
      created_at: 1,
      expires_at: 10,
      family_expires_at: 20,
      used_at: null,
      successor: null,
      ...more,
    });
    const USED = { at: 5, successor: "sealed" };

    test("those that arrive together all happen, each with its own rows", async () => {
      const ids = Array.from({ length: PARALLEL }, (_, i) => `many-${i}`);
      for (const id of ids) await store.refreshTokens.create(row(id));
      const done = await Promise.all(ids.map((id) => store.refreshTokens.rotate(id, USED, row(`${id}-next`))));
      assert.ok(done.every((isFirst) => isFirst));
      for (const id of ids) {
        assert.equal((await store.refreshTokens.find(id))?.used_at, 5);
        assert.equal((await store.refreshTokens.find(`${id}-next`))?.used_at, null);
      }
    });

    test("T28: of many for one token one happens, and the others write nothing", async () => {
      await store.refreshTokens.create(row("one"));
      const tries = Array.from({ length: PARALLEL }, (_, i) => store.refreshTokens.rotate("one", USED, row(`one-${i}`)));
      const wins = (await Promise.all(tries)).filter((isFirst) => isFirst);
      assert.equal(wins.length, 1);
      const made = await store.db.selectFrom("refresh_token").select("id_hash").where("id_hash", "like", "one-%").execute();
      assert.equal(made.length, 1);
    });

    test("one that fails writes nothing and does not disturb those beside it", async () => {
      for (const id of ["left", "bad", "right"]) await store.refreshTokens.create(row(id));
      const results = await Promise.allSettled([
        store.refreshTokens.rotate("left", USED, row("left-next")),
        store.refreshTokens.rotate("bad", USED, row("bad-next", { grant_id: "none" })),
        store.refreshTokens.rotate("right", USED, row("right-next")),
      ]);
      assert.deepEqual(
        results.map((result) => (result.status === "fulfilled" ? result.value : "failed")),
        [true, "failed", true],
      );
      assert.equal((await store.refreshTokens.find("bad"))?.used_at, null);
      assert.equal(await store.refreshTokens.find("bad-next"), undefined);
      assert.ok(await store.refreshTokens.find("right-next"));
    });

    test("a rotation is taken back while nobody used what came of it, and not after", async () => {
      await store.refreshTokens.create(row("back"));
      await store.refreshTokens.rotate("back", USED, row("back-next"));
      assert.equal(await store.refreshTokens.unrotate("back", "back-next"), true);
      const taken = await store.refreshTokens.find("back");
      assert.deepEqual([taken?.used_at, taken?.successor], [null, null]);
      assert.equal(await store.refreshTokens.find("back-next"), undefined);
      await store.refreshTokens.rotate("back", USED, row("back-again"));
      await store.refreshTokens.rotate("back-again", USED, row("back-last"));
      assert.equal(await store.refreshTokens.unrotate("back", "back-again"), false);
      assert.equal((await store.refreshTokens.find("back"))?.used_at, 5);
      assert.ok(await store.refreshTokens.find("back-last"));
    });

    test("other writes at the same time happen too", async () => {
      for (const id of ["beside-1", "beside-2"]) await store.refreshTokens.create(row(id));
      await Promise.all([
        store.refreshTokens.rotate("beside-1", USED, row("beside-1-next")),
        store.refreshTokens.create(row("beside-3")),
        store.db.transaction().execute(async (trx) => {
          await trx.insertInto("refresh_token").values(row("beside-4")).execute();
          await new Promise((resolve) => setImmediate(resolve));
        }),
        store.refreshTokens.rotate("beside-2", USED, row("beside-2-next")),
      ]);
      for (const id of ["beside-1-next", "beside-2-next", "beside-3", "beside-4"]) assert.ok(await store.refreshTokens.find(id), id);
    });
  });
}
