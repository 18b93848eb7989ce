import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { BootError } from "../../src/errors.ts";
import { deriveKey, unseal } from "../../src/lib/secret.ts";
import { createIssuer } from "../../src/oauth/index.ts";
import { createKeyRing, type KeyRing } from "../../src/oauth/issuer/keys/key-ring.ts";
import { basic, decode, outcome, startIssuer, type TestIssuer } from "../support/issuer.ts";

const DAY_MS = 86_400_000;
const RETIRE_MS = 1_050_000;

const states = async (as: TestIssuer): Promise<string[]> => (await as.store.signingKeys.list()).map(({ state }) => state).sort();
const published = (as: TestIssuer): string[] => (JSON.parse(as.issuer.jwks()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
const activeKid = async (as: TestIssuer): Promise<string | undefined> =>
  (await as.store.signingKeys.list()).find(({ state }) => state === "active")?.kid;

function openRing(as: TestIssuer): Promise<KeyRing> {
  const sealKey = deriveKey(as.masterKey, "signing-key");
  return createKeyRing({ store: as.store.signingKeys, sealKey, now: as.now, rotateAfterMs: 90 * DAY_MS, retireAfterMs: RETIRE_MS });
}

describe("the signing keys", () => {
  test("the first start makes one active and one pending key, and the second start keeps them", async (t) => {
    const as = await startIssuer(t);
    assert.deepEqual(await states(as), ["active", "pending"]);
    const before = await as.store.signingKeys.list();
    await (await createIssuer(as.options)).close();
    assert.deepEqual(await as.store.signingKeys.list(), before);
  });

  test("ten processes that start at once on an empty store make one ring", async (t) => {
    const as = await startIssuer(t);
    await as.store.db.deleteFrom("signing_key").execute();
    const rings = await Promise.all(Array.from({ length: 10 }, () => openRing(as)));
    assert.deepEqual(await states(as), ["active", "pending"]);
    assert.equal(new Set(rings.map((ring) => ring.active().kid)).size, 1);
  });

  test("only public members are published, each key with its use and algorithm", async (t) => {
    const as = await startIssuer(t);
    const { keys } = JSON.parse(as.issuer.jwks()) as { keys: Record<string, unknown>[] };
    assert.equal(keys.length, 2);
    for (const key of keys) {
      assert.deepEqual(Object.keys(key).sort(), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
      assert.deepEqual([key.alg, key.crv, key.kty, key.use], ["ES256", "P-256", "EC", "sig"]);
    }
  });

  test("private keys are sealed at rest, each to its own id, and open with the master key only", async (t) => {
    const as = await startIssuer(t);
    const [one, two] = await as.store.signingKeys.list();
    assert.ok(one && two);
    const sealKey = deriveKey(as.masterKey, "signing-key");
    const { d } = JSON.parse(unseal(sealKey, one.sealed_private_jwk, `signing-key ${one.kid}`)) as { d: string };
    assert.ok(!JSON.stringify([one, two]).includes(d));
    assert.throws(() => unseal(sealKey, one.sealed_private_jwk, `signing-key ${two.kid}`));
    await assert.rejects(
      createIssuer({ ...as.options, masterKey: randomBytes(32) }),
      (error) => error instanceof BootError && /REMIT_MASTER_KEY/.test(error.message),
    );
  });

  test("a rotation lets the published next key sign, publishes another, and keeps old tokens valid", async (t) => {
    const as = await startIssuer(t);
    const agent = await as.agent("org:read");
    const old = await as.token(agent);
    const [, pending] = [await activeKid(as), (await as.store.signingKeys.list()).find(({ state }) => state === "pending")?.kid];
    await as.issuer.rotateKeys();
    const fresh = await as.token(agent);
    assert.equal(decode(fresh).header.kid, pending);
    assert.deepEqual(await states(as), ["active", "pending", "retiring"]);
    assert.equal(published(as).length, 3);
    for (const token of [old, fresh]) assert.equal(typeof (await outcome(as.verifier.verify(token))), "object");
    const [event] = as.events.filter(({ event }) => event === "keys_rotated");
    assert.deepEqual(event, {
      event: "keys_rotated",
      activeKid: pending,
      pendingKid: (await as.store.signingKeys.list()).find(({ state }) => state === "pending")?.kid,
    });
  });

  test("of many rotations at once, in several processes, one takes place", async (t) => {
    const as = await startIssuer(t);
    const rings = await Promise.all(Array.from({ length: 8 }, () => openRing(as)));
    const turned = await Promise.all(rings.map((ring) => ring.rotate()));
    assert.equal(turned.filter(Boolean).length, 1);
    assert.deepEqual(await states(as), ["active", "pending", "retiring"]);
    assert.deepEqual(new Set(rings.map((ring) => ring.active().kid)), new Set([await activeKid(as)]));
    const once = await Promise.all(Array.from({ length: 8 }, () => as.issuer.rotateKeys().then(() => 1)));
    assert.equal(once.length, 8);
    assert.deepEqual(await states(as), ["active", "pending", "retiring", "retiring"]);
    assert.equal(as.events.filter(({ event }) => event === "keys_rotated").length, 1);
  });

  test("a key is due after its days, and retiring keys go when the last token they signed has expired", async (t) => {
    const as = await startIssuer(t);
    const ring = await openRing(as);
    const first = ring.active().kid;
    as.advance(90 * DAY_MS - 60_000);
    assert.deepEqual(await ring.maintain(), { isRotated: false });
    as.advance(120_000);
    assert.deepEqual(await ring.maintain(), { isRotated: true });
    assert.notEqual(ring.active().kid, first);
    assert.deepEqual(await states(as), ["active", "pending", "retiring"]);
    as.advance(RETIRE_MS - 1000);
    await ring.maintain();
    assert.ok(ring.rows().some(({ kid }) => kid === first));
    as.advance(2000);
    await ring.maintain();
    assert.deepEqual(await states(as), ["active", "pending"]);
    assert.ok(!ring.rows().some(({ kid }) => kid === first));
  });

  test("a token whose key is gone is refused, also when it was known", async (t) => {
    const as = await startIssuer(t);
    const token = await as.token(await as.agent("org:read"));
    assert.equal(typeof (await outcome(as.verifier.verify(token))), "object");
    await as.issuer.rotateKeys();
    const rows = await as.store.signingKeys.list();
    assert.equal(
      await as.store.signingKeys.replace(
        rows,
        rows.filter(({ state }) => state !== "retiring"),
      ),
      true,
    );
    await as.verifier.refresh();
    assert.equal(await outcome(as.verifier.verify(token)), "invalid_token");
  });

  test("an issuer signs with the new key half a minute after another process turned the ring", async (t) => {
    const as = await startIssuer(t);
    const agent = await as.agent("org:read");
    const before = decode(await as.token(agent)).header.kid;
    await (await openRing(as)).rotate();
    as.advance(29_000);
    assert.equal(decode(await as.token(agent)).header.kid, before);
    as.advance(2_000);
    assert.equal(decode(await as.token(agent)).header.kid, await activeKid(as));
    assert.equal(published(as).length, 3);
  });

  test("rotations under load fail no request and no token", async (t) => {
    const as = await startIssuer(t);
    const agent = await as.agent("org:read");
    const use = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) {
        const { status, json, text } = await as.post({ grant_type: "client_credentials" }, basic(agent));
        assert.equal(status, 200, text);
        assert.equal(typeof (await outcome(as.verifier.verify(String(json.access_token)))), "object");
      }
    };
    const rotate = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) {
        await as.issuer.rotateKeys();
        await as.verifier.refresh();
      }
    };
    await Promise.all([...Array.from({ length: 10 }, use), rotate()]);
    assert.equal((await states(as)).filter((state) => state === "retiring").length, 5);
  });
});
