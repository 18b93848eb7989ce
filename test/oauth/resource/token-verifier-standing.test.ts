import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { GrantRow } from "../../../src/store/index.ts";
import { ENGINES } from "../../store/support/engines.ts";
import { ALL, createRows, outcome, WORKSPACE, type Rows } from "../support/resource-rows.ts";

/** What a token holds, or why it is refused. */
async function held(rows: Rows, token: string): Promise<string> {
  const result = await outcome(rows.verifier.verify(token));
  return typeof result === "string" ? result : result.scopes.granted.join(" ");
}

async function personGrant(rows: Rows, more: Partial<GrantRow> = {}): Promise<GrantRow> {
  const client = await rows.client();
  return rows.grant({ client_id: client.id, subject: await rows.person("owner"), ...more });
}

const READ = "env:read org:read";
const MEMBER = "env:read env:write org:read";

for (const engine of ENGINES) {
  describe(`what a token stands on, on ${engine.name}`, () => {
    let rows: Rows;
    const cleanups: (() => unknown)[] = [];
    before(async () => {
      rows = await createRows({ after: (cleanup?: unknown) => void cleanups.push(cleanup as () => unknown) }, engine);
    });
    after(async () => {
      for (const cleanup of cleanups) await cleanup();
    });
    const roles = [
      ["owner", "env:read env:write org:read org:write"],
      ["admin", "env:read env:write org:read org:write"],
      ["member", MEMBER],
      ["viewer", READ],
      [undefined, "invalid_token"],
    ] as const;
    test("T14: a token for a person holds no more than the person's role in the workspace", async () => {
      const client = await rows.client();
      for (const [role, expected] of roles) {
        const grant = await rows.grant({ client_id: client.id, subject: await rows.person(role) });
        assert.equal(await held(rows, await rows.token(grant)), expected, role);
      }
    });

    test("T14: nor more than the grant, the client's policy, the setting for clients that no operator made, and itself", async () => {
      const subject = await rows.person("owner");
      const [open, narrow, registered] = [
        await rows.client(),
        await rows.client({ scopes: READ }),
        await rows.client({ kind: "registered", workspace_id: null, scopes: null }),
      ];
      const cases = [
        [await rows.grant({ client_id: open.id, subject, scopes: "org:write" }), { scope: ALL }, "org:read org:write"],
        [await rows.grant({ client_id: open.id, subject }), { scope: "env:read" }, "env:read"],
        [await rows.grant({ client_id: narrow.id, subject }), {}, READ],
        [await rows.grant({ client_id: registered.id, subject }), {}, ALL.split(" ").sort().join(" ")],
      ] as const;
      for (const [grant, claims, expected] of cases) assert.equal(await held(rows, await rows.token(grant, claims)), expected);
      const limited = await rows.elsewhere({ selfRegisteredScopes: "org:read" });
      const token = await rows.token(cases[3][0]);
      const result = await outcome(limited.verify(token));
      assert.ok(typeof result === "object");
      assert.deepEqual(result.scopes.granted, ["org:read"]);
    });

    const changes: [string, (rows: Rows, grant: GrantRow) => Promise<unknown>, string][] = [
      [
        "a person who was made a viewer takes the agent's power to write along",
        ({ store: { db } }, { subject }) => db.updateTable("member").set({ role: "viewer" }).where("account_id", "=", subject).execute(),
        READ,
      ],
      [
        "a person who left the workspace",
        ({ store: { db } }, { subject }) => db.deleteFrom("member").where("account_id", "=", subject).execute(),
        "invalid_token",
      ],
      [
        "a person whose account was disabled",
        ({ store: { db } }, { subject }) => db.updateTable("account").set({ disabled_at: 1 }).where("id", "=", subject).execute(),
        "invalid_token",
      ],
      [
        "an account that was deleted does not make the grant one for nobody",
        async ({ store: { db } }, { subject }) => {
          await db.deleteFrom("member").where("account_id", "=", subject).execute();
          await db.deleteFrom("account").where("id", "=", subject).execute();
        },
        "invalid_token",
      ],
      [
        "a grant of which the person took scopes back",
        ({ store: { db } }, { id }) => db.updateTable("access_grant").set({ scopes: "org:read" }).where("id", "=", id).execute(),
        "org:read",
      ],
      [
        "a client that is gone",
        ({ store: { db } }, { client_id }) => db.deleteFrom("client").where("id", "=", client_id).execute(),
        "invalid_token",
      ],
      [
        "a client that now belongs to another workspace",
        async ({ store: { db } }, { client_id }) => {
          await db.insertInto("workspace").values({ id: "wks_2", name: "Other", created_at: 1 }).execute();
          await db.updateTable("client").set({ workspace_id: "wks_2" }).where("id", "=", client_id).execute();
        },
        "invalid_token",
      ],
    ];
    for (const [title, change, expected] of changes) {
      test(`T12: a known token follows its rows within one refresh: ${title}`, async () => {
        const grant = await personGrant(rows);
        const bystander = await rows.token(await personGrant(rows));
        const token = await rows.token(grant);
        const before = await outcome(rows.verifier.verify(token));
        assert.ok(typeof before === "object");
        assert.ok(rows.verifier.isValid(before));
        assert.equal(await held(rows, bystander), "env:read env:write org:read org:write");
        await change(rows, grant);
        await rows.verifier.refresh();
        assert.equal(rows.verifier.isValid(before), false, "open streams end");
        assert.equal(await held(rows, token), expected);
        assert.equal(await held(rows, bystander), "env:read env:write org:read org:write");
      });
    }

    const ends: [string, (rows: Rows, parent: GrantRow) => Promise<unknown>, string][] = [
      ["is revoked by its row alone", ({ store, now }, { id }) => setGrant(store, id, { revoked_at: now() }), "invalid_token"],
      ["has expired", ({ store, now }, { id }) => setGrant(store, id, { expires_at: now() - 60_000 }), "invalid_token"],
      ["lost scopes", ({ store }, { id }) => setGrant(store, id, { scopes: "org:read" }), "org:read"],
      ["lost its client", ({ store, now }, { client_id }) => store.clients.disable(client_id, now()), "invalid_token"],
    ];
    for (const [title, end, expected] of ends) {
      test(`T12: a grant follows the one that it was narrowed from, at any depth, when that ${title}`, async () => {
        const top = await personGrant(rows);
        const { subject } = top;
        const middle = await rows.grant({ kind: "exchange", parent_id: top.id, subject, client_id: (await rows.client()).id });
        const bottom = await rows.grant({ kind: "exchange", parent_id: middle.id, subject, client_id: (await rows.client()).id });
        const token = await rows.token(bottom);
        assert.equal(await held(rows, token), "env:read env:write org:read org:write");
        await end(rows, top);
        await rows.verifier.refresh();
        assert.equal(await held(rows, token), expected);
      });
    }

    test("T12: a revoked grant takes the tokens of all that were narrowed from it along at once, and a family only its own", async () => {
      const top = await personGrant(rows);
      const child = await rows.grant({ kind: "exchange", parent_id: top.id, subject: top.subject, client_id: top.client_id });
      const [mine, other, childs] = [
        await rows.token(top, { fid: "fam_mine" }),
        await rows.token(top, { fid: "fam_other" }),
        await rows.token(child),
      ];
      for (const token of [mine, other, childs]) assert.notEqual(await held(rows, token), "invalid_token");
      const elsewhere = await rows.elsewhere();
      await rows.verifier.revoke("family", "fam_mine");
      await elsewhere.refresh();
      assert.equal(await held(rows, mine), "invalid_token");
      assert.equal(await outcome(elsewhere.verify(mine)), "invalid_token");
      assert.equal(await outcome((await rows.elsewhere()).verify(mine)), "invalid_token", "after a restart too");
      for (const token of [other, childs]) assert.notEqual(await held(rows, token), "invalid_token");
      rows.advance(5000);
      await rows.verifier.refresh();
      assert.equal(await held(rows, await rows.token(top, { fid: "fam_mine" })), "invalid_token", "a family never revives");
      await rows.verifier.revoke("grant", top.id);
      for (const token of [other, childs]) assert.equal(await held(rows, token), "invalid_token");
      const listed = (await rows.store.revocations.since(0)).map(({ value }) => value);
      for (const value of ["fam_mine", top.id, child.id]) assert.ok(listed.includes(value), value);
    });

    test("a revoked family or grant has no refresh tokens left", async () => {
      const grant = await personGrant(rows);
      const refresh = (idHash: string, family: string) => ({
        id_hash: idHash,
        family_id: family,
        grant_id: grant.id,
        client_id: grant.client_id,
        scopes: ALL,
        jkt: null,
        created_at: 1,
        expires_at: rows.now() + 60_000,
        family_expires_at: rows.now() + 60_000,
        used_at: null,
        successor: null,
      });
      for (const [idHash, family] of [
        ["a", "fam_1"],
        ["b", "fam_1"],
        ["c", "fam_2"],
      ] as const)
        await rows.store.refreshTokens.create(refresh(idHash, family));
      await rows.verifier.revoke("family", "fam_1");
      assert.equal(await rows.store.refreshTokens.find("a"), undefined);
      assert.equal(await rows.store.refreshTokens.find("b"), undefined);
      assert.ok(await rows.store.refreshTokens.find("c"));
      await rows.verifier.revoke("grant", grant.id);
      assert.equal(await rows.store.refreshTokens.find("c"), undefined);
    });

    for (const kind of ["client", "subject"] as const)
      test(`a revoked ${kind} has no refresh tokens left, and others keep theirs`, async () => {
        const [ended, kept] = [await personGrant(rows), await personGrant(rows)];
        const times = { created_at: 1, expires_at: rows.now() + 60_000, family_expires_at: rows.now() + 60_000, used_at: null };
        for (const { id, client_id } of [ended, kept]) {
          const row = { id_hash: `${kind} ${id}`, family_id: `fam_${id}`, grant_id: id, client_id, scopes: ALL, jkt: null, ...times };
          await rows.store.refreshTokens.create({ ...row, successor: null });
        }
        await rows.verifier.revoke(kind, kind === "client" ? ended.client_id : ended.subject);
        assert.equal(await rows.store.refreshTokens.find(`${kind} ${ended.id}`), undefined);
        assert.ok(await rows.store.refreshTokens.find(`${kind} ${kept.id}`));
      });

    test("T47: the environments of a token are those of its grant that the grant above holds too", async () => {
      const top = await personGrant(rows, { environments: JSON.stringify(["env_a", "env_b"]) });
      const child = { kind: "exchange", parent_id: top.id, subject: top.subject, client_id: top.client_id } as const;
      const cases = [
        [await personGrant(rows), undefined],
        [top, ["env_a", "env_b"]],
        [await personGrant(rows, { environments: "[]" }), []],
        [await rows.grant(child), ["env_a", "env_b"]],
        [await rows.grant({ ...child, environments: JSON.stringify(["env_b", "env_c"]) }), ["env_b"]],
      ] as const;
      for (const [grant, expected] of cases) {
        const result = await outcome(rows.verifier.verify(await rows.token(grant)));
        assert.ok(typeof result === "object");
        assert.deepEqual(result.environments, expected);
        assert.equal(result.workspaceId, WORKSPACE);
      }
    });
  });
}

function setGrant({ db }: Rows["store"], id: string, change: Partial<GrantRow>): Promise<unknown> {
  return db.updateTable("access_grant").set(change).where("id", "=", id).execute();
}

test("grants that were narrowed from each other in a ring are not live", async (t) => {
  const rows = await createRows(t);
  const top = await personGrant(rows);
  const ring = await rows.grant({ kind: "exchange", parent_id: top.id, subject: top.subject, client_id: top.client_id });
  const token = await rows.token(ring);
  assert.notEqual(await held(rows, token), "invalid_token");
  await setGrant(rows.store, top.id, { kind: "exchange", parent_id: ring.id, redirect_host: null });
  await rows.verifier.refresh();
  assert.equal(await held(rows, token), "invalid_token");
});

test("who acts, which family and which key a token names is told; a token whose binding is not understood is refused", async (t) => {
  const rows = await createRows(t);
  const grant = await personGrant(rows);
  const jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
  const act = { sub: "cl_deputy", act: { sub: "cl_first" } };
  const result = await outcome(rows.verifier.verify(await rows.token(grant, { fid: "fam_1", act, cnf: { jkt } })));
  assert.ok(typeof result === "object");
  assert.deepEqual([result.familyId, result.actor, result.jkt], ["fam_1", JSON.stringify(act), jkt]);
  const hostile: Record<string, unknown>[] = [
    { cnf: {} },
    { cnf: null },
    { cnf: jkt },
    { cnf: { jkt: "short" } },
    { cnf: { jkt: `${jkt}=` } },
    { cnf: { "x5t#S256": jkt } },
    { cnf: { jkt, "x5t#S256": jkt } },
    { act: "cl_deputy" },
    { act: null },
    { act: { sub: "x".repeat(3000) } },
    { fid: "" },
    { fid: 1 },
  ];
  for (const claims of hostile)
    assert.equal(await outcome(rows.verifier.verify(await rows.token(grant, claims))), "invalid_token", JSON.stringify(claims));
});

test("T12: a token that is still valid for one stream stays so when it is verified twice at once", async (t) => {
  const rows = await createRows(t);
  const token = await rows.token(await personGrant(rows));
  const [first, second] = await Promise.all([outcome(rows.verifier.verify(token)), outcome(rows.verifier.verify(token))]);
  assert.ok(typeof first === "object");
  assert.equal(first, second);
  assert.ok(rows.verifier.isValid(first));
  rows.advance(930_000);
  await rows.verifier.refresh();
  assert.equal(rows.verifier.isValid(first), false, "it has expired");
});
