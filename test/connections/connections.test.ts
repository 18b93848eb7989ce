import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, test } from "node:test";
import { openConnections, type Connections, type Signal } from "../../src/audit/index.ts";
import { diagnose } from "../../src/audit/connections/diagnose.ts";
import { PROBLEMS } from "../../src/audit/connections/problems.ts";
import { QUIRKS } from "../../src/audit/connections/quirks.ts";
import { tokenProblem } from "../../src/oauth/issuer/handshake/token-problem.ts";
import { openStore, type Store } from "../../src/store/index.ts";
import { ENGINES, type Place } from "../store/support/engines.ts";
import { startServer, until } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";

const MINUTE_MS = 60_000;
const log = { error: (given: unknown) => assert.fail(JSON.stringify(given)) };

for (const engine of ENGINES) {
  describe(`timelines on ${engine.name}`, () => {
    let place: Place;
    let store: Store;
    const clock = { at: Date.UTC(2026, 0, 1) };
    before(async () => {
      place = await engine.createPlace();
      store = await openStore(place.options);
      await store.migrate([]);
    });
    after(async () => {
      await store.close();
      await place.remove();
    });

    function open(): Connections {
      const now = () => clock.at;
      return openConnections({
        store: store.connections,
        ledger: { follow: () => undefined },
        log,
        now,
        url: "https://mcp.example.com",
        key: Buffer.alloc(32, 1),
      });
    }

    const signal = (address: string, more: Partial<Signal> = {}): Signal => ({
      step: "challenge",
      outcome: "passed",
      source: { address, userAgent: "client/1" },
      ...more,
    });

    test("a timeline is kept across a restart, and its link still opens it", async () => {
      const first = open();
      const link = first.tell(
        signal("192.0.2.1", { step: "authorize", outcome: "failed", problem: "client_unknown", facts: { given: "cl_1" } }),
      );
      await first.close();
      const second = open();
      const view = (await second.list(10))[0] ?? assert.fail();
      assert.equal(view.link, link);
      assert.deepEqual(await second.findByToken(view.link.split("/").at(-1) ?? ""), view);
      assert.equal(await second.findByToken(`${view.id}.${"A".repeat(22)}`), undefined);
      await second.close();
    });

    test("T63: a flood from one network begins few attempts, and what is kept is bounded in rows, steps and days", async () => {
      const connections = open();
      for (let i = 0; i < 500; i++)
        connections.tell(signal("198.51.100.7", { source: { address: "198.51.100.7", userAgent: `agent-${i}` } }));
      assert.ok((await connections.list(500)).filter(({ network }) => network === "198.51.100.0/24").length <= 60);
      for (let i = 0; i < 200; i++) {
        const step = i % 2 === 0 ? "authorize" : "sign_in";
        connections.tell(signal("203.0.113.9", { step, traces: ["interaction:one"], outcome: "waiting" }));
      }
      const many = (await connections.list(500)).find(({ network }) => network === "203.0.113.0/24") ?? assert.fail();
      assert.equal(many.steps.length, 40);
      for (let i = 0; i < 50; i++) connections.tell(signal("203.0.113.200", { source: { address: "203.0.113.200", userAgent: "again" } }));
      const again = (await connections.list(500)).find(({ user_agent }) => user_agent === "again") ?? assert.fail();
      assert.deepEqual(
        again.steps.map(({ step, times }) => [step, times]),
        [["challenge", 50]],
      );
      clock.at += 15 * 24 * 60 * MINUTE_MS;
      await connections.close();
      const later = open();
      assert.deepEqual(await later.list(500), []);
      await later.close();
    });

    test("T71: what comes from outside is cut, without hidden characters, and without what looks like a token", async () => {
      const connections = open();
      const token = `eyJhbGciOiJFUzI1NiJ9.${"a".repeat(40)}.${"b".repeat(40)}`;
      connections.tell(
        signal("192.0.2.77", {
          source: { address: "192.0.2.77", userAgent: `evil\u001b[2J\u202e ${"x".repeat(500)}` },
          client: { id: "cl_77", name: `Bearer abcdefghijklmnop ${token}` },
          facts: { detail: `${token} ${"y".repeat(500)}` },
          outcome: "failed",
          problem: "request_refused",
        }),
      );
      const view = (await connections.list(1))[0] ?? assert.fail();
      const text = JSON.stringify(view);
      assert.ok(!text.includes("eyJ") && !text.includes("abcdefghijklmnop") && !/\\u001b|\u202e/.test(text), text);
      assert.ok(view.user_agent.length <= 100 && view.finding.says.length < 400);
      await connections.close();
    });

    test("people in one network with programs of their own have timelines of their own", async () => {
      const connections = open();
      const at = (userAgent: string, more: Partial<Signal>) =>
        signal("192.0.2.50", { source: { address: "192.0.2.50", userAgent }, ...more });
      for (const who of ["one", "two"]) connections.tell(at(who, {}));
      for (const who of ["one", "two"]) connections.tell(at(who, { step: "registration", client: { id: `cl_${who}`, name: who } }));
      for (const who of ["two", "one"])
        connections.tell(at("Browser", { step: "authorize", client: { id: `cl_${who}` }, traces: [`interaction:${who}`] }));
      connections.tell(at("Browser", { step: "consent", traces: ["interaction:two", "code:two"] }));
      connections.tell(at("two", { step: "token", client: { id: "cl_two" }, traces: ["code:two"] }));
      connections.tell(at("two", { step: "first_request", client: { id: "cl_two" }, isRoutine: true }));
      const views = (await connections.list(50)).filter(({ network }) => network === "192.0.2.0/24");
      const of = (name: string) =>
        views.filter(({ client }) => client === name).map(({ steps }) => steps.map(({ step }) => step).join(" "));
      assert.deepEqual(of("one"), ["challenge registration authorize"]);
      assert.deepEqual(of("two"), ["challenge registration authorize consent token first_request"]);
      await connections.close();
    });
  });
}

describe("what is said", () => {
  const at = 1_000_000_000;
  const step = (name: Signal["step"], more: object = {}) =>
    ({ step: name, outcome: "passed", at, last_at: at, times: 1, ...more }) as const;

  test("where nothing more came is told once there was time enough, and a failure that was made good is none", () => {
    const left = (name: Signal["step"], afterMs: number) =>
      diagnose({ steps: [step(name)], client: {}, userAgent: "" }, { expected: "x" }, at + afterMs).problem;
    assert.deepEqual([left("challenge", 30_000), left("challenge", 61_000)], [null, "challenge_left"]);
    assert.deepEqual([left("consent", 61_000), left("consent", 1_801_000)], [null, "consent_left"]);
    assert.equal(left("first_request", 10 ** 9), null);
    const failed = step("token", { outcome: "failed", problem: "verifier_wrong" });
    const good = diagnose({ steps: [failed, step("token"), step("first_request")], client: {}, userAgent: "" }, {}, at);
    assert.equal(good.state, "connected");
    const earlier = diagnose({ steps: [failed, step("metadata")], client: {}, userAgent: "" }, {}, at);
    assert.deepEqual([earlier.state, earlier.problem], ["stopped", "verifier_wrong"]);
  });

  test("a habit of the client that is known to cause it is named with its source", () => {
    const facts = { given: "https://claude.com/x", expected: "https://claude.ai/x" };
    const failed = step("authorize", { outcome: "failed", problem: "redirect_wrong", facts });
    const claude = { id: "https://claude.ai/oauth/mcp-oauth-client-metadata" };
    assert.equal(diagnose({ steps: [failed], client: claude, userAgent: "" }, {}, at).quirk?.id, "claude_two_callbacks");
    assert.equal(diagnose({ steps: [failed], client: { name: "mine" }, userAgent: "" }, {}, at).quirk, null);
    const slash = step("authorize", { outcome: "failed", problem: "redirect_wrong", facts: { ...facts, differs: "slash" } });
    assert.equal(diagnose({ steps: [slash], client: { name: "mine" }, userAgent: "" }, {}, at).quirk?.id, "slash_at_end");
    for (const { problems, source } of QUIRKS) {
      assert.ok(problems.every((problem) => problem in PROBLEMS) && URL.canParse(source));
    }
  });

  test("a code that came too late, and one of another client, are told apart", () => {
    const form = new URLSearchParams({
      grant_type: "authorization_code",
      code: "x",
      redirect_uri: "http://127.0.0.1/cb",
      code_verifier: "v",
    });
    const code = { clientId: "cl_a", redirectUri: "http://127.0.0.1/cb", challenge: "c", at, isUsed: false };
    const refused = {
      error: "invalid_grant",
      description: "",
      isKnown: true,
      challenge: "c",
      resource: "r",
      codeSeconds: 60,
      code,
      clientId: "cl_a",
      now: at + 90_000,
    };
    assert.deepEqual(tokenProblem(form, refused), { problem: "code_expired", facts: { late: "90 s", life: "60 s" } });
    assert.equal(tokenProblem(form, { ...refused, now: at, clientId: "cl_b" })?.problem, "code_client");
    assert.equal(tokenProblem(form, { ...refused, error: "authorization_pending" }), undefined);
  });
});

test("a client that reaches the server by another name, or may not register, is told so", async (t) => {
  const server = await startServer(t, createSurface(), { REMIT_REGISTRATION: "off" });
  const { port } = new URL(server.url);
  const status = await new Promise<number | undefined>((done, fail) => {
    const sent = request(
      { port, host: "127.0.0.1", path: "/mcp", method: "POST", headers: { host: "mcp.internal:8080", "user-agent": "one" } },
      (res) => {
        res.resume();
        done(res.statusCode);
      },
    );
    sent.on("error", fail);
    sent.end();
  });
  assert.equal(status, 403);
  const headers = { "content-type": "application/json", "user-agent": "two" };
  const body = JSON.stringify({ client_name: "two", redirect_uris: ["https://two.example.com/cb"] });
  assert.equal((await fetch(`${server.url}/register`, { method: "POST", headers, body })).status, 403);
  const views = await until(async () => {
    const all = await server.operator.listConnections(10);
    return all.length === 2 ? all : undefined;
  });
  const said = Object.fromEntries(views.map(({ user_agent, finding }) => [user_agent, finding.problem]));
  assert.deepEqual(said, { one: "host_wrong", two: "registration_off" });
  assert.match(
    views.find(({ user_agent }) => user_agent === "one")?.finding.says ?? "",
    /as mcp\.internal:8080, which is not one of its names/,
  );
});
