import assert from "node:assert/strict";
import { acme, errorOf, valueOf } from "../support/acme.ts";
import { onEachEngine } from "../support/on-each-engine.ts";
import { addEnvironment, rowsOf } from "../support/workspaces.ts";

const test = onEachEngine(async (harness) => {
  const world = await acme(harness);
  let count = 0;
  return {
    ...world,
    /** A new environment, with its slug. */
    async fresh() {
      const slug = `fresh-${++count}`;
      return { environment_id: await addEnvironment(rowsOf(harness.store), world.own.id, slug), slug };
    },
  };
});

test("update_environment changes what is sent, keeps the rest and raises the version", async ({ ok, fresh }) => {
  const { environment_id, slug } = await fresh();
  assert.deepEqual(await ok("update_environment", { environment_id, name: "Live", kind: "production" }), { version: 2 });
  const { name, kind, slug: kept, version } = await ok("get_environment_details", { environment_id });
  assert.deepEqual({ name, kind, kept, version }, { name: "Live", kind: "production", kept: slug, version: 2 });
});

test("update_environment refuses a taken slug, an unexpected version and an empty change, and writes nothing", async ({
  ok,
  refused,
  fresh,
}) => {
  const { environment_id } = await fresh();
  const { slug } = await fresh();
  assert.match(await refused("update_environment", { environment_id, slug }), /slug exists already/);
  assert.match(await refused("update_environment", { environment_id }), /Nothing was sent/);
  const stale = await refused("update_environment", { environment_id, name: "New", expected_version: 7 });
  assert.match(stale, /Its version is 1\. There, name is "FRESH-\d+" and you sent "New"/);
  assert.equal((await ok("get_environment_details", { environment_id }))["version"], 1);
});

test("of updates at the same time that expect one version, one is done and the others are told", async ({ call, fresh }) => {
  const { environment_id } = await fresh();
  const all = await Promise.all(
    Array.from({ length: 5 }, (_, i) => call("update_environment", { environment_id, name: `Name ${i}`, expected_version: 1 })),
  );
  assert.equal(all.filter(({ isError }) => !isError).length, 1);
  for (const { isError, text } of all) if (isError) assert.match(text, /changed meanwhile.*Its version is 2/);
});

test("delete_environment plans what goes, hides all of it, frees the slug and brings all of it back", async ({
  acts,
  call,
  ok,
  refused,
  fresh,
}) => {
  const { environment_id, slug } = await fresh();
  const { organization_id } = await ok("create_organization", { environment_id, name: "Globex" });
  await ok("create_organization_user", { environment_id, organization_id, email: "hank@globex.example" });
  const plan = valueOf(await acts.plan("delete_environment", { environment_id }));
  assert.match(plan.summary, /with 1 organizations and their 1 users/);
  const [change] = plan.changes;
  assert.deepEqual([change?.change, change?.resource], ["delete", `environment ${environment_id}`]);
  assert.deepEqual([plan.rows, plan.losesAccess, plan.versions], [3, ["hank@globex.example"], { [environment_id]: 1 }]);

  const { answer, data } = await acts.run("delete_environment", { environment_id });
  valueOf(answer);
  assert.match(await refused("list_organizations", { environment_id }), /There is no environment/);
  const { environments } = await ok("list_environments", { page_size: 100 });
  assert.ok(!JSON.stringify(environments).includes(environment_id));
  assert.match(errorOf((await acts.run("delete_environment", { environment_id })).answer), /There is no environment/);

  assert.equal((await call("create_environment", { name: "Again", slug })).isError, false);
  assert.match(errorOf(await acts.undo("delete_environment", data)), /slug exists already/);
  const { environments: present } = await ok("list_environments", { page_size: 100 });
  const other = (present as readonly { slug: string; environment_id: string }[]).find((each) => each.slug === slug);
  await ok("update_environment", { environment_id: other?.environment_id, slug: `${slug}-2` });
  assert.match(valueOf(await acts.undo("delete_environment", data)), /is back with everything/);
  assert.equal((await ok("get_environment_details", { environment_id }))["slug"], slug);
  const { organizations } = await ok("list_organizations", { environment_id });
  assert.equal((organizations as readonly unknown[]).length, 1);
  assert.match(errorOf(await acts.undo("delete_environment", data)), /There is no environment/);
});

test("get_environment_credentials gives the lines of a .env file without a secret", async ({ ok, own }) => {
  const { env } = await ok("get_environment_credentials");
  assert.match(String(env), /^REMIT_ISSUER=https:\/\/remit\.example$/m);
  assert.ok(String(env).includes(`REMIT_ENVIRONMENT_ID=${own.environmentId}\n`));
  assert.doesNotMatch(String(env), /secret|token|password/i);
});
