import assert from "node:assert/strict";
import { acme, errorOf, valueOf } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];

const test = onEachEngine(async (harness) => {
  const world = await acme(harness);
  return {
    ...world,
    async server(mcp_server_id: unknown) {
      const { mcp_servers } = await world.ok("list_mcp_servers", { page_size: 100 });
      return (mcp_servers as Rows).find((each) => each["mcp_server_id"] === mcp_server_id);
    },
  };
});

test("a registered MCP server accepts this server's tokens unless an issuer is named", async ({ ok, server }) => {
  const { mcp_server_id, issuer } = await ok("register_mcp_server", { name: "One", url: "https://one.example/mcp" });
  assert.equal(issuer, "https://remit.example");
  const rest = { name: "One", url: "https://one.example/mcp", access_token_seconds: 900, issuer, version: 1 };
  assert.deepEqual(await server(mcp_server_id), { mcp_server_id, ...rest });
  const named = await ok("register_mcp_server", { name: "Two", url: "https://two.example/mcp", issuer: "https://id.example" });
  assert.equal(named["issuer"], "https://id.example");
});

test("update_mcp_server changes what is sent, and refuses taken URLs, stale versions and empty changes", async ({
  ok,
  refused,
  server,
}) => {
  await ok("register_mcp_server", { name: "Taken", url: "https://taken.example/mcp" });
  const { mcp_server_id } = await ok("register_mcp_server", { name: "Mine", url: "https://mine.example/mcp" });
  assert.deepEqual(await ok("update_mcp_server", { mcp_server_id, access_token_seconds: 300 }), { version: 2 });
  assert.equal((await server(mcp_server_id))?.["access_token_seconds"], 300);
  assert.match(await refused("update_mcp_server", { mcp_server_id, url: "https://taken.example/mcp" }), /registered already/);
  assert.match(await refused("register_mcp_server", { name: "Again", url: "https://taken.example/mcp" }), /registered already/);
  assert.match(await refused("update_mcp_server", { mcp_server_id }), /Nothing was sent/);
  const stale = await refused("update_mcp_server", { mcp_server_id, name: "New", expected_version: 1 });
  assert.match(stale, /Its version is 2\. There, name is "Mine" and you sent "New"/);
});

test("switch_mcp_auth says whose tokens stop working, switches, and switches back", async ({ acts, at, ok, server }) => {
  const { mcp_server_id } = await ok("register_mcp_server", { name: "Switch", url: "https://switch.example/mcp" });
  const args = at({ mcp_server_id, issuer: "https://id.example" });
  const plan = valueOf(await acts.plan("switch_mcp_auth", args));
  assert.deepEqual(plan.changes[0]?.before, { issuer: "https://remit.example" });
  assert.deepEqual(plan.losesAccess, ["every agent with a token of https://remit.example for Switch"]);
  const { answer, data } = await acts.run("switch_mcp_auth", args);
  valueOf(answer);
  assert.equal((await server(mcp_server_id))?.["issuer"], "https://id.example");
  assert.match(errorOf(await acts.plan("switch_mcp_auth", args)), /nothing to change/);
  valueOf(await acts.undo("switch_mcp_auth", data));
  assert.equal((await server(mcp_server_id))?.["issuer"], "https://remit.example");
  assert.match(errorOf(await acts.undo("switch_mcp_auth", data)), /changed at this moment/);
});
