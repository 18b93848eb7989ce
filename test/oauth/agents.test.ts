import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { sql } from "kysely";
import type { NewAgent } from "../../src/oauth/index.ts";
import { assertionForm, keyAgent } from "../support/assertions.ts";
import { basic, outcome, startIssuer, WORKSPACE, type TestIssuer } from "../support/issuer.ts";

const AGENT: NewAgent = { name: "Reporter", workspaceId: WORKSPACE, scopes: ["org:read"] };

describe("agents", () => {
  test("an agent is made with a secret that is shown once and kept as a keyed hash", async (t) => {
    const as = await startIssuer(t);
    const made = await as.issuer.createAgent({ ...AGENT, scopes: ["org:write", "env:read", "org:write"] });
    assert.ok("clientId" in made);
    assert.match(made.clientId, /^cl_[0-9a-z]{26}$/);
    assert.match(made.clientSecret ?? "", /^[A-Za-z0-9_-]{43}$/);
    assert.equal(made.scope, "env:read org:write");
    const row = await as.store.clients.find(made.clientId);
    assert.match(row?.secret_hash ?? "", /^[0-9a-f]{64}$/);
    assert.deepEqual([row?.auth_method, row?.jwks, row?.scopes, row?.disabled_at], ["client_secret", null, "env:read org:write", null]);
    assert.deepEqual(await as.store.grants.find(row?.grant_id ?? ""), {
      id: row?.grant_id,
      kind: "standing",
      workspace_id: WORKSPACE,
      client_id: made.clientId,
      subject: made.clientId,
      scopes: "env:read org:write",
      parent_id: null,
      redirect_host: null,
      environments: null,
      surface: null,
      created_at: row?.created_at,
      expires_at: null,
      revoked_at: null,
    });
    assert.deepEqual(as.events, [
      {
        event: "agent_created",
        clientId: made.clientId,
        workspaceId: WORKSPACE,
        grantId: row?.grant_id,
        name: "Reporter",
        scope: "env:read org:write",
        authMethod: "client_secret",
      },
    ]);
  });

  test("an agent with a key gets no secret", async (t) => {
    const as = await startIssuer(t);
    const jwks = { keys: [generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" })] };
    const made = await as.issuer.createAgent({ ...AGENT, jwks });
    assert.ok("clientId" in made && !("clientSecret" in made));
    const row = await as.store.clients.find(made.clientId);
    assert.deepEqual([row?.auth_method, row?.secret_hash], ["private_key_jwt", null]);
  });

  const refused: [string, Partial<NewAgent>, RegExp][] = [
    ["an empty name", { name: " " }, /^name: use 1 to 80/],
    ["a long name", { name: "x".repeat(81) }, /^name/],
    ["a name with a line end", { name: "a\nb" }, /^name/],
    ["a name that shows reversed", { name: "a\u202Eb" }, /^name/],
    ["no scopes", { scopes: [] }, /name at least one scope/],
    ["a misspelt scope", { scopes: ["org:raed"] }, /no scope "org:raed"; did you mean org:read\?/],
    ["a scope of somebody else", { scopes: ["offline_access"] }, /use some of env:read, env:write/],
    ["a workspace that does not exist", { workspaceId: "wks_none" }, /^workspace: there is none/],
    ["a weak key", { jwks: { keys: [{ kty: "oct", k: "AA" }] } }, /^key 1: send no shared secret/],
    ["everything wrong at once", { name: "", scopes: [], workspaceId: "x", jwks: 1 }, /name.*scopes.*JWK Set.*workspace/],
  ];
  for (const [title, change, expected] of refused) {
    test(`no agent is made from ${title}, and nothing is recorded`, async (t) => {
      const as = await startIssuer(t);
      const made = await as.issuer.createAgent({ ...AGENT, ...change });
      assert.ok("problems" in made);
      assert.match(made.problems.join("; "), expected);
      assert.deepEqual([as.events.length, (await as.store.clients.list()).length], [0, 0]);
    });
  }
});

/** Everything that is written: rows, log lines, events, refusals. */
async function everythingWritten(as: TestIssuer): Promise<string> {
  const rows = await Promise.all(
    (["client", "access_grant", "signing_key", "oidc_payload", "revocation"] as const).map((table) =>
      as.store.db.selectFrom(table).selectAll().execute(),
    ),
  );
  return JSON.stringify([rows, as.logLines, as.events, as.refusals]);
}

test("T71: no secret, assertion or token is in any row, log line, event or error answer", async (t) => {
  const as = await startIssuer(t);
  const agent = await as.agent("org:read");
  const key = await keyAgent(as);
  const assertion = await key.assert();
  const token = await as.token(agent);
  const wrong = `wrong-${randomUUID()}`;
  const answers = [
    await as.post(assertionForm(assertion)),
    await as.post(assertionForm(assertion)),
    await as.post({ grant_type: "client_credentials" }, basic({ ...agent, clientSecret: wrong })),
    await as.post({ grant_type: wrong, client_id: agent.clientId, client_secret: agent.clientSecret }),
    await as.post({
      grant_type: "client_credentials",
      client_id: agent.clientId,
      client_secret: agent.clientSecret,
      scope: wrong,
      resource: wrong,
    }),
  ];
  await outcome(as.verifier.verify(token));
  await as.verifier.revoke("token", "some-token-id");
  const errors = answers.filter(({ status }) => status >= 400).map(({ text }) => text);
  assert.equal(errors.length, 4);
  const written = (await everythingWritten(as)) + errors.join();
  assert.ok(written.includes(agent.clientId), "the search would find what is there");
  for (const secret of [
    agent.clientSecret,
    basic(agent).authorization?.slice(6) ?? "",
    wrong,
    assertion,
    token,
    ...answers.map(({ json }) => json.access_token),
  ]) {
    if (typeof secret === "string") assert.ok(!written.includes(secret), secret);
  }
});

test("T71: no secret or token is in the files of the store", async (t) => {
  const as = await startIssuer(t);
  const agent = await as.agent("org:read");
  const token = await as.token(agent);
  const { rows } = await sql<{ file: string }>`select file from pragma_database_list where name = 'main'`.execute(as.store.db);
  const folder = rows[0]?.file.replace(/[^/]*$/, "") ?? "";
  const files = await readdir(folder);
  let found = false;
  for (const name of files) {
    const text = await readFile(folder + name, "latin1").catch(() => "");
    found ||= text.includes(agent.clientId);
    assert.ok(!text.includes(agent.clientSecret) && !text.includes(token), name);
  }
  assert.ok(found, "the search would find what is there");
});

test("loading the engine and issuing a token prints nothing", async () => {
  const program = `
    import { startIssuer } from "./test/support/issuer.ts";
    const cleanups = [];
    const as = await startIssuer({ after: (fn) => cleanups.push(fn) });
    const agent = await as.agent("org:read");
    await as.token(agent);
    await as.post({ grant_type: "nothing" });
    for (const cleanup of cleanups) await cleanup();
    process.exitCode = 7;
  `;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: new URL("../..", import.meta.url).pathname,
  });
  const { code, stdout, stderr } = (await run.catch((error: unknown) => error)) as { code: number; stdout: string; stderr: string };
  assert.deepEqual({ code, stdout, stderr }, { code: 7, stdout: "", stderr: "" });
});
