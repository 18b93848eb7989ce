import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sha256Hex } from "../../../src/lib/secret.ts";
import { startDevice, type DeviceAuthorization } from "../../../src/oauth/issuer/grants/index.ts";
import type { ClientRow, GrantRow } from "../../../src/store/index.ts";
import { createSite, decode, DEVICE_CODE, ISSUER, outcome, settle, withLatency, type Asking, type Params, type Site } from "./support.ts";

const SESSION = "session_1";

describe("devices", () => {
  let site: Site;
  let client: ClientRow;
  let grant: GrantRow;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    site = await createSite({ after: (fn) => void cleanups.push(fn as () => unknown) });
    client = await site.client();
    grant = await site.consent(client, await site.person("member"), { redirect_host: null });
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  const start = (params: Params = {}, by = client): Promise<DeviceAuthorization> =>
    startDevice(site.deps, { client: by, params, jkt: null, address: undefined });
  const poll = (device: Pick<DeviceAuthorization, "device_code">, more?: Asking, by = client) =>
    site.ask(by, DEVICE_CODE, { device_code: device.device_code }, more);
  async function decide({ device_code }: DeviceAuthorization, scopes: string | undefined): Promise<void> {
    const id = sha256Hex(device_code);
    assert.ok(await site.store.devices.claim(id, SESSION));
    const decision = scopes === undefined ? { state: "denied" as const } : { state: "approved" as const, grantId: grant.id, scopes };
    assert.ok(await site.store.devices.decide(id, SESSION, decision));
  }

  test("T33: a device gets a code of 256 bits to poll with, and eight of twenty consonants to show", async () => {
    const devices = await Promise.all(Array.from({ length: 40 }, () => start()));
    for (const { device_code, user_code, ...rest } of devices) {
      assert.match(device_code, /^dc_[\w-]{43}$/);
      assert.match(user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
      assert.deepEqual(rest, {
        verification_uri: `${ISSUER}/device`,
        verification_uri_complete: `${ISSUER}/device?user_code=${user_code}`,
        expires_in: 600,
        interval: 5,
      });
    }
    assert.equal(new Set(devices.map(({ user_code }) => user_code)).size, 40);
    const shown = devices[0]?.user_code.replace("-", "") ?? "";
    const row = await site.store.devices.findByUserCode(shown);
    assert.equal(row?.id_hash, sha256Hex(devices[0]?.device_code ?? ""));
    assert.deepEqual([row.state, row.scopes], ["pending", "env:read org:read"]);
  });

  test("T33: a poll before the interval is told to slow down, each time by 5 seconds more", async () => {
    const device = await start();
    const steps: [afterSeconds: number, expected: string][] = [
      [0, "authorization_pending"],
      [4, "slow_down"],
      [9, "slow_down"],
      [15, "authorization_pending"],
      [14, "slow_down"],
      [20, "authorization_pending"],
    ];
    for (const [seconds, expected] of steps) {
      site.advance(seconds);
      assert.equal(await outcome(poll(device)), expected);
    }
    assert.equal((await site.store.devices.find(sha256Hex(device.device_code)))?.interval_seconds, 20);
  });

  test("T33: of 50 parallel polls after the approval one gets tokens", async () => {
    const device = await start();
    await decide(device, "env:write org:read");
    const slow = { deps: { store: withLatency(site.store) } };
    const { won, errors } = await settle(Array.from({ length: 50 }, () => poll(device, slow)));
    assert.equal(won.length, 1);
    assert.deepEqual(new Set(errors), new Set(["invalid_grant"]));
    const rows = await site.store.db.selectFrom("refresh_token").selectAll().where("grant_id", "=", grant.id).execute();
    assert.equal(rows.length, 1);
    assert.equal(await outcome(poll(device)), "invalid_grant");
    assert.ok(await site.verify(won[0]?.access_token ?? ""));
  });

  test("a device gets what the person allowed, with a refresh token of its own family", async () => {
    const device = await start({ scope: "env:write org:write" });
    await decide(device, "org:read");
    const answer = await poll(device);
    assert.equal(answer.scope, "org:read");
    const { claims } = decode(answer.access_token);
    assert.deepEqual([claims["gid"], claims["sub"], claims["client_id"]], [grant.id, grant.subject, client.id]);
    assert.match(String(claims["fid"]), /^fam_/);
    assert.ok((await site.ask(client, "refresh_token", { refresh_token: answer.refresh_token })).refresh_token);
  });

  test("an approval is not used up by tokens that cannot be put on record", async () => {
    const device = await start();
    await decide(device, "org:read");
    site.loseRecord(true);
    assert.equal(await outcome(poll(device)), "temporarily_unavailable");
    site.loseRecord(false);
    assert.ok((await poll(device)).access_token);
  });

  const ends: [title: string, expected: string, act: (device: DeviceAuthorization) => Promise<unknown>][] = [
    ["the person refused", "access_denied", (device) => decide(device, undefined)],
    ["nobody decided in ten minutes", "expired_token", async () => site.advance(600)],
    [
      "it was approved, and then it was not fetched in time",
      "expired_token",
      async (device) => {
        await decide(device, "org:read");
        site.advance(600);
      },
    ],
  ];
  for (const [title, expected, act] of ends) {
    test(`a poll is answered with ${expected} when ${title}`, async () => {
      const device = await start();
      await act(device);
      assert.equal(await outcome(poll(device)), expected);
    });
  }

  test("an approval whose grant was revoked since is worth nothing", async () => {
    const device = await start();
    const other = await site.consent(client, await site.person("member"));
    await site.store.devices.claim(sha256Hex(device.device_code), SESSION);
    await site.store.devices.decide(sha256Hex(device.device_code), SESSION, { state: "approved", grantId: other.id, scopes: "org:read" });
    await site.store.grants.revoke(other.id, site.now());
    assert.equal(await outcome(poll(device)), "invalid_grant");
  });

  test("T33: another client cannot use a device code", async () => {
    const device = await start();
    await decide(device, "org:read");
    assert.equal(await outcome(poll(device, {}, await site.client())), "invalid_grant");
    assert.ok((await poll(device)).access_token);
  });

  const refused: [title: string, act: () => Promise<unknown>, error: string][] = [
    ["an unknown device code", () => poll({ device_code: `dc_${"a".repeat(43)}` }), "invalid_grant"],
    ["no device code", () => site.ask(client, DEVICE_CODE, {}), "invalid_request"],
    ["another resource", () => site.ask(client, DEVICE_CODE, { device_code: "x", resource: "https://other.example" }), "invalid_target"],
    ["a start for another resource", () => start({ resource: "https://other.example" }), "invalid_target"],
    ["T15: a start with unknown scopes only", () => start({ scope: "nothing:here" }), "invalid_scope"],
    [
      "T15: a start beyond the client's policy",
      async () => start({ scope: "env:read" }, await site.client({ scopes: "org:read" })),
      "invalid_scope",
    ],
  ];
  for (const [title, act, error] of refused) {
    test(`refused with ${error}: ${title}`, async () => {
      assert.equal(await outcome(act()), error);
    });
  }
});
