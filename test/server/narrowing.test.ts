/** `/mcp?environment=ID&readonly=1` takes away from what a token allows, and can add nothing. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test, type TestContext } from "node:test";
import { connectLegacy, legacyClient, readEvents } from "../support/legacy-client.ts";
import { callTool, fetchToken, rpc, startServer, until, type TestServer } from "../support/remit.ts";
import { policySurface, runs } from "../call/support/policy-surface.ts";
import { toldOf } from "../call/support/policy-world.ts";

interface Site {
  readonly server: TestServer;
  readonly clientId: string;
  readonly token: string;
  /** The endpoint with a query. */
  at(query: string): { readonly mcpUrl: string };
  /** The environments that a call sees by an address with this query. */
  seen(query: string): Promise<unknown>;
}

/** Writes to the database of a server, as nobody but its operator could. */
function write({ dataDir }: TestServer, ...statements: readonly string[]): void {
  const db = new DatabaseSync(join(dataDir, "remit.db"));
  try {
    for (const statement of statements) db.exec(statement);
  } finally {
    db.close();
  }
}

/** A server with two environments in its workspace, and one in another. */
async function createSite(t: Pick<TestContext, "after">): Promise<Site> {
  const server = await startServer(t, policySurface);
  const environment = (id: string, workspace: string) =>
    `insert into environment (id, workspace_id, name, slug, kind, created_at, version) values ('${id}', '${workspace}', '${id}', '${id}', 'development', 0, 1)`;
  write(
    server,
    "insert into workspace (id, name, created_at) values ('wks_other', 'Other', 0)",
    environment("env_a", "wks_test"),
    environment("env_b", "wks_test"),
    environment("env_foreign", "wks_other"),
  );
  const made = await server.operator.createAgent({ name: "test", scopes: ["all:write"], workspaceId: "wks_test" });
  if ("problems" in made) throw new Error(made.problems.join("\n"));
  const agent = { clientId: made.clientId, clientSecret: made.clientSecret ?? "" };
  const token = await fetchToken(server.url, agent);
  const at = (query: string) => ({ mcpUrl: `${server.mcpUrl}${query}` });
  return {
    server,
    clientId: agent.clientId,
    token,
    at,
    async seen(query) {
      const { status, body } = await callTool(at(query), token, "environments");
      return status === 200 ? (body.result?.["structuredContent"] as { ids: unknown } | undefined)?.ids : status;
    },
  };
}

describe("the environments of a connection", () => {
  test("are those of the grant and the policy that the address names; what it may not name is as if it were not there", async (t) => {
    const { server, clientId, seen } = await createSite(t);
    assert.deepEqual(await seen(""), ["env_a", "env_b"]);
    assert.deepEqual(await seen("?environment=env_a"), ["env_a"]);
    for (const none of ["env_foreign", "env_unknown", "*", "env_a,env_b", "%00"])
      assert.deepEqual(await seen(`?environment=${none}`), [], none);
    // The operator keeps the agent in one of them.
    await server.operator.setPolicy({ action: "environment", environmentId: "env_b", clientId, workspaceId: "wks_test" });
    assert.deepEqual(await seen(""), ["env_b"]);
    assert.deepEqual(await seen("?environment=env_a"), []);
    assert.deepEqual(await seen("?environment=env_b"), ["env_b"]);
  });

  test("T47: one that the grant does not hold is answered byte by byte as one that never was", async (t) => {
    const { server, token, at, clientId } = await createSite(t);
    write(server, `update access_grant set environments = '["env_a"]' where client_id = '${clientId}'`);
    const other = await fetchAgain(server, token);
    const bodies = new Set<string>();
    for (const id of ["env_b", "env_foreign", "env_unknown"]) {
      const { status, body } = await callTool(at(`?environment=${id}`), other, "environments");
      bodies.add(JSON.stringify([status, body]));
    }
    assert.equal(bodies.size, 1);
    const { body } = await callTool(at("?environment=env_a"), other, "environments");
    assert.deepEqual(body.result?.["structuredContent"], { ids: ["env_a"] });
  });
});

/** The same token once the server has seen what became of its grant. */
async function fetchAgain(server: TestServer, token: string): Promise<string> {
  await until(async () => {
    const { body } = await callTool(server, token, "environments");
    return JSON.stringify(body.result?.["structuredContent"]) === '{"ids":["env_a"]}' ? true : undefined;
  });
  return token;
}

describe("a connection for reading only", () => {
  test("lists and runs what reads, and refuses the rest in words, on record with what narrowed it", async (t) => {
    const { server, token, at } = await createSite(t);
    const { body } = await rpc(at("?readonly=1"), token, { method: "tools/list" });
    const names = ((body.result?.["tools"] ?? []) as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(names.toSorted(), ["environments", "look", "shown", "why"]);
    const before = runs.length;
    for (const name of ["mark", "wipe", "shown"]) {
      const answer = await callTool(at("?readonly=1&environment=env_a"), token, name);
      assert.equal(answer.status, 200);
      assert.match(toldOf(answer).text, /This connection is for reading only \(readonly=1\)/);
    }
    assert.equal(runs.length, before);
    const record = (await server.records()).at(-1) ?? assert.fail();
    assert.deepEqual(
      [record["rule"], record["policy_rule"], record["narrowed"]],
      ["read_only", undefined, { environment: "env_a", read_only: true }],
    );
    assert.equal(toldOf(await callTool(at("?readonly=1"), token, "look")).isError, false);
    assert.equal(toldOf(await callTool(server, token, "mark")).isError, false, "the token itself is not narrowed");
  });

  test("what is listed by one address says nothing of another", async (t) => {
    const { token, at } = await createSite(t);
    const listed = async (query: string) =>
      ((await rpc(at(query), token, { method: "tools/list" })).body.result?.["tools"] as object[] | undefined)?.length;
    assert.deepEqual([await listed(""), await listed("?readonly=1"), await listed("")], [6, 4, 6]);
  });
});

describe("the query", () => {
  const WRONG = [
    "?environment=env_a&environment=env_b",
    "?readonly=1&readonly=1",
    "?readonly=0",
    "?readonly=true",
    "?readonly",
    "?environment=",
    `?environment=${"e".repeat(129)}`,
    "?Environment=env_a",
    "?read_only=1",
    "?sessionId=x",
    "?readonly=1&x=1",
    "?&x",
  ];
  const METHODS = ["POST", "GET", "DELETE"] as const;
  for (const method of METHODS) {
    test(`${method} with a parameter that is unknown, repeated or makes no sense is refused, and says what is taken`, async (t) => {
      const { server, token, at } = await createSite(t);
      const headers = {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      };
      for (const query of WRONG) {
        const response = await fetch(at(query).mcpUrl, { method, headers, ...(method === "POST" ? { body: "{}" } : {}) });
        assert.equal(response.status, 400, query);
        assert.match(await response.text(), /The query takes only environment=ID and readonly=1, each once\./, query);
      }
      const sse = await fetch(`${server.url}/sse?readonly=2`, { headers });
      assert.equal(sse.status, 400);
    });
  }

  test("T13: a token in it is refused as ever, and without a token every query gets the same 401, which names the same resource", async (t) => {
    const { server, token, at } = await createSite(t);
    const body = { method: "POST", headers: { authorization: `Bearer ${token}` }, body: "{}" };
    assert.equal((await fetch(at(`?readonly=1&access_token=${token}`).mcpUrl, body)).status, 400);
    const challenges = new Set<string | null>();
    for (const query of ["", "?readonly=1", "?environment=env_a", "?nonsense=1"]) {
      const response = await fetch(at(query).mcpUrl, { method: "POST", body: "{}" });
      assert.equal(response.status, 401, query);
      challenges.add(response.headers.get("www-authenticate"));
    }
    assert.equal(challenges.size, 1);
    const metadata = (await (await fetch(`${server.url}/.well-known/oauth-protected-resource/mcp?readonly=1`)).json()) as {
      resource: string;
    };
    assert.equal(metadata.resource, server.mcpUrl);
  });
});

describe("T43: a session is no way around it", () => {
  test("one of the whole is not found by a narrowed address, nor one of a narrowed address by another", async (t) => {
    const { token, at } = await createSite(t);
    const version = "2025-11-25";
    const queries = ["", "?readonly=1", "?environment=env_a", "?environment=env_a&readonly=1"];
    for (const query of queries) {
      const { sessionId } = await connectLegacy(at(query).mcpUrl, token);
      for (const other of queries) {
        const client = legacyClient({ mcpUrl: at(other).mcpUrl, token, version }, sessionId);
        const response = await client.post({ jsonrpc: "2.0", id: 1, method: "ping" });
        assert.equal(response.status, other === query ? 200 : 404, `${query} by ${other}`);
        await response.text();
        if (other !== query) assert.equal((await client.get()).status, 404);
        if (other !== query) assert.equal((await client.end()).status, 404);
      }
      // The order of the parameters says nothing.
      if (query === queries[3]) {
        const turned = legacyClient({ mcpUrl: at("?readonly=1&environment=env_a").mcpUrl, token, version }, sessionId);
        assert.equal((await turned.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status, 200);
      }
    }
  });

  test("calls of a session are decided by the address of each request", async (t) => {
    const { token, at } = await createSite(t);
    const client = await connectLegacy(at("?readonly=1").mcpUrl, token);
    const text = await (await client.post({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "mark", arguments: {} } })).text();
    assert.match(text, /for reading only/);
  });

  test("a stream of HTTP+SSE names an address as narrow as its own, and no other one posts to it", async (t) => {
    const { server, token } = await createSite(t);
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const stream = readEvents(await fetch(`${server.url}/sse?readonly=1&environment=env_a`, { headers }));
    const path = (await stream.next())?.data ?? "";
    assert.match(path, /^\/messages\?sessionId=sse_\w+&environment=env_a&readonly=1$/);
    const post = (to: string, name: string) =>
      fetch(new URL(to, server.url), {
        method: "POST",
        headers,
        body: JSON.stringify({ jsonrpc: "2.0", id: name, method: "tools/call", params: { name, arguments: {} } }),
      });
    assert.equal((await post(path.replace("&readonly=1", ""), "mark")).status, 404);
    assert.equal((await post(`${path}&readonly=1`, "mark")).status, 400);
    assert.equal((await post(path, "environments")).status, 202);
    assert.match((await stream.next())?.data ?? "", /"ids":\["env_a"\]/);
    assert.equal((await post(path, "mark")).status, 202);
    assert.match((await stream.next())?.data ?? "", /for reading only/);
    await stream.cut();
  });
});
