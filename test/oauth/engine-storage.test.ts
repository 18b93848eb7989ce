import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { errors, Provider, type Adapter } from "oidc-provider";
import { createAdapterFactory } from "../../src/oauth/issuer/engine/adapter.ts";
import { createClientAdapter } from "../../src/oauth/issuer/engine/client-adapter.ts";
import { createSecretHasher } from "../../src/oauth/issuer/keys/client-secrets.ts";
import { openStore, type Store } from "../../src/store/index.ts";
import { ENGINES, type Place } from "../store/support/engines.ts";

const PARALLEL = 50;

for (const engine of ENGINES) {
  describe(`the engine's storage on ${engine.name}`, () => {
    let place: Place;
    let store: Store;
    let nowMs = 1_000_000_000_000;
    let adapterOf: (model: string) => Adapter;
    before(async () => {
      place = await engine.createPlace();
      store = await openStore(place.options);
      await store.migrate([]);
      const masterKey = randomBytes(32);
      const directory = { find: async () => undefined };
      const clients = createClientAdapter({ Provider }, { directory, secrets: createSecretHasher(masterKey) });
      const resource = "https://mcp.example.com/mcp";
      const factory = createAdapterFactory({ store, resource, masterKey, now: () => nowMs, errors }, clients);
      adapterOf = (model) => factory(model);
    });
    after(async () => {
      await store.close();
      await place.remove();
    });
    const settle = async (uses: Promise<unknown>[]): Promise<{ done: number; reasons: unknown[] }> => {
      const results = await Promise.allSettled(uses);
      return {
        done: results.filter(({ status }) => status === "fulfilled").length,
        reasons: results.flatMap((result) => (result.status === "rejected" ? [result.reason] : [])),
      };
    };

    test("what was stored is found by its id until it expires", async () => {
      const codes = adapterOf("AuthorizationCode");
      await codes.upsert("code-1", { jti: "code-1", kind: "AuthorizationCode", clientId: "c" }, 60);
      assert.deepEqual(await codes.find("code-1"), { jti: "code-1", kind: "AuthorizationCode", clientId: "c" });
      assert.equal(await adapterOf("RefreshToken").find("code-1"), undefined, "models do not mix");
      nowMs += 60_000;
      assert.equal(await codes.find("code-1"), undefined);
    });

    test("T71: an id is a credential, and cannot be read from the rows", async () => {
      await adapterOf("RefreshToken").upsert("refresh-secret", { jti: "refresh-secret", grantId: "g" }, 60);
      await adapterOf("Session").upsert("session-secret", { jti: "session-secret", uid: "uid-1" }, 60);
      const rows = JSON.stringify(await store.db.selectFrom("oidc_payload").selectAll().execute());
      assert.ok(rows.includes("uid-1"));
      assert.ok(!rows.includes("refresh-secret") && !rows.includes("session-secret"));
    });

    test("T71: an interaction keeps the id of its pushed request, and nobody reads it from the rows", async () => {
      const interactions = adapterOf("Interaction");
      await interactions.upsert("interaction-1", { jti: "interaction-1", kind: "Interaction", parJti: "pushed-secret" }, 60);
      const { payload } = await store.db
        .selectFrom("oidc_payload")
        .select("payload")
        .where("model", "=", "Interaction")
        .executeTakeFirstOrThrow();
      assert.ok(!payload.includes("pushed-secret"));
      assert.equal((await interactions.find("interaction-1"))?.["parJti"], "pushed-secret");
    });

    test("who finds a row by its uid or user code gets its id back", async () => {
      await adapterOf("Session").upsert("session-2", { jti: "session-2", uid: "uid-2" }, 60);
      assert.equal((await adapterOf("Session").findByUid("uid-2"))?.jti, "session-2");
      await adapterOf("DeviceCode").upsert("device-2", { jti: "device-2", userCode: "ABCD" }, 60);
      assert.equal((await adapterOf("DeviceCode").findByUserCode("ABCD"))?.jti, "device-2");
      assert.equal(await adapterOf("Session").findByUid("uid-none"), undefined);
    });

    test(`T21: of ${PARALLEL} parallel uses of one code one succeeds, and a later write does not revive it`, async () => {
      const codes = adapterOf("AuthorizationCode");
      await codes.upsert("code-3", { jti: "code-3", grantId: "g3" }, 60);
      const { done, reasons } = await settle(Array.from({ length: PARALLEL }, () => codes.consume("code-3")));
      assert.equal(done, 1);
      assert.ok(reasons.every((reason) => reason instanceof errors.InvalidGrant));
      await codes.upsert("code-3", { jti: "code-3", grantId: "g3" }, 60);
      await assert.rejects(codes.consume("code-3"), errors.InvalidGrant);
      assert.equal((await codes.find("code-3"))?.consumed, Math.floor(nowMs / 1000));
      await assert.rejects(codes.consume("code-none"), errors.InvalidGrant);
    });

    test(`T16: of ${PARALLEL} parallel marks for one assertion one is made, and its place is free when it expired`, async () => {
      const replay = adapterOf("ReplayDetection");
      const mark = (): Promise<unknown> => replay.upsert("jti-1", { jti: "jti-1" }, 300);
      const { done, reasons } = await settle(Array.from({ length: PARALLEL }, mark));
      assert.equal(done, 1);
      assert.ok(reasons.every((reason) => reason instanceof errors.InvalidClientAuth));
      nowMs += 299_999;
      await assert.rejects(mark(), errors.InvalidClientAuth);
      nowMs += 1;
      await mark();
    });

    test("what belongs to a grant goes with it, and one row can go alone", async () => {
      const codes = adapterOf("AuthorizationCode");
      const tokens = adapterOf("RefreshToken");
      await codes.upsert("code-4", { jti: "code-4", grantId: "g4" }, 60);
      await tokens.upsert("token-4", { jti: "token-4", grantId: "g4" }, 60);
      await tokens.upsert("token-5", { jti: "token-5", grantId: "g5" }, 60);
      await tokens.revokeByGrantId("g4");
      assert.deepEqual([await codes.find("code-4"), await tokens.find("token-4")], [undefined, undefined]);
      assert.equal((await tokens.find("token-5"))?.grantId, "g5");
      await tokens.destroy("token-5");
      assert.equal(await tokens.find("token-5"), undefined);
    });

    test("the engine can neither make nor change a client", async () => {
      const clients = adapterOf("Client");
      await assert.rejects(async () => clients.upsert("cl_x", { client_id: "cl_x" }), /not made through the engine/);
      await assert.rejects(async () => clients.destroy("cl_x"), /not made through the engine/);
    });
  });
}
