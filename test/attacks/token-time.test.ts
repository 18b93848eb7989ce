import { createLog } from "../../src/lib/log.ts";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { createTokenVerifier, type TokenVerifier } from "../../src/oauth/index.ts";
import { activeSigner, decode, outcome, SCOPES, startIssuer, type Signer, type TestIssuer } from "../support/issuer.ts";

describe("T07: the times of a token", () => {
  let as: TestIssuer;
  let signed: Signer;
  let good: ReturnType<typeof decode>;
  let verifier: TokenVerifier;
  let nowMs = 0;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    as = await startIssuer({ after: (fn) => void cleanups.push(fn as () => unknown) });
    good = decode(await as.token(await as.agent("org:read")));
    signed = await activeSigner(as);
    nowMs = Number(good.claims.iat) * 1000;
    verifier = await createTokenVerifier({
      issuer: as.origin,
      resource: as.resource,
      store: as.store,
      scopes: SCOPES,
      now: () => nowMs,
      log: createLog("silent"),
    });
  });
  after(async () => {
    verifier.close();
    for (const cleanup of cleanups) await cleanup();
  });

  /** What becomes of a token with these claims, `atSeconds` after it was issued. */
  async function judge(claims: Record<string, unknown>, atSeconds: number): Promise<string> {
    nowMs = (Number(good.claims.iat) + atSeconds) * 1000;
    await verifier.refresh();
    const result = await outcome(verifier.verify(signed(good.header, { ...good.claims, jti: randomUUID(), ...claims })));
    return typeof result === "string" ? result : "accepted";
  }

  const boundaries: [string, (iat: number) => Record<string, unknown>, number, string][] = [
    ["fresh", () => ({}), 0, "accepted"],
    ["29 s after it expired", () => ({}), 929, "accepted"],
    ["30 s after it expired", () => ({}), 930, "invalid_token"],
    ["31 s after it expired", () => ({}), 931, "invalid_token"],
    ["issued 30 s from now", () => ({}), -30, "accepted"],
    ["issued 31 s from now", () => ({}), -31, "invalid_token"],
    ["not before 30 s from now", (iat) => ({ nbf: iat + 30 }), 0, "accepted"],
    ["not before 31 s from now", (iat) => ({ nbf: iat + 31 }), 0, "invalid_token"],
    ["a life of a day", (iat) => ({ exp: iat + 86_400 }), 0, "accepted"],
    ["a life of a day and a second", (iat) => ({ exp: iat + 86_401 }), 0, "invalid_token"],
    ["expired when it was issued", (iat) => ({ exp: iat }), 0, "invalid_token"],
    ["expires before it was issued", (iat) => ({ exp: iat - 1 }), 0, "invalid_token"],
  ];
  for (const [title, claims, atSeconds, expected] of boundaries) {
    test(`T07: ${title}: ${expected}`, async () => assert.equal(await judge(claims(Number(good.claims.iat)), atSeconds), expected));
  }

  test("T07: a time that is not a whole number of seconds is refused", async () => {
    const { iat, exp } = good.claims;
    for (const name of ["iat", "exp", "nbf"]) {
      const values: unknown[] = [
        String(exp),
        Number(exp) + 0.5,
        -1,
        0,
        2 ** 60,
        true,
        [exp],
        {},
        null,
        ...(name === "nbf" ? [] : [undefined]),
      ];
      for (const value of values) assert.equal(await judge({ [name]: value }, 0), "invalid_token", `${name}: ${JSON.stringify(value)}`);
    }
    for (const text of ["1e308", "-1e9", "1e400", "0.1"]) {
      const claims = JSON.stringify({ ...good.claims, exp: 0 }).replace('"exp":0', `"exp":${text}`);
      assert.equal(await outcome(verifier.verify(signed(good.header, claims))), "invalid_token", text);
    }
    assert.equal(await judge({ iat, exp }, 0), "accepted");
  });

  test("T07: a token that is known is refused from the same instant on as one that is not", async () => {
    nowMs = Number(good.claims.iat) * 1000;
    await verifier.refresh();
    const token = signed(good.header, good.claims);
    assert.equal(typeof (await outcome(verifier.verify(token))), "object");
    nowMs = Number(good.claims.exp) * 1000 + 29_999;
    await verifier.refresh();
    assert.equal(typeof (await outcome(verifier.verify(token))), "object");
    nowMs += 1;
    assert.equal(await outcome(verifier.verify(token)), "invalid_token");
  });
});
