import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { inject } from "light-my-request";
import { OAuthMetadataSchema } from "@modelcontextprotocol/sdk/shared/auth.js";
import { basic, decode, startIssuer, type Secret, type TestIssuer } from "../support/issuer.ts";

const GRANT = { grant_type: "client_credentials" };

describe("the token endpoint", () => {
  let as: TestIssuer;
  let agent: Secret;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    as = await startIssuer({ after: (fn) => void cleanups.push(fn as () => unknown) });
    agent = await as.agent("org:write env:read");
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  const inBody = (more: Record<string, string> = {}): Record<string, string> => ({
    ...GRANT,
    client_id: agent.clientId,
    client_secret: agent.clientSecret,
    ...more,
  });

  test("client_secret_basic and client_secret_post give a Bearer token that is not cached and says its scope", async () => {
    for (const answer of [await as.post(GRANT, basic(agent)), await as.post(inBody())]) {
      assert.equal(answer.status, 200, answer.text);
      const { access_token, ...rest } = answer.json;
      assert.equal(typeof access_token, "string");
      assert.deepEqual(rest, { token_type: "Bearer", expires_in: 900, scope: "env:read org:write" });
      assert.equal(answer.headers.get("cache-control"), "no-store");
    }
  });

  test("both parts of Basic credentials are form-decoded before they are compared (A23)", async () => {
    const encoded = {
      clientId: agent.clientId.replace("_", "%5F"),
      clientSecret: agent.clientSecret.replace(/./g, (c) => `%${c.charCodeAt(0).toString(16)}`),
    };
    const authorization = `basic ${Buffer.from(`${encoded.clientId}:${encoded.clientSecret}`).toString("base64")}`;
    assert.equal((await as.post(GRANT, { authorization })).status, 200);
  });

  test("a token is an at+jwt with exactly the claims of RFC 9068 and its grant", async () => {
    const before = Math.floor(as.now() / 1000);
    const { header, claims } = decode(await as.token(agent, { scope: "org:read" }));
    const row = await as.store.clients.find(agent.clientId);
    const active = (await as.store.signingKeys.list()).find((key) => key.state === "active");
    assert.deepEqual(header, { alg: "ES256", typ: "at+jwt", kid: active?.kid });
    const { jti, iat, exp, ...rest } = claims;
    assert.deepEqual(rest, {
      iss: as.origin,
      aud: as.resource,
      sub: agent.clientId,
      client_id: agent.clientId,
      scope: "org:read",
      gid: row?.grant_id,
    });
    assert.equal(typeof jti, "string");
    assert.ok(typeof iat === "number" && iat >= before && iat <= before + 5);
    assert.equal(exp, iat + 900);
  });

  test("each token is on record before it is given out, by its id and never by itself", async () => {
    const token = await as.token(agent, { scope: "env:read" });
    const { claims } = decode(token);
    const event = as.events.findLast(({ event }) => event === "token_issued");
    const row = await as.store.clients.find(agent.clientId);
    assert.deepEqual(event, {
      event: "token_issued",
      clientId: agent.clientId,
      workspaceId: "wks_test",
      grantId: row?.grant_id,
      tokenId: claims.jti,
      scope: "env:read",
      expiresAt: Number(claims.exp) * 1000,
    });
  });

  const scopes: [string, Record<string, string>, string | undefined][] = [
    ["none requested: the whole policy", {}, "env:read org:write"],
    ["an empty list counts as none", { scope: "  " }, "env:read org:write"],
    ["one of the policy", { scope: "env:read" }, "env:read"],
    ["one that the policy includes", { scope: "org:read" }, "org:read"],
    ["spaces around and between do no harm", { scope: " org:read   env:read " }, "env:read org:read"],
    ["what is beyond the policy is left out", { scope: "org:write env:write" }, "org:write"],
    ["unknown ones are left out", { scope: "org:read nothing:here" }, "org:read"],
    ["only beyond the policy", { scope: "env:write" }, undefined],
    ["only unknown", { scope: "admin offline_access" }, undefined],
    ["not a list of scopes", { scope: 'org:read "' }, undefined],
  ];
  for (const [title, form, expected] of scopes) {
    test(`T15: scope, ${title}`, async () => {
      const { status, json } = await as.post(inBody(form));
      if (expected === undefined) assert.deepEqual([status, json.error, "access_token" in json], [400, "invalid_scope", false]);
      else assert.deepEqual([status, json.scope, decode(String(json.access_token)).claims.scope], [200, expected, expected]);
    });
  }

  test("T01: every alias of the resource gives the one audience; everything else is invalid_target", async () => {
    for (const resource of [as.resource, `${as.resource}/`, as.origin, `${as.origin}/`]) {
      assert.equal(decode(await as.token(agent, { resource })).claims.aud, as.resource, resource);
    }
    for (const resource of [
      `${as.resource}-evil`,
      `${as.resource}/x`,
      `${as.resource}?a`,
      as.resource.toUpperCase(),
      "https://other.example/mcp",
      "mcp",
      agent.clientId,
    ]) {
      const { status, json } = await as.post(inBody({ resource }));
      assert.deepEqual([status, json.error], [400, "invalid_target"], resource);
    }
    const two = new URLSearchParams(inBody({ resource: as.resource }));
    two.append("resource", `${as.resource}/`);
    assert.deepEqual((await as.post(two.toString())).json.error, "invalid_request", "a parameter sent twice (RFC 6749 §3.2)");
  });

  const refused: [
    string,
    () => Promise<{ form: Record<string, string> | string; headers?: Record<string, string>; path?: string }>,
    number,
    string,
  ][] = [
    ["a wrong secret", async () => ({ form: inBody({ client_secret: "wrong" }) }), 401, "invalid_client"],
    ["an unknown client", async () => ({ form: inBody({ client_id: "cl_unknown" }) }), 401, "invalid_client"],
    [
      "an unknown client with a strange id",
      async () => ({ form: inBody({ client_id: "https://evil.example/\u0000" }) }),
      401,
      "invalid_client",
    ],
    ["the stand-in for unknown clients", async () => ({ form: inBody({ client_id: "cl_none" }) }), 401, "invalid_client"],
    ["a client id alone", async () => ({ form: { ...GRANT, client_id: agent.clientId } }), 401, "invalid_client"],
    ["no credentials", async () => ({ form: GRANT }), 401, "invalid_client"],
    [
      "the stored hash as the secret",
      async () => ({ form: inBody({ client_secret: (await as.store.clients.find(agent.clientId))?.secret_hash ?? "" }) }),
      401,
      "invalid_client",
    ],
    ["T30: two methods at once", async () => ({ form: inBody(), headers: basic(agent) }), 400, "invalid_request"],
    [
      "T30: credentials of two clients",
      async () => ({ form: { ...GRANT, client_id: "cl_other" }, headers: basic(agent) }),
      400,
      "invalid_request",
    ],
    [
      "T30: a secret in the query",
      async () => ({ form: GRANT, path: `/token?client_id=${agent.clientId}&client_secret=${agent.clientSecret}` }),
      400,
      "invalid_request",
    ],
    [
      "T30: a client secret given twice",
      async () => ({ form: `${new URLSearchParams(inBody())}&client_secret=x` }),
      400,
      "invalid_request",
    ],
    ["a Bearer token as credentials", async () => ({ form: GRANT, headers: { authorization: "Bearer abc" } }), 400, "invalid_request"],
    ["no grant type", async () => ({ form: { client_id: agent.clientId, client_secret: agent.clientSecret } }), 400, "invalid_request"],
    [
      "T29: the password grant",
      async () => ({ form: inBody({ grant_type: "password", username: "a", password: "b" }) }),
      400,
      "unsupported_grant_type",
    ],
    [
      "T29: a grant that the client did not register",
      async () => ({ form: inBody({ grant_type: "authorization_code", code: "x" }) }),
      400,
      "invalid_request",
    ],
    [
      "T29: a refresh token that nobody issued",
      async () => ({ form: inBody({ grant_type: "refresh_token", refresh_token: "x" }) }),
      400,
      "invalid_grant",
    ],
    [
      "T29: a grant that only other endpoints use inside",
      async () => ({ form: inBody({ grant_type: "urn:remit:introspection", token: "x" }) }),
      400,
      "unsupported_grant_type",
    ],
    ["JSON", async () => ({ form: JSON.stringify(inBody()), headers: { "content-type": "application/json" } }), 415, "invalid_request"],
    [
      "another charset",
      async () => ({ form: inBody(), headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-16" } }),
      415,
      "invalid_request",
    ],
    ["an encoded body", async () => ({ form: inBody(), headers: { "content-encoding": "gzip" } }), 415, "invalid_request"],
    ["33 KiB", async () => ({ form: inBody({ padding: "x".repeat(33 * 1024) }) }), 413, "invalid_request"],
  ];
  for (const [title, request, status, error] of refused) {
    test(`refused with ${status} ${error}: ${title}`, async () => {
      const { form, headers, path } = await request();
      const counted = as.refusals.length;
      const answer = await as.post(form, headers, path);
      assert.deepEqual([answer.status, answer.json.error], [status, error], answer.text);
      assert.deepEqual(Object.keys(answer.json), ["error", "error_description"]);
      assert.equal(answer.headers.get("cache-control"), "no-store");
      assert.equal(as.refusals.length, counted + 1);
      assert.equal(as.refusals.at(-1)?.error, error);
    });
  }

  test("an unknown client and a wrong secret get the same answer, byte for byte", async () => {
    const unknown = await as.post(inBody({ client_id: "cl_00000000000000000000000000" }));
    const wrong = await as.post(inBody({ client_secret: "wrong" }));
    assert.equal(unknown.text, wrong.text);
    assert.equal(as.refusals.at(-2)?.clientId, undefined);
    assert.equal(as.refusals.at(-1)?.clientId, agent.clientId);
  });

  test("a 401 for credentials in the header names the scheme that was used (RFC 6749 §5.2)", async () => {
    const { headers } = await as.post(GRANT, basic({ ...agent, clientSecret: "wrong" }));
    assert.match(headers.get("www-authenticate") ?? "", /^Basic realm="/);
  });

  test("a body without a length is cut off at the limit too", async () => {
    const body = new Blob(["a=".padEnd(40_000, "b")]).stream();
    const init = { method: "POST", body, duplex: "half" as const, headers: { "content-type": "application/x-www-form-urlencoded" } };
    assert.equal((await fetch(`${as.origin}/token`, init)).status, 413);
  });

  test("two Authorization headers are refused, though Node shows only the first", async () => {
    const headers = [
      ["Host", "x"],
      ["Content-Type", "application/x-www-form-urlencoded"],
      ["Authorization", basic(agent).authorization],
      ["authorization", "Basic YTpi"],
    ];
    const text = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const socket = connect(Number(new URL(as.origin).port), "127.0.0.1");
    socket.write(`POST /token HTTP/1.1\r\n${text}Connection: close\r\nContent-Length: 29\r\n\r\ngrant_type=client_credentials`);
    let answer = "";
    for await (const chunk of socket) answer += String(chunk);
    assert.match(answer, /^HTTP\/1\.1 400 [^]*"error":"invalid_request","error_description":"send one Authorization header"/);
  });

  test("a request that came without a socket is answered too", async () => {
    const answer = await inject((req, res) => void as.issuer.handle(req, res), {
      method: "POST",
      url: "/token",
      headers: { "content-type": "application/x-www-form-urlencoded", ...basic(agent) },
      payload: "grant_type=client_credentials",
    });
    assert.equal(answer.statusCode, 200, answer.payload);
  });

  test("the engine's other endpoints are not there, whatever the method", async () => {
    const paths = [
      "/reg",
      "/token/introspection",
      "/token/revocation",
      "/auth",
      "/request",
      "/device/auth",
      "/session/end",
      "/me",
      "/jwks",
      "/.well-known/openid-configuration",
      "/.well-known/oauth-authorization-server",
      "//token",
      "/token/",
    ];
    for (const path of paths) {
      for (const method of ["GET", "POST", "PUT", "DELETE"]) {
        const response = await fetch(as.origin + path, { method });
        assert.deepEqual(
          [response.status, await response.json()],
          [404, { error: "not_found", error_description: "there is nothing at this path" }],
          `${method} ${path}`,
        );
      }
    }
    const get = await fetch(`${as.origin}/token`);
    assert.deepEqual([get.status, get.headers.get("allow")], [405, "POST"]);
  });

  test("a narrowed policy acts on the next token, and a disabled client gets none", async () => {
    const other = await as.agent("org:write env:write");
    assert.equal(decode(await as.token(other)).claims.scope, "env:write org:write");
    await as.store.db.updateTable("client").set({ scopes: "env:read" }).where("id", "=", other.clientId).execute();
    assert.equal(decode(await as.token(other)).claims.scope, "env:read");
    await as.store.clients.disable(other.clientId, as.now());
    const { status, json } = await as.post(GRANT, basic(other));
    assert.deepEqual([status, json.error], [401, "invalid_client"]);
  });

  test("a revoked grant gives no more tokens", async () => {
    const other = await as.agent("org:read");
    const row = await as.store.clients.find(other.clientId);
    await as.store.grants.revoke(row?.grant_id ?? "", as.now());
    const { status, json } = await as.post(GRANT, basic(other));
    assert.deepEqual([status, json.error], [400, "unauthorized_client"]);
  });

  test("the metadata names what works, in the order of the catalogue, and is accepted by the MCP SDK", () => {
    const metadata = JSON.parse(as.issuer.metadata) as Record<string, unknown>;
    const methods = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];
    const algs = ["ES256", "ES384", "ES512", "Ed25519", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"];
    assert.deepEqual(metadata, {
      issuer: as.origin,
      authorization_endpoint: `${as.origin}/authorize`,
      token_endpoint: `${as.origin}/token`,
      registration_endpoint: `${as.origin}/register`,
      jwks_uri: `${as.origin}/jwks`,
      revocation_endpoint: `${as.origin}/revoke`,
      introspection_endpoint: `${as.origin}/introspect`,
      pushed_authorization_request_endpoint: `${as.origin}/par`,
      device_authorization_endpoint: `${as.origin}/device_authorization`,
      scopes_supported: ["env:read", "env:write", "org:read", "org:write"],
      response_types_supported: ["code"],
      response_modes_supported: ["query"],
      grant_types_supported: [
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
      ],
      token_endpoint_auth_methods_supported: methods,
      token_endpoint_auth_signing_alg_values_supported: algs,
      revocation_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_signing_alg_values_supported: algs,
      introspection_endpoint_auth_methods_supported: methods,
      introspection_endpoint_auth_signing_alg_values_supported: algs,
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
      dpop_signing_alg_values_supported: metadata["dpop_signing_alg_values_supported"],
    });
    assert.ok(Array.isArray(metadata["dpop_signing_alg_values_supported"]));
    assert.equal(OAuthMetadataSchema.parse(metadata).issuer, as.origin);
  });

  test("the authorization endpoint refuses an unknown client without redirecting anywhere", async () => {
    const response = await fetch(`${as.origin}/authorize?response_type=code&redirect_uri=https://evil.example/`, { redirect: "manual" });
    assert.equal(response.status, 400);
    assert.equal(response.headers.get("location"), null);
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
  });
});

describe("when the ledger does not take the record", () => {
  test("no token is given out and no agent made", async (t) => {
    let isFull = false;
    const as = await startIssuer(t, {
      onEvent: () => (isFull ? Promise.reject(new Error("disk full at /secret/path")) : Promise.resolve()),
    });
    const agent = await as.agent("org:read");
    isFull = true;
    const { status, json, text } = await as.post(GRANT, basic(agent));
    assert.deepEqual([status, json.error], [503, "temporarily_unavailable"]);
    assert.doesNotMatch(text, /access_token|disk|path/);
    await assert.rejects(as.agent("org:read"), /disk full/);
    assert.equal((await as.store.clients.list()).length, 1);
  });

  test("a fault inside is answered with an id that the log has, and nothing else about it", async (t) => {
    const as = await startIssuer(t);
    const agent = await as.agent("org:read");
    await as.post(GRANT, basic(agent));
    await as.store.close();
    const { status, json, text } = await as.post(GRANT, basic(agent));
    assert.deepEqual([status, json.error], [500, "server_error"]);
    const id = /flt_[0-9a-z]{26}/.exec(text)?.[0] ?? "none";
    assert.ok(as.logLines.some((line) => line.includes(id)));
    assert.doesNotMatch(text, /database|sqlite|closed|at /i);
  });
});
