import assert from "node:assert/strict";
import { test } from "node:test";
import { openStore } from "../../../src/store/index.ts";
import { ENGINES } from "../support/engines.ts";
import { addWorkspaces, clientRow, consentRow, grantRow } from "../support/rows.ts";

for (const engine of ENGINES) {
  test(`surfaces on ${engine.name}: the last one served is known, consents of before take it over, and none is lost that something stands under`, async () => {
    const place = await engine.createPlace();
    const store = await openStore(place.options);
    try {
      await store.migrate([]);
      await addWorkspaces(store.db);
      await store.clients.create(clientRow(), grantRow());
      await store.grants.create(consentRow());
      assert.equal(await store.surfaces.latest(), undefined);
      await store.surfaces.put({ sha256: "a", body: "{}", served_at: 1 });
      await store.surfaces.put({ sha256: "b", body: "[]", served_at: 2 });
      await store.surfaces.put({ sha256: "a", body: "{}", served_at: 3 });
      assert.deepEqual(await store.surfaces.latest(), { sha256: "a", body: "{}", served_at: 3 });
      await store.surfaces.adopt("a");
      await store.surfaces.adopt("b");
      assert.deepEqual([(await store.grants.find("consent_1"))?.surface, (await store.grants.find("grant_1"))?.surface], ["a", null]);
      assert.equal((await store.grants.findWithParties("consent_1"))?.surface, "a");
      await store.surfaces.sweep(10);
      assert.deepEqual([(await store.surfaces.find("a"))?.sha256, await store.surfaces.find("b")], ["a", undefined]);
      await store.grants.revoke("consent_1", 5);
      await store.surfaces.sweep(10);
      assert.equal(await store.surfaces.find("a"), undefined);
    } finally {
      await store.close();
      await place.remove();
    }
  });
}
