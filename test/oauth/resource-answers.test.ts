import assert from "node:assert/strict";
import { test } from "node:test";
import { createChallenges, createResourceMetadata, resourceMetadataUrl } from "../../src/oauth/index.ts";

const resource = "https://mcp.example.com/mcp";
const challenges = createChallenges({ resource, baseline: ["env:read", "org:read"] });

test("a request without a token is asked for one with the baseline scopes, and told no error (RFC 6750 §3.1)", () => {
  assert.equal(
    challenges.missingToken,
    'Bearer resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp", scope="env:read org:read"',
  );
});

test("an invalid token is called that", () => {
  assert.equal(
    challenges.invalidToken,
    'Bearer error="invalid_token", error_description="The access token is not valid here: it may have expired or been revoked, or it was issued for something else.", ' +
      'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp", scope="env:read org:read"',
  );
});

test("a token that is bound to a key is asked for with the scheme DPoP, and a bad proof is told from a bad token (RFC 9449 §7.1)", () => {
  const algs = 'algs="ES256 ES384 ES512 PS256 RS256 EdDSA Ed25519"';
  assert.equal(challenges.invalidBoundToken, `${challenges.invalidToken.replace("Bearer", "DPoP")}, ${algs}`);
  assert.equal(
    challenges.invalidProof,
    'DPoP error="invalid_dpop_proof", error_description="The proof of the key that came with the access token is not valid for this request.", ' +
      `resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp", ${algs}`,
  );
});

test("a missing scope is answered with all scopes of the operation", () => {
  assert.equal(
    challenges.insufficientScope(["org:write", "env:write"], "The tool needs more."),
    'Bearer error="insufficient_scope", scope="org:write env:write", ' +
      'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp", error_description="The tool needs more."',
  );
});

test("a missing scope of a bound token is answered with its own scheme (RFC 9449 §7.1)", () => {
  const bearer = challenges.insufficientScope(["org:write"], "The tool needs more.");
  assert.equal(
    challenges.insufficientScope(["org:write"], "The tool needs more.", "DPoP"),
    `${bearer.replace("Bearer", "DPoP")}, algs="ES256 ES384 ES512 PS256 RS256 EdDSA Ed25519"`,
  );
});

test("without baseline scopes the challenge names none", () => {
  assert.equal(
    createChallenges({ resource: "https://mcp.example.com/", baseline: [] }).missingToken,
    'Bearer resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource"',
  );
});

test("T70: no text can break out of a challenge", () => {
  const challenge = challenges.insufficientScope(["a"], 'x", realm="evil\\\r\nSet-Cookie: a=b\u2028é');
  assert.ok(challenge.endsWith(`error_description="x', realm='evil'''Set-Cookie: a=b''"`));
});

test("the metadata of a resource is found by putting the well-known path before its own (RFC 9728 §3.1)", () => {
  for (const [url, expected] of [
    ["https://a.example/mcp", "https://a.example/.well-known/oauth-protected-resource/mcp"],
    ["https://a.example/t/1/mcp", "https://a.example/.well-known/oauth-protected-resource/t/1/mcp"],
    ["https://a.example", "https://a.example/.well-known/oauth-protected-resource"],
    ["http://127.0.0.1:3000/mcp", "http://127.0.0.1:3000/.well-known/oauth-protected-resource/mcp"],
  ] as const) {
    assert.equal(resourceMetadataUrl(url), expected);
  }
});

test("resource metadata names the resource, its issuer and the whole catalogue, but never offline_access", () => {
  const options = { resource, issuer: "https://mcp.example.com", scopes: ["env:read", "offline_access", "org:write"], name: "Example" };
  assert.deepEqual(JSON.parse(createResourceMetadata(options)), {
    resource,
    authorization_servers: ["https://mcp.example.com"],
    scopes_supported: ["env:read", "org:write"],
    bearer_methods_supported: ["header"],
    dpop_signing_alg_values_supported: ["ES256", "ES384", "ES512", "PS256", "RS256", "EdDSA", "Ed25519"],
    resource_name: "Example",
  });
});
