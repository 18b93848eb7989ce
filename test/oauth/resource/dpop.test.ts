import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { before, describe, test } from "node:test";
import { DPOP_ALGS, verifyProof, type ProofResult } from "../../../src/oauth/dpop/index.ts";
import { ath, createProver, type Prover } from "../support/prover.ts";

const URL_OF_RESOURCE = "https://mcp.example.com/mcp";
const TOKEN = "header.claims.signature";
const NOW = 1_800_000_000;
const GOOD = { htm: "POST", htu: URL_OF_RESOURCE, iat: NOW, ath: ath(TOKEN), jti: "one" };

interface More {
  readonly accessToken?: string | undefined;
  readonly isFresh?: (digest: string) => Promise<boolean>;
  readonly method?: string;
  readonly url?: string;
}

function check(proof: string, more: More = {}): Promise<ProofResult> {
  const { accessToken, ...rest } = { accessToken: TOKEN, ...more };
  const request = { proof, method: "POST", url: URL_OF_RESOURCE, nowSeconds: NOW, isFresh: () => Promise.resolve(true), ...rest };
  return verifyProof(accessToken === undefined ? request : { ...request, accessToken });
}

describe("a DPoP proof (RFC 9449 §4.3)", () => {
  let prover: Prover;
  before(async () => {
    prover = await createProver();
  });

  const claims: [string, Record<string, unknown>, "good" | RegExp][] = [
    ["all as it must be", {}, "good"],
    ["a query and a fragment in htu", { htu: `${URL_OF_RESOURCE}?a=1#b` }, "good"],
    ["htu with its default port and another case of scheme and host", { htu: "HTTPS://MCP.example.com:443/mcp" }, "good"],
    ["60 s old", { iat: NOW - 60 }, "good"],
    ["60 s ahead", { iat: NOW + 60 }, "good"],
    ["a jti of 256 characters", { jti: "x".repeat(256) }, "good"],
    ["61 s old", { iat: NOW - 61 }, /iat/],
    ["61 s ahead", { iat: NOW + 61 }, /iat/],
    ["no iat", { iat: undefined }, /iat/],
    ["iat as text", { iat: String(NOW) }, /iat|form|JWS/],
    ["another method", { htm: "GET" }, /htm/],
    ["the method in lower case", { htm: "post" }, /htm/],
    ["no method", { htm: undefined }, /htm/],
    ["another path", { htu: "https://mcp.example.com/mcp/" }, /htu/],
    ["another host", { htu: "https://mcp.example.com.evil.example/mcp" }, /htu/],
    ["another port", { htu: "https://mcp.example.com:8443/mcp" }, /htu/],
    ["http for https", { htu: "http://mcp.example.com/mcp" }, /htu/],
    ["a user in htu", { htu: "https://mcp.example.com@evil.example/mcp" }, /htu/],
    ["our own user in htu", { htu: "https://user@mcp.example.com/mcp" }, /htu/],
    ["no URL in htu", { htu: "/mcp" }, /htu/],
    ["no htu", { htu: undefined }, /htu/],
    ["the digest of another token", { ath: ath("other") }, /ath/],
    ["no digest of the token", { ath: undefined }, /ath/],
    ["a jti of 257 characters", { jti: "x".repeat(257) }, /jti/],
    ["an empty jti", { jti: "" }, /jti/],
    ["no jti", { jti: undefined }, /jti/],
  ];
  for (const [title, changed, expected] of claims) {
    test(`T16: ${title}: ${expected === "good" ? "good" : "refused"}`, async () => {
      const result = await check(await prover.prove({ ...GOOD, ...changed }));
      if (expected === "good") assert.deepEqual(result, { jkt: prover.jkt });
      else assert.match("problem" in result ? result.problem : "good", expected);
    });
  }

  const headers: [string, (prover: Prover) => Record<string, unknown>, RegExp][] = [
    ["the typ of an access token", () => ({ typ: "at+jwt" }), /typ/],
    ["no typ", () => ({ typ: undefined }), /typ/],
    ["no key", () => ({ jwk: undefined }), /jwk/],
    ["a key that shows its private part", ({ privateJwk }) => ({ jwk: privateJwk }), /jwk/],
    ["a shared secret as key", () => ({ jwk: { kty: "oct", k: "c2VjcmV0" } }), /jwk/],
    ["a key of no kind", () => ({ jwk: { kty: "constructor" } }), /jwk/],
    ["a key as text", ({ jwk }) => ({ jwk: JSON.stringify(jwk) }), /jwk/],
    ["a place where the key is", () => ({ jku: "https://evil.example/jwks" }), /header members/],
    ["a certificate", () => ({ x5c: ["MIIB"] }), /header members/],
  ];
  for (const [title, header, expected] of headers) {
    test(`T05: ${title}: refused`, async () => {
      const result = await check(await prover.prove(GOOD, header(prover)));
      assert.match("problem" in result ? result.problem : "good", expected);
    });
  }

  test("T03: a proof that is signed with another key than it shows, or with a shared secret, or not at all, is refused", async () => {
    const other = await createProver();
    const foreign = await other.prove(GOOD, { jwk: prover.jwk });
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const hmacInput = `${part({ typ: "dpop+jwt", alg: "HS256", jwk: prover.jwk })}.${part(GOOD)}`;
    const hs = `${hmacInput}.${createHmac("sha256", JSON.stringify(prover.jwk)).update(hmacInput).digest("base64url")}`;
    const none = `${part({ typ: "dpop+jwt", alg: "none", jwk: prover.jwk })}.${part(GOOD)}.`;
    const [head, , signature] = (await prover.prove(GOOD)).split(".");
    const changed = [head, part({ ...GOOD, ath: ath("x") }), signature].join(".");
    for (const proof of [foreign, hs, none, changed, "", "a.b.c", "x".repeat(9000)]) assert.ok("problem" in (await check(proof)), proof);
  });

  for (const alg of DPOP_ALGS) {
    test(`a proof signed with ${alg} gives the thumbprint of its key`, async () => {
      const each = await createProver(alg);
      assert.deepEqual(await check(await each.prove(GOOD)), { jkt: each.jkt });
    });
  }

  test("at the token endpoint, where there is no access token yet, ath is not asked for", async () => {
    assert.deepEqual(await check(await prover.prove({ ...GOOD, ath: undefined }), { accessToken: undefined }), { jkt: prover.jkt });
  });

  test("T16: a proof counts as used only when it is good in all else, and for its key and URL", async () => {
    const seen = new Set<string>();
    const isFresh = async (digest: string): Promise<boolean> => seen.size < seen.add(digest).size;
    assert.ok("problem" in (await check(await prover.prove({ ...GOOD, htm: "GET" }), { isFresh })));
    assert.equal(seen.size, 0);
    const proof = await prover.prove(GOOD);
    assert.ok("jkt" in (await check(proof, { isFresh })));
    assert.match(JSON.stringify(await check(proof, { isFresh })), /used before/);
    assert.match(JSON.stringify(await check(await prover.prove({ ...GOOD, htu: `${URL_OF_RESOURCE}?again` }), { isFresh })), /used before/);
    const other = await createProver();
    assert.ok("jkt" in (await check(await other.prove(GOOD), { isFresh })), "another key has ids of its own");
    const url = "https://mcp.example.com/token";
    assert.ok("jkt" in (await check(await prover.prove({ ...GOOD, htu: url }), { isFresh, url })), "so has another URL");
  });
});
