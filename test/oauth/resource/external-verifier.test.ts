import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { exportSPKI, importJWK, type CryptoKey } from "jose";
import type { TokenVerifier } from "../../../src/oauth/resource/index.ts";
import { createExternalRows, type ExternalRows } from "../support/external-rows.ts";
import { OTHER_CLIENT, startOtherIssuer, type OtherIssuer } from "../support/other-issuer.ts";
import { createProver } from "../support/prover.ts";
import { CATALOGUE, outcome, RESOURCE, WORKSPACE } from "../support/resource-rows.ts";

type Claims = Record<string, unknown>;

describe("the tokens of another authorization server", () => {
  let other: OtherIssuer;
  let rows: ExternalRows;
  let verifier: TokenVerifier;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    const t = { after: (fn?: unknown) => void cleanups.push(fn as () => unknown) };
    other = await startOtherIssuer(t);
    rows = await createExternalRows(t, other);
    verifier = await rows.external();
  });
  after(async () => {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  });

  function claims(more: Claims = {}): Claims {
    const iat = Math.floor(rows.now() / 1000);
    const base = { iss: other.issuer, aud: RESOURCE, sub: "them:1", client_id: "their-app", scope: "org:read", iat, exp: iat + 900 };
    return { ...base, ...more };
  }
  const verify = async (token: string, by = verifier) => outcome(by.verify(token));
  const refuses = async (token: string, title: string): Promise<void> => assert.equal(await verify(token), "invalid_token", title);
  const accepts = async (token: string, by = verifier) => {
    const result = await verify(token, by);
    assert.ok(typeof result === "object", JSON.stringify(result));
    return result;
  };

  test("a token that the server itself issued for this resource is accepted, with the only workspace and no grant of ours", async () => {
    const token = await other.token(RESOURCE, "org:write env:read");
    const { tokenId: _tokenId, issuedAt: _issuedAt, expiresAt, ...rest } = await accepts(token);
    assert.deepEqual(rest, {
      clientId: OTHER_CLIENT.clientId,
      subject: OTHER_CLIENT.clientId,
      grantId: `ext:${OTHER_CLIENT.clientId}`,
      familyId: undefined,
      jkt: undefined,
      actor: undefined,
      workspaceId: WORKSPACE,
      environments: undefined,
      scopes: CATALOGUE.parse("org:write env:read"),
    });
    assert.ok(expiresAt > rows.now());
    assert.ok(!(verifier.verify(token) instanceof Promise), "known now");
    await refuses(await other.token("https://other.example/mcp"), "for another resource");
  });

  test("T01: a token for anything else is refused; ours may stand among other audiences", async () => {
    for (const aud of [RESOURCE, [RESOURCE], [RESOURCE, "account"]]) await accepts(await other.sign(claims({ aud })));
    const others: unknown[] = [
      undefined,
      null,
      "",
      `${RESOURCE}/`,
      `${RESOURCE}-evil`,
      RESOURCE.toUpperCase(),
      ` ${RESOURCE}`,
      "their-app",
      [],
      ["account"],
      [[RESOURCE]],
      [RESOURCE, 1],
      { [RESOURCE]: true },
    ];
    for (const aud of others) await refuses(await other.sign(claims({ aud })), JSON.stringify(aud) ?? "none");
    const renamed = await rows.external({ audience: "api://remit" });
    await accepts(await other.sign(claims({ aud: "api://remit" })), renamed);
    assert.equal(await verify(await other.sign(claims()), renamed), "invalid_token");
  });

  test("T02, T03: a token without a signature, or with our knowledge of the public key as a secret, is refused", async () => {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const pem = await exportSPKI((await importJWK(other.publicJwk, "RS256")) as CryptoKey);
    for (const alg of ["none", "None", "", null, "RS256"]) {
      const input = `${part({ alg, typ: "at+jwt", kid: other.kid })}.${part(claims())}`;
      for (const hostile of [`${input}.`, `${input}.AA`, input]) await refuses(hostile, String(alg));
    }
    for (const [alg, digest] of [
      ["HS256", "sha256"],
      ["HS512", "sha512"],
    ] as const) {
      const input = `${part({ alg, typ: "at+jwt", kid: other.kid })}.${part(claims())}`;
      for (const secret of [pem, JSON.stringify(other.publicJwk)])
        await refuses(`${input}.${createHmac(digest, secret).update(input).digest("base64url")}`, alg);
    }
  });

  test("T04: 500 unknown key ids cause one look for new keys in 30 seconds", async () => {
    const [, payload, signature] = (await other.sign(claims())).split(".");
    const flood = async (): Promise<void> => {
      const tokens = Array.from({ length: 500 }, () => {
        const header = JSON.stringify({ alg: "RS256", typ: "at+jwt", kid: randomUUID() });
        return [Buffer.from(header).toString("base64url"), payload, signature].join(".");
      });
      assert.ok((await Promise.all(tokens.map((token) => verify(token)))).every((result) => result === "invalid_token"));
    };
    rows.advance(31_000);
    await verifier.refresh();
    const before = other.asked.get("/jwks") ?? 0;
    await flood();
    await flood();
    assert.equal((other.asked.get("/jwks") ?? 0) - before, 1);
    for (const kid of ["../../../dev/null", "' OR '1'='1", "__proto__", "🔑", "x".repeat(5000), "", 0, null, ["x"], undefined])
      await refuses(await other.sign(claims(), { kid }), JSON.stringify(kid) ?? "none");
  });

  test("T05, T06: nothing in a token says how it is to be verified, and nothing that it names is fetched", async () => {
    const canary = `${other.issuer}/canary`;
    const own = await createProver();
    const more: Claims[] = [{ jku: canary }, { x5u: canary }, { x5c: ["MIIB"] }, { jwk: own.jwk }, { zip: "DEF" }, { kid: canary }];
    for (const header of more) await refuses(await other.sign(claims(), header), JSON.stringify(header));
    const now = Math.floor(rows.now() / 1000);
    await refuses(
      await own.prove({ ...claims(), iat: now }, { typ: "at+jwt", jwk: undefined, kid: other.kid }),
      "their key id, another key",
    );
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const [, payload, signature] = (await other.sign(claims())).split(".");
    for (const header of [{ crit: ["b64"], b64: false }, { crit: ["x"] }])
      await refuses([part({ alg: "RS256", typ: "at+jwt", kid: other.kid, ...header }), payload, signature].join("."), "crit");
    assert.equal(other.asked.get("/canary"), undefined);
  });

  const times: [string, (now: number) => Claims, boolean][] = [
    ["29 s after it expired", (now) => ({ iat: now - 100, exp: now - 29 }), true],
    ["31 s after it expired", (now) => ({ iat: now - 100, exp: now - 31 }), false],
    ["issued 29 s from now", (now) => ({ iat: now + 29, exp: now + 900 }), true],
    ["issued 31 s from now", (now) => ({ iat: now + 31, exp: now + 900 }), false],
    ["not before 31 s from now", (now) => ({ nbf: now + 31 }), false],
    ["a life of more than a day", (now) => ({ iat: now, exp: now + 86_401 }), false],
    ["no end", () => ({ exp: undefined }), false],
    ["no beginning", () => ({ iat: undefined }), false],
    ["an end as text", (now) => ({ exp: String(now + 900) }), false],
  ];
  for (const [title, changed, isGood] of times) {
    test(`T07: ${title}: ${isGood ? "accepted" : "refused"}`, async () => {
      const token = await other.sign(claims(changed(Math.floor(rows.now() / 1000))));
      if (isGood) await accepts(token);
      else await refuses(token, title);
    });
  }

  test("T08: only tokens of the type in the settings are accepted", async () => {
    for (const typ of ["at+jwt", "AT+JWT", "application/at+jwt"]) await accepts(await other.sign(claims(), { typ }));
    for (const typ of ["JWT", "logout+jwt", "dpop+jwt", "", undefined, 1]) await refuses(await other.sign(claims(), { typ }), String(typ));
    const any = await rows.external({ tokenType: "any" });
    for (const typ of ["JWT", undefined]) await accepts(await other.sign(claims(), { typ }), any);
    const jwt = await rows.external({ tokenType: "JWT" });
    await accepts(await other.sign(claims(), { typ: "JWT" }), jwt);
    assert.equal(await verify(await other.sign(claims()), jwt), "invalid_token");
  });

  test("T09: a token in another spelling is another token, and none", async () => {
    const token = await other.sign(claims());
    for (const hostile of [`${token}=`, ` ${token}`, `${token}.`, `${token}.a.b`, token.replace(".", ".."), `${token}${"A".repeat(8192)}`])
      await refuses(hostile, hostile.slice(-10));
  });

  test("T10: a key that is secret, for something else, listed twice or for another algorithm is no key", async () => {
    const keys: [string, unknown[]][] = [
      ["oct", [{ kty: "oct", k: "AAAA", kid: other.kid }]],
      ["enc", [{ ...other.publicJwk, use: "enc" }]],
      ["private", [{ ...other.publicJwk, d: "AAAA" }]],
      ["alg", [{ ...other.publicJwk, alg: "PS256" }]],
      ["twice", [other.publicJwk, other.publicJwk]],
    ];
    for (const [path, list] of keys) {
      other.answers.set(`/keys/${path}`, { keys: list });
      const each = await rows.external({ jwksUri: `${other.issuer}/keys/${path}` });
      assert.equal(await verify(await other.sign(claims()), each), "invalid_token", path);
    }
    other.answers.set("/keys/good", { keys: [{ kty: "oct", k: "AAAA", kid: "x" }, other.publicJwk] });
    await accepts(await other.sign(claims()), await rows.external({ jwksUri: `${other.issuer}/keys/good` }));
  });

  test("T11: a token that names another issuer is refused, and so is metadata that does", async () => {
    for (const iss of [undefined, "", `${other.issuer}/`, other.issuer.toUpperCase(), "https://evil.example", [other.issuer]])
      await refuses(await other.sign(claims({ iss })), JSON.stringify(iss) ?? "none");
    const slashed = await rows.external({ issuer: `${other.issuer}/` });
    assert.equal(await verify(await other.sign(claims({ iss: `${other.issuer}/` })), slashed), "unavailable");
  });

  test("scopes may be a text or a list, in a claim of another name; what is not in the catalogue is not held", async () => {
    const cases: [Claims, string, string[]][] = [
      [{ scope: "org:read openid admin" }, "scope", ["org:read"]],
      [{ scope: undefined }, "scope", []],
      [{ scp: ["org:read", "env:read"] }, "scp", ["env:read", "org:read"]],
      [{ scp: "org:read env:read" }, "scp", ["env:read", "org:read"]],
      [{ roles: ["org:write"] }, "roles", ["org:write"]],
    ];
    for (const [more, scopeClaim, expected] of cases) {
      const each = await rows.external({ scopeClaim });
      assert.deepEqual((await accepts(await other.sign(claims(more)), each)).scopes.granted, expected);
    }
    for (const scope of [1, null, {}, ["org:read", 1]]) await refuses(await other.sign(claims({ scope })), JSON.stringify(scope));
  });

  test("the client is in the claim of the settings, and needed", async () => {
    const azp = await rows.external({ clientClaim: "azp" });
    const { clientId, grantId } = await accepts(await other.sign(claims({ azp: "app-2" })), azp);
    assert.deepEqual([clientId, grantId], ["app-2", "ext:app-2"]);
    assert.equal(await verify(await other.sign(claims()), azp), "invalid_token");
    await refuses(await other.sign(claims({ client_id: undefined })), "no client");
    await refuses(await other.sign(claims({ sub: undefined })), "no subject");
    await accepts(await other.sign(claims({ jti: undefined })));
  });

  test("T16: a token that is bound to a key says so", async () => {
    const { jkt } = await createProver();
    assert.equal((await accepts(await other.sign(claims({ cnf: { jkt } })))).jkt, jkt);
    await refuses(await other.sign(claims({ cnf: { "x5t#S256": jkt } })), "a binding that cannot be checked");
  });
});
