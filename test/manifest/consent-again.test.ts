import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createSurfaceWatch, type SurfaceWatch } from "../../src/oauth/index.ts";
import { openSurfaces } from "../../src/server/open-surfaces.ts";
import { createLog } from "../../src/lib/log.ts";
import { createRegistry, type Tool } from "../../src/tool/index.ts";
import { askPerson, connect, redeem, refresh, register, tokensOf } from "../support/connection.ts";
import { SCOPES, startIssuer, WORKSPACE, type Person, type TestIssuer } from "../support/issuer.ts";
import { tool } from "./tools.ts";

const ALL = { more: { scope: "env:write org:read" }, consent: { scopes: ["env:write", "org:read"] } };
const readOrgs = tool("list_orgs", { scopes: ["org:read"], title: "List organizations" });
const setEnv = (more: Partial<Tool> = {}) => tool("set_env", { scopes: ["env:write"], title: "Set environment", effect: "write", ...more });
const registryOf = (...tools: readonly Tool[]) => createRegistry({ scopes: SCOPES.declarations, tools });

const FIRST = registryOf(readOrgs, setEnv());
const STRONGER = registryOf(readOrgs, setEnv({ effect: "destructive" }));
const REWORDED = registryOf(readOrgs, setEnv({ title: "Change environment" }));

describe("grants and tools that change", () => {
  let it: TestIssuer;
  let owner: Person;
  let watch: SurfaceWatch;
  let records: Record<string, unknown>[] = [];
  const closing: (() => unknown)[] = [];

  /** The server starts again with these tools. */
  async function startWith(registry: typeof FIRST): Promise<void> {
    records = [];
    watch = await openSurfaces({
      store: it.store,
      registry,
      now: it.now,
      log: createLog("silent"),
      record: async (event) => void records.push(event),
    });
    it.advance(1000);
  }

  before(async () => {
    const surfaces: SurfaceWatch = {
      get sha256() {
        return watch.sha256;
      },
      widened: (since, scopes) => watch.widened(since, scopes),
    };
    it = await startIssuer({ after: (close) => void closing.push(close as () => unknown) }, { surfaces });
    owner = await it.person("owner");
  });
  after(async () => {
    for (const close of closing.toReversed()) await close();
  });

  test("a grant keeps the tools under which it was given, on record too", async () => {
    await startWith(FIRST);
    assert.deepEqual(records, []);
    const { clientId } = await connect(it, owner, ALL);
    const grant = await it.store.db.selectFrom("access_grant").selectAll().where("client_id", "=", clientId).executeTakeFirstOrThrow();
    assert.equal(grant.surface, watch.sha256);
    const given = it.events.findLast(({ event }) => event === "consent_given");
    assert.equal((given as { surface?: string } | undefined)?.surface, watch.sha256);
  });

  test("T49: after a widening a refresh is refused, the person is asked again and sees why, and then it goes on", async () => {
    await startWith(FIRST);
    const tokens = await connect(it, owner, ALL);
    await startWith(STRONGER);
    const refused = await refresh(it, tokens);
    assert.deepEqual([refused.status, refused.json["error"]], [400, "invalid_grant"]);
    const outgrown = it.events.findLast(({ event }) => event === "consent_outgrown");
    assert.deepEqual((outgrown as { tools?: readonly string[] } | undefined)?.tools, ["Set environment"]);

    const sent = await askPerson(it, owner, { ...ALL, clientId: tokens.clientId, consent: { scopes: ["org:read"] } });
    const less = tokensOf(tokens.clientId, await redeem(it, sent));
    assert.equal(less.answer.json["scope"], "org:read");
    assert.equal((await refresh(it, tokens)).json["scope"], "org:read", "what was not allowed again is gone for the old tokens too");
    const again = await connect(it, owner, { ...ALL, clientId: tokens.clientId });
    assert.equal(again.answer.json["scope"], "env:write org:read");
    assert.equal((await refresh(it, again)).status, 200);
  });

  test("T49: the page names what opens more, and does not tick it by itself", async () => {
    await startWith(FIRST);
    const clientId = await register(it);
    await connect(it, owner, { ...ALL, clientId });
    await startWith(STRONGER);
    assert.deepEqual(await offered(clientId), [
      ["env:write", "widened", false, "Set environment may lose something now."],
      ["org:read", "granted", true, ""],
    ]);
  });

  async function offered(clientId: string) {
    const client = await it.store.clients.find(clientId);
    assert.ok(client);
    const pending = {
      id: "x",
      kind: "redirect",
      client,
      redirectUri: "http://127.0.0.1/callback",
      requested: ["env:write", "org:read"],
      mustAsk: false,
    } as const;
    const { workspaces } = await it.issuer.authorizations.view(pending, owner.accountId);
    return workspaces[0]?.scopes.map(({ name, state, isTicked, since }) => [name, state, isTicked, since.join(" ")]);
  }

  test("T49: a refresh for scopes that open no more than before goes on; what opens more cannot be had by asking for less", async () => {
    await startWith(FIRST);
    const tokens = await connect(it, owner, ALL);
    await startWith(STRONGER);
    assert.equal((await refresh(it, tokens, { form: { scope: "env:write" } })).status, 400);
    const less = await refresh(it, tokens, { form: { scope: "org:read" } });
    assert.deepEqual([less.status, less.json["scope"]], [200, "org:read"]);
    const next = { clientId: tokens.clientId, refreshToken: String(less.json["refresh_token"]) };
    assert.equal((await refresh(it, next)).status, 400);
  });

  test("T49: consenting to something else does not let through what opens more by now", async () => {
    await startWith(FIRST);
    const tokens = await connect(it, owner, ALL);
    await startWith(STRONGER);
    await connect(it, owner, { clientId: tokens.clientId, more: { scope: "org:read" }, consent: { scopes: ["org:read"] } });
    const grant = await it.store.db
      .selectFrom("access_grant")
      .selectAll()
      .where("client_id", "=", tokens.clientId)
      .executeTakeFirstOrThrow();
    assert.equal(grant.scopes, "org:read");
  });

  test("other words, a tool less and a tool that looks ask nobody again", async () => {
    for (const registry of [REWORDED, registryOf(readOrgs), registryOf(readOrgs, setEnv(), tool("read_env", { scopes: ["env:read"] }))]) {
      await startWith(FIRST);
      const tokens = await connect(it, owner, ALL);
      await startWith(registry);
      assert.equal((await refresh(it, tokens)).status, 200);
    }
  });

  test("what was allowed before tools were kept counts from the last start on", async () => {
    await startWith(FIRST);
    const tokens = await connect(it, owner, ALL);
    await it.store.db.updateTable("access_grant").set({ surface: null }).where("client_id", "=", tokens.clientId).execute();
    await startWith(STRONGER);
    assert.equal((await refresh(it, tokens)).status, 400);
  });

  test("T49: when the tools of then cannot be read any more, all that changes things counts as new", async () => {
    const none = createSurfaceWatch({ find: async () => undefined }, FIRST);
    assert.deepEqual(
      (await none.widened("0".repeat(64), "env:write org:read")).map(({ title }) => title),
      ["Set environment"],
    );
    assert.deepEqual(await none.widened("0".repeat(64), "org:read"), []);
  });

  test("a start with other tools is on record, and each workspace is told which agents can do more without anybody being asked", async () => {
    const { clientId } = await it.agent("env:write");
    await it.agent("org:read");
    await startWith(FIRST);
    const from = watch.sha256;
    await startWith(STRONGER);
    const [changed, widened] = records;
    assert.deepEqual(changed, { event: "surface.changed", from, to: watch.sha256, breaking: 0, widening: 1, wording: 0 });
    assert.deepEqual(widened, { event: "surface.widened", workspace: WORKSPACE, to: watch.sha256, agents: [clientId], tools: ["set_env"] });
    await startWith(STRONGER);
    assert.deepEqual(records, []);
  });
});
