import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { isUniqueViolation, openStore, type ConsentKey, type GrantRow, type Store } from "../../src/store/index.ts";
import { ENGINES, type Place } from "./support/engines.ts";
import { addWorkspaces, clientRow, consentRow, deviceRow, grantRow, refreshTokenRow, registeredRow } from "./support/rows.ts";

const PARALLEL = 50;
const ALL = Array.from({ length: PARALLEL }, (_, i) => i);
const KEY: ConsentKey = { client_id: "reg_1", subject: "acc_a", workspace_id: "wks_a", redirect_host: "app.example" };

/** Adds one scope, as a consent page does. */
function adding(scope: string, id: string, more: Partial<GrantRow> = {}): (present: GrantRow | undefined) => GrantRow {
  return (present) => {
    if (present === undefined) return consentRow({ id, scopes: scope, ...more });
    return { ...present, id, ...more, scopes: [...new Set([...present.scopes.split(" "), scope])].join(" ") };
  };
}

for (const engine of ENGINES) {
  describe(`repositories of access on ${engine.name}`, () => {
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
      for (const table of ["client", "refresh_token", "device", "access_grant"] as const) await store.db.deleteFrom(table).execute();
    });

    const grantIds = async (): Promise<string[]> =>
      (await store.db.selectFrom("access_grant").select("id").orderBy("id").execute()).map((row) => row.id);
    const winners = async (attempts: readonly Promise<boolean>[]): Promise<number[]> =>
      (await Promise.all(attempts)).flatMap((won, i) => (won ? [i] : []));

    describe("clients", () => {
      test("a client that registered itself has no grant, and is put back without losing policy and state", async () => {
        await store.clients.put(registeredRow({ auth_method: "none", secret_hash: null }));
        await store.db.updateTable("client").set({ scopes: "a:read" }).execute();
        await store.clients.touch("reg_1", 5);
        await store.clients.disable("reg_1", 6);
        const change = {
          name: "New",
          auth_method: "private_key_jwt",
          jwks: '{"keys":[]}',
          metadata: '{"x":1}',
          secret_hash: null,
        } as const;
        await store.clients.put(registeredRow({ ...change, scopes: "a:write", used_at: 9, created_at: 9, kind: "document" }));
        assert.deepEqual(await store.clients.find("reg_1"), registeredRow({ ...change, scopes: "a:read", used_at: 5, disabled_at: 6 }));
        assert.deepEqual(await grantIds(), []);
      });

      test("T15: a known client is never moved into a workspace or given introspection by putting it", async () => {
        await store.clients.create(clientRow({ may_introspect: 1 }), grantRow());
        await store.clients.put(clientRow({ workspace_id: "wks_b", may_introspect: 0, scopes: "a:all", name: "New" }));
        assert.deepEqual(await store.clients.find("client_1"), clientRow({ may_introspect: 1, name: "New" }));
      });

      test("how a client is challenged is set by itself, and putting the client leaves it", async () => {
        assert.equal(await store.clients.setChallenge("client_1", "in_band"), false);
        await store.clients.create(clientRow(), grantRow());
        assert.equal(await store.clients.setChallenge("client_1", "in_band"), true);
        await store.clients.put(clientRow({ name: "New" }));
        assert.deepEqual(await store.clients.find("client_1"), clientRow({ challenge: "in_band", name: "New" }));
      });

      test("of 50 parallel first puts one row remains", async () => {
        await Promise.all(ALL.map((i) => store.clients.put(registeredRow({ name: `N${i}` }))));
        assert.equal((await store.clients.list()).length, 1);
      });

      test("T26: registered clients are counted, and swept when unused or idle without a live grant", async () => {
        const rows: readonly [string, number, number | null][] = [
          ["never_used", 10, null],
          ["never_used_new", 50, null],
          ["idle", 10, 20],
          ["in_use", 10, 90],
          ["idle_granted", 10, 20],
          ["idle_revoked", 10, 20],
          ["idle_expired", 10, 20],
        ];
        for (const [id, created_at, used_at] of rows) await store.clients.create(registeredRow({ id, created_at, used_at }));
        await store.clients.create(clientRow(), grantRow());
        await store.grants.create(consentRow({ id: "g1", client_id: "idle_granted" }));
        await store.grants.create(consentRow({ id: "g2", client_id: "idle_revoked", revoked_at: 21 }));
        await store.grants.create(consentRow({ id: "g3", client_id: "idle_expired", expires_at: 21 }));
        assert.equal(await store.clients.countRegistered(), 7);
        assert.equal(await store.clients.sweepRegistered(40, 30), 4);
        const left = (await store.clients.list()).map((row) => row.id).toSorted();
        assert.deepEqual(left, ["client_1", "idle_granted", "in_use", "never_used_new"]);
        assert.equal(await store.clients.countRegistered(), 3);
      });
    });

    describe("grants", () => {
      test("consent inserts a grant first and adds to it later, keeping its id", async () => {
        const first = await store.grants.consent(KEY, adding("a:read", "g1"));
        assert.deepEqual(first, consentRow({ id: "g1", scopes: "a:read" }));
        const second = await store.grants.consent(KEY, adding("a:write", "g2", { environments: '["env_a"]', expires_at: 90 }));
        assert.deepEqual(second, consentRow({ id: "g1", scopes: "a:read a:write", environments: '["env_a"]', expires_at: 90 }));
        assert.deepEqual(await store.grants.find("g1"), second);
        assert.deepEqual(await grantIds(), ["g1"]);
      });

      for (const redirect_host of ["app.example", null]) {
        test(`T24: of 50 parallel consents for ${redirect_host ?? "a device"} all get one grant with all that was consented to`, async () => {
          const key = { ...KEY, redirect_host };
          const grants = await Promise.all(ALL.map((i) => store.grants.consent(key, adding(`s${i}`, `g${i}`))));
          assert.equal(new Set(grants.map((grant) => grant.id)).size, 1);
          const [id] = await grantIds();
          assert.deepEqual(await grantIds(), [grants[0]?.id]);
          const scopes = (await store.grants.find(id ?? ""))?.scopes.split(" ").toSorted();
          assert.deepEqual(scopes, ALL.map((i) => `s${i}`).toSorted());
        });
      }

      test("T24: another client, person, workspace or host has a grant of its own", async () => {
        const keys = [KEY, { ...KEY, client_id: "x" }, { ...KEY, subject: "acc_b" }, { ...KEY, workspace_id: "wks_b" }];
        const hosts = [
          { ...KEY, redirect_host: "other.example" },
          { ...KEY, redirect_host: null },
        ];
        for (const [i, key] of [...keys, ...hosts].entries()) await store.grants.consent(key, adding("a:read", `g${i}`));
        assert.deepEqual(await grantIds(), ["g0", "g1", "g2", "g3", "g4", "g5"]);
      });

      test("T12: a revoked grant is not revived by a new consent", async () => {
        await store.grants.consent(KEY, adding("a:write", "g1"));
        await store.grants.revoke("g1", 10);
        const next = await store.grants.consent(KEY, adding("a:read", "g2"));
        assert.deepEqual(next, consentRow({ id: "g2", scopes: "a:read" }));
        assert.equal((await store.grants.find("g1"))?.revoked_at, 10);
      });

      test("the database refuses a second live consent of one key, with and without a host", async () => {
        for (const redirect_host of ["app.example", null]) {
          await store.grants.create(consentRow({ id: `a${redirect_host}`, redirect_host }));
          await store.grants.create(consentRow({ id: `b${redirect_host}`, redirect_host, revoked_at: 1 }));
          await assert.rejects(store.grants.create(consentRow({ id: `c${redirect_host}`, redirect_host })), isUniqueViolation);
        }
      });

      const child = (id: string, parent_id: string, more: Partial<GrantRow> = {}): GrantRow =>
        grantRow({ id, kind: "exchange", parent_id, ...more });

      test("T12: a grant is revoked with all that was narrowed from it, once, and the ids that were live are told", async () => {
        await store.grants.create(grantRow({ id: "top" }));
        await store.grants.create(grantRow({ id: "other" }));
        for (const [id, parent, more] of [
          ["a", "top", {}],
          ["b", "top", { expires_at: 5 }],
          ["aa", "a", {}],
          ["ba", "b", {}],
        ] as const) {
          await store.grants.create(child(id, parent, more));
        }
        assert.deepEqual(await store.grants.revoke("aa", 9), ["aa"]);
        const [first, ...rest] = await store.grants.revoke("top", 10);
        assert.equal(first, "top");
        assert.deepEqual(rest.toSorted(), ["a", "ba"]);
        assert.deepEqual(await store.grants.revoke("top", 11), []);
        assert.deepEqual(await store.grants.revoke("absent", 11), []);
        const rows = await store.db.selectFrom("access_grant").select(["id", "revoked_at"]).orderBy("id").execute();
        const times = { a: 10, aa: 9, b: 10, ba: 10, other: null, top: 10 };
        assert.deepEqual(Object.fromEntries(rows.map((row) => [row.id, row.revoked_at])), times);
      });

      test("an expired grant was not live when it is revoked", async () => {
        await store.grants.create(grantRow({ expires_at: 5 }));
        assert.deepEqual(await store.grants.revoke("grant_1", 5), []);
      });

      const parents: readonly [string, Partial<GrantRow>, Partial<GrantRow>, boolean][] = [
        ["live", {}, {}, true],
        ["revoked", {}, { revoked_at: 5 }, false],
        ["expired", {}, { expires_at: 10 }, false],
        ["the child of a revoked one", { revoked_at: 5 }, {}, false],
        ["the child of an expired one", { expires_at: 10 }, {}, false],
      ];
      for (const [title, top, parent, expected] of parents) {
        test(`T15: a grant ${expected ? "may" : "may not"} be narrowed from one that is ${title}`, async () => {
          await store.grants.create(grantRow({ id: "top", ...top }));
          await store.grants.create(child("parent", "top", parent));
          assert.equal(await store.grants.createChild(child("c", "parent"), 10), expected);
          assert.equal((await store.grants.find("c")) !== undefined, expected);
        });
      }

      test("T15: a grant without a parent or with an unknown one is not a child", async () => {
        assert.equal(await store.grants.createChild(grantRow(), 1), false);
        assert.equal(await store.grants.createChild(child("c", "absent"), 1), false);
        assert.deepEqual(await grantIds(), []);
      });

      test("T12: no child made while its parents are revoked stays live", async () => {
        for (let round = 0; round < 10; round++) {
          const [top, middle] = [`top${round}`, `middle${round}`];
          await store.grants.create(grantRow({ id: top }));
          await store.grants.create(child(middle, top));
          await Promise.all(
            ALL.slice(0, 9).map((i) =>
              i === 4 ? store.grants.revoke(top, 10) : store.grants.createChild(child(`c${round}_${i}`, i % 2 === 0 ? middle : top), 10),
            ),
          );
        }
        assert.deepEqual(await store.db.selectFrom("access_grant").select("id").where("revoked_at", "is", null).execute(), []);
      });
    });

    describe("refresh tokens", () => {
      beforeEach(() => store.grants.create(consentRow()));

      test("T28: of 50 parallel uses of a refresh token exactly one has a successor", async () => {
        await store.refreshTokens.create(refreshTokenRow());
        const attempts = ALL.map((i) =>
          store.refreshTokens.rotate("r1", { at: 10 + i, successor: `sealed ${i}` }, refreshTokenRow({ id_hash: `n${i}` })),
        );
        const [winner, ...others] = await winners(attempts);
        assert.deepEqual(others, []);
        assert.ok(winner !== undefined);
        const used = refreshTokenRow({ used_at: 10 + winner, successor: `sealed ${winner}` });
        const rows = await store.db.selectFrom("refresh_token").selectAll().orderBy("created_at").orderBy("id_hash", "desc").execute();
        assert.deepEqual(rows, [used, refreshTokenRow({ id_hash: `n${winner}` })]);
      });

      test("T28: a rotation whose successor cannot be stored leaves the token unused", async () => {
        await store.refreshTokens.create(refreshTokenRow());
        await assert.rejects(store.refreshTokens.rotate("r1", { at: 10, successor: "s" }, refreshTokenRow()), isUniqueViolation);
        assert.deepEqual(await store.refreshTokens.find("r1"), refreshTokenRow());
        assert.equal(await store.refreshTokens.rotate("absent", { at: 10, successor: "s" }, refreshTokenRow({ id_hash: "r2" })), false);
        assert.equal(await store.refreshTokens.find("r2"), undefined);
      });

      test("T12: a family ends whole, also while its tokens are being rotated", async () => {
        await store.refreshTokens.create(refreshTokenRow({ id_hash: "kept", family_id: "fam_2" }));
        for (let round = 0; round < 10; round++) {
          await store.refreshTokens.create(refreshTokenRow());
          await Promise.all([
            store.refreshTokens.rotate("r1", { at: 10, successor: "s" }, refreshTokenRow({ id_hash: "r2" })),
            store.refreshTokens.endFamily("fam_1"),
          ]);
          const left = await store.db.selectFrom("refresh_token").select("id_hash").execute();
          assert.deepEqual(left, [{ id_hash: "kept" }]);
        }
      });

      test("T12: all families of a grant end with it", async () => {
        await store.grants.create(consentRow({ id: "consent_2", redirect_host: null }));
        for (const [id_hash, family_id, grant_id] of [
          ["r1", "fam_1", "consent_1"],
          ["r2", "fam_2", "consent_1"],
          ["r3", "fam_3", "consent_2"],
        ] as const) {
          await store.refreshTokens.create(refreshTokenRow({ id_hash, family_id, grant_id }));
        }
        await store.refreshTokens.endGrant("consent_1");
        assert.deepEqual(await store.db.selectFrom("refresh_token").select("id_hash").execute(), [{ id_hash: "r3" }]);
      });

      test("T28: an unused token is swept when it expired, a used one only when its family did", async () => {
        const used = { used_at: 5, successor: "s" };
        await store.refreshTokens.create(refreshTokenRow({ id_hash: "unused", expires_at: 10 }));
        await store.refreshTokens.create(refreshTokenRow({ id_hash: "used", expires_at: 10, ...used }));
        await store.refreshTokens.create(refreshTokenRow({ id_hash: "over", expires_at: 10, family_expires_at: 10, ...used }));
        assert.equal(await store.refreshTokens.sweep(10), 0);
        assert.equal(await store.refreshTokens.sweep(11), 2);
        assert.deepEqual(await store.refreshTokens.find("unused"), undefined);
        assert.ok(await store.refreshTokens.find("used"));
      });
    });

    describe("devices", () => {
      const approval = { state: "approved", grantId: "consent_1", scopes: "a:read" } as const;
      beforeEach(async () => {
        await store.grants.create(consentRow());
        await store.devices.create(deviceRow());
      });

      test("a device is found by its code and its user code, which no other device has", async () => {
        assert.deepEqual(await store.devices.find("d1"), deviceRow());
        assert.deepEqual(await store.devices.findByUserCode("BCDFGHJK"), deviceRow());
        assert.equal(await store.devices.findByUserCode("BCDFGHJX"), undefined);
        await assert.rejects(store.devices.create(deviceRow({ id_hash: "d2" })), isUniqueViolation);
      });

      test("T33: of 50 parallel sessions exactly one claims a device, and may look again", async () => {
        const [winner, ...others] = await winners(ALL.map((i) => store.devices.claim("d1", `s${i}`)));
        assert.deepEqual(others, []);
        assert.equal((await store.devices.find("d1"))?.claimed_by, `s${winner}`);
        assert.equal(await store.devices.claim("d1", `s${winner}`), true);
        assert.equal(await store.devices.claim("absent", "s0"), false);
      });

      test("T33: only the session that claimed a device decides, and of 50 parallel decisions exactly one counts", async () => {
        assert.equal(await store.devices.decide("d1", "s1", approval), false, "nobody claimed it");
        await store.devices.claim("d1", "s1");
        assert.equal(await store.devices.decide("d1", "s2", approval), false, "another claimed it");
        const [winner, ...others] = await winners(
          ALL.map((i) => store.devices.decide("d1", "s1", i % 2 === 0 ? approval : { state: "denied" })),
        );
        assert.deepEqual(others, []);
        const decided = winner === undefined || winner % 2 === 1 ? { state: "denied" as const } : null;
        const expected = decided ?? ({ state: "approved", grant_id: "consent_1", scopes: "a:read" } as const);
        assert.deepEqual(await store.devices.find("d1"), deviceRow({ claimed_by: "s1", ...expected }));
      });

      test("T33: of 50 parallel uses of an approved device exactly one succeeds; a pending or denied one has none", async () => {
        assert.equal(await store.devices.use("d1"), false);
        await store.devices.claim("d1", "s1");
        await store.devices.decide("d1", "s1", approval);
        assert.equal((await winners(ALL.map(() => store.devices.use("d1")))).length, 1);
        assert.equal((await store.devices.find("d1"))?.state, "used");
        await store.devices.create(deviceRow({ id_hash: "d2", user_code: "X", state: "denied", claimed_by: "s1" }));
        assert.equal(await store.devices.use("d2"), false);
      });

      test("T33: each poll learns of the one before it, also of 50 in parallel", async () => {
        const seen = await Promise.all(ALL.map((i) => store.devices.poll("d1", i, 7)));
        assert.equal(seen.filter((at) => at === undefined).length, 1, "exactly one was the first");
        assert.equal(new Set(seen).size, PARALLEL, "no two had the same one before");
        const row = await store.devices.find("d1");
        assert.equal(row?.interval_seconds, 7);
        assert.ok(!seen.includes(row?.polled_at ?? undefined), "the last one is nobody's previous");
        assert.equal(await store.devices.poll("absent", 1, 5), undefined);
      });

      test("expired devices are swept", async () => {
        assert.equal(await store.devices.sweep(100), 0);
        assert.equal(await store.devices.sweep(101), 1);
      });
    });
  });
}
