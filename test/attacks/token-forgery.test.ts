import assert from "node:assert/strict";
import { createHmac, createPublicKey, generateKeyPairSync, randomUUID, sign, type JsonWebKey } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { assertionForm, keyAgent } from "../support/assertions.ts";
import { activeSigner, decode, encodePart, outcome, startIssuer, type Signer, type TestIssuer } from "../support/issuer.ts";

type Parts = { header: Record<string, unknown>; claims: Record<string, unknown> };

describe("hostile access tokens", () => {
  let as: TestIssuer;
  let signed: Signer;
  let good: Parts;
  let token: string;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    as = await startIssuer({ after: (fn) => void cleanups.push(fn as () => unknown) });
    token = await as.token(await as.agent("org:read"));
    good = decode(token);
    signed = await activeSigner(as);
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  const refuses = async (hostile: string, title: string): Promise<void> =>
    assert.equal(await outcome(as.verifier.verify(hostile)), "invalid_token", title);
  const withHeader = (more: Record<string, unknown>): string => signed({ ...good.header, ...more }, good.claims);
  const withClaims = (more: Record<string, unknown>): string => signed(good.header, { ...good.claims, jti: randomUUID(), ...more });

  test("the token from which all others here are made is accepted, and so is a copy signed by the tests", async () => {
    for (const sound of [token, withClaims({}), withClaims({ aud: [as.resource] }), withClaims({ nbf: good.claims.iat })]) {
      const verified = await outcome(as.verifier.verify(sound));
      assert.ok(typeof verified === "object", "refused");
      assert.deepEqual(
        [verified.clientId, verified.subject, verified.workspaceId, verified.scopes.granted],
        [good.claims.client_id, good.claims.sub, "wks_test", ["org:read"]],
      );
    }
  });

  test("T01: a token for anything but exactly this resource is refused", async () => {
    const { resource, origin } = as;
    const others: unknown[] = [
      undefined,
      null,
      "",
      origin,
      `${origin}/`,
      `${resource}/`,
      `${resource}-evil`,
      `${resource}/x`,
      resource.slice(0, -1),
      resource.toUpperCase(),
      ` ${resource}`,
      resource.replace("http:", "https:"),
      resource.replace(/:\d+/, ":1"),
      resource.replace(/:\d+/, ""),
      resource.replace("127.0.0.1", "127.0.0.1.evil.example"),
      good.claims.client_id,
      "https://other.example/mcp",
      [],
      ["https://other.example/mcp"],
      [resource, "https://other.example/mcp"],
      [resource, resource],
      [[resource]],
      { [resource]: true },
      1,
      true,
    ];
    for (const aud of others) await refuses(withClaims({ aud }), JSON.stringify(aud));
  });

  test("T02: a token without a signature is refused, however it spells the algorithm", async () => {
    for (const alg of ["none", "None", "nOnE", "NONE", "", null, "ES256"]) {
      const head = encodePart({ ...good.header, alg });
      const body = encodePart(good.claims);
      for (const hostile of [`${head}.${body}.`, `${head}.${body}`, `${head}.${body}.AA`, `${head}.${body}.${"A".repeat(86)}`])
        await refuses(hostile, hostile);
    }
  });

  test("T03: our public key is not a shared secret, in any of its forms, and no other algorithm is taken", async () => {
    const jwkText = (await as.store.signingKeys.list()).find(({ state }) => state === "active")?.public_jwk ?? "";
    const key = createPublicKey({ key: JSON.parse(jwkText) as JsonWebKey, format: "jwk" });
    const der = key.export({ type: "spki", format: "der" });
    const forms = [
      key.export({ type: "spki", format: "pem" }),
      der,
      der.toString("base64"),
      jwkText,
      Buffer.from(String((JSON.parse(jwkText) as JsonWebKey).x), "base64url"),
    ];
    for (const [alg, digest] of [
      ["HS256", "sha256"],
      ["HS384", "sha384"],
      ["HS512", "sha512"],
    ] as const) {
      const input = `${encodePart({ ...good.header, alg })}.${encodePart(good.claims)}`;
      for (const form of forms) await refuses(`${input}.${createHmac(digest, form).update(input).digest("base64url")}`, alg);
    }
    for (const alg of ["es256", "ES256K", "ES384", "RS256", "PS256", "EdDSA", ["ES256"], { alg: "ES256" }])
      await refuses(withHeader({ alg }), JSON.stringify(alg));
  });

  test("T05: a token cannot bring its own key, and nothing it names is fetched", async (t) => {
    let fetched = 0;
    const canary = createServer((_req, res) => res.end(String(++fetched)));
    await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
    t.after(() => canary.close());
    const url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/keys`;
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = publicKey.export({ format: "jwk" });
    for (const extra of [
      { jwk },
      { jwk, kid: undefined },
      { jku: url },
      { x5u: url },
      { x5c: ["MIIB"] },
      { x5t: "AA" },
      { "x5t#S256": "AA" },
      { kid: url },
    ]) {
      const input = `${encodePart({ ...good.header, ...extra })}.${encodePart(good.claims)}`;
      const own = sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");
      await refuses(`${input}.${own}`, Object.keys(extra).join());
      await refuses(withHeader(extra), `${Object.keys(extra).join()}, signed by us`);
    }
    assert.equal(fetched, 0);
  });

  test("T06: extensions of the header are refused, also when we signed them", async () => {
    for (const extra of [
      { crit: ["exp"] },
      { crit: [] },
      { crit: ["b64"], b64: false },
      { b64: false },
      { b64: true },
      { zip: "DEF" },
      { cty: "JWT" },
      { enc: "A256GCM" },
      { extra: 1 },
    ]) {
      await refuses(withHeader(extra), JSON.stringify(extra));
    }
  });

  test("T08: only access tokens are taken, not other tokens that we or a client might sign", async () => {
    for (const typ of [
      undefined,
      "JWT",
      "jwt",
      "AT+JWT",
      "at+JWT",
      "application/at+jwt",
      "logout+jwt",
      "dpop+jwt",
      "client-authentication+jwt",
      "",
      ["at+jwt"],
    ]) {
      await refuses(withHeader({ typ }), JSON.stringify(typ));
    }
    const agent = await keyAgent(as);
    const assertion = await agent.assert();
    assert.equal((await as.post(assertionForm(assertion))).status, 200);
    await refuses(assertion, "a client assertion as bearer");
  });

  test("T09: what is not the one spelling of a compact JWS is refused at once", async () => {
    const [head = "", body = "", signature = ""] = token.split(".");
    const lastOf = (text: string): string => {
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1) ?? "A") ^ 1];
    };
    const spellings: [string, string][] = [
      ["empty", ""],
      ["a word", "token"],
      ["longer than 8 KiB", withClaims({ padding: "x".repeat(8192) })],
      ["six segments", `${token}.${token}`],
      ["five segments of a JWE", "a.b.c.d.e"],
      ["a space before", ` ${token}`],
      ["a line end after", `${token}\n`],
      ["a space inside", `${head} .${body}.${signature}`],
      ["padding", `${head}.${body}.${signature}=`],
      ["padding of the header", `${Buffer.from(JSON.stringify(good.header)).toString("base64")}.${body}.${signature}`],
      ["the other base64 alphabet", `${head}.${body}.${signature}`.replaceAll("-", "+").replaceAll("_", "/").concat("+")],
      ["spare bits in the signature", `${head}.${body}.${lastOf(signature)}`],
      ["a dot too many", `${token}.`],
      ["no dots", token.replaceAll(".", "")],
      ["a signature in DER", `${head}.${body}.${Buffer.from("3006020101020101", "hex").toString("base64url")}`],
      ["a zero signature (CVE-2022-21449)", `${head}.${body}.${Buffer.alloc(64).toString("base64url")}`],
      ["a signature cut short", `${head}.${body}.${signature.slice(0, -4)}`],
      ["a BOM before the header", signed(`\uFEFF${JSON.stringify(good.header)}`, good.claims)],
      ["a key twice in the header", signed(JSON.stringify(good.header).replace("{", '{"alg":"none",'), good.claims)],
      ["a key twice in the claims", signed(good.header, JSON.stringify(good.claims).replace("{", '{"aud":"https://other.example",'))],
      ["a key twice, once escaped", signed(good.header, JSON.stringify(good.claims).replace("{", '{"\\u0061ud":"x",'))],
      ["claims that are a list", signed(good.header, [good.claims])],
      ["claims that are a text", signed(good.header, '"text"')],
      ["claims that are not JSON", signed(good.header, "{'aud':1}")],
      ["claims that nest deeply", signed(good.header, `{"a":${"[".repeat(50)}${"]".repeat(50)}}`)],
    ];
    for (const [title, hostile] of spellings) {
      const started = performance.now();
      await refuses(hostile, title);
      assert.ok(performance.now() - started < 500, `${title} took long`);
    }
    const invalidUtf8 = `${head}.${Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]).toString("base64url")}.${signature}`;
    await refuses(invalidUtf8, "bytes that are not UTF-8");
  });

  test("T11: a token of another issuer is refused, also when its key has the same id or is ours", async (t) => {
    const other = await startIssuer(t);
    const theirs = await activeSigner(other);
    await refuses(await other.token(await other.agent("org:read")), "another issuer's token");
    await refuses(theirs(good.header, good.claims), "another issuer's key under our key id");
    for (const iss of [other.origin, `${as.origin}/`, as.origin.toUpperCase(), undefined, null, [as.origin], as.resource])
      await refuses(withClaims({ iss }), JSON.stringify(iss));
  });

  test("claims that the server relies on must be there, and be texts", async () => {
    for (const name of ["jti", "client_id", "sub", "gid", "scope"]) {
      for (const value of [undefined, null, "", 1, true, ["x"], {}, "x".repeat(5000)])
        await refuses(withClaims({ [name]: value }), `${name}: ${JSON.stringify(value)?.slice(0, 20)}`);
    }
  });

  test("a grant, a client and a subject that do not belong together are refused", async () => {
    const stranger = await as.agent("org:read");
    const grant = (await as.store.clients.find(stranger.clientId))?.grant_id;
    for (const mixed of [
      { gid: grant },
      { client_id: stranger.clientId },
      { sub: stranger.clientId },
      { gid: "gr_none" },
      { client_id: stranger.clientId, sub: stranger.clientId },
    ]) {
      await refuses(withClaims(mixed), JSON.stringify(mixed));
    }
  });
});
