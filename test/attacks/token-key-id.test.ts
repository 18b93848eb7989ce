import { createLog } from "../../src/lib/log.ts";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { createTokenVerifier } from "../../src/oauth/index.ts";
import type { Store } from "../../src/store/index.ts";
import { activeSigner, decode, outcome, SCOPES, startIssuer } from "../support/issuer.ts";

/** The store, counting how often the keys are read. */
function countKeyReads(store: Store): { store: Store; reads: () => number } {
  let reads = 0;
  const signingKeys = {
    ...store.signingKeys,
    list: () => {
      reads++;
      return store.signingKeys.list();
    },
  };
  return { store: { ...store, signingKeys }, reads: () => reads };
}

test("T04: a key id is only ever compared with the ids of our keys", async (t) => {
  const as = await startIssuer(t);
  const { header, claims } = decode(await as.token(await as.agent("org:read")));
  const signed = await activeSigner(as);
  const kids = [
    "../../dev/null",
    "/etc/passwd",
    "' OR '1'='1",
    "x'; DROP TABLE signing_key; --",
    "__proto__",
    "constructor",
    "toString",
    "\u0000",
    "🔑",
    `${String(header.kid)}\u0000`,
    ` ${String(header.kid)}`,
    String(header.kid).toUpperCase(),
    "x".repeat(64 * 1024),
    "",
    "http://127.0.0.1/key",
    0,
    null,
    ["x"],
    { a: 1 },
    undefined,
  ];
  for (const kid of kids)
    assert.equal(await outcome(as.verifier.verify(signed({ ...header, kid }, claims))), "invalid_token", JSON.stringify(kid)?.slice(0, 40));
  assert.equal(typeof (await outcome(as.verifier.verify(signed(header, claims)))), "object");
});

test("T04: 10,000 unknown key ids cause one look into the store in 30 seconds", async (t) => {
  const as = await startIssuer(t);
  const { header, claims } = decode(await as.token(await as.agent("org:read")));
  const counted = countKeyReads(as.store);
  let nowMs = as.now();
  const verifier = await createTokenVerifier({
    issuer: as.origin,
    resource: as.resource,
    store: counted.store,
    scopes: SCOPES,
    now: () => nowMs,
    log: createLog("silent"),
  });
  verifier.close();
  const signed = await activeSigner(as);
  const one = signed({ ...header, kid: "KID" }, claims).split(".");
  const flood = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 100) {
      const batch = Array.from({ length: 100 }, () => {
        const head = Buffer.from(JSON.stringify({ ...header, kid: randomUUID() })).toString("base64url");
        return outcome(verifier.verify([head, one[1], one[2]].join(".")));
      });
      assert.ok((await Promise.all(batch)).every((result) => result === "invalid_token"));
    }
  };
  const before = counted.reads();
  await flood(10_000);
  assert.equal(counted.reads() - before, 1);
  nowMs += 9_999;
  await flood(100);
  assert.equal(counted.reads() - before, 1);
  nowMs += 20_001;
  await verifier.refresh();
  const afterRefresh = counted.reads();
  await flood(100);
  assert.equal(counted.reads() - afterRefresh, 1);
});

test("T04: a key that another process made is found at its first use", async (t) => {
  const as = await startIssuer(t);
  const agent = await as.agent("org:read");
  const verifier = await createTokenVerifier({
    issuer: as.origin,
    resource: as.resource,
    store: as.store,
    scopes: SCOPES,
    now: as.now,
    log: createLog("silent"),
  });
  verifier.close();
  await as.issuer.rotateKeys();
  await as.issuer.rotateKeys();
  const token = await as.token(agent);
  const results = await Promise.all(Array.from({ length: 20 }, () => outcome(verifier.verify(token))));
  assert.ok(results.every((result) => typeof result === "object"));
});
