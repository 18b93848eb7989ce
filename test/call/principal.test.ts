import assert from "node:assert/strict";
import { test } from "node:test";
import { principalOf } from "../../src/call/principal.ts";
import { createScopeCatalogue, defineScopes } from "../../src/tool/index.ts";

const scopes = createScopeCatalogue(defineScopes({ "org:read": { description: "See the organizations.", access: "read" } })).parse(
  "org:read",
);
const base = {
  tokenId: "tok_1",
  clientId: "cl_1",
  subject: "acc_1",
  workspaceId: "wks_1",
  grantId: "gra_1",
  scopes,
  issuedAt: 1,
  expiresAt: 2,
};

test("the record of a caller names the family and the actor when there are any, and leaves them out otherwise", () => {
  const plain = principalOf({ ...base });
  assert.equal(
    plain.recordJson,
    '"agent":"cl_1","subject":"acc_1","grant":"gra_1","workspace":"wks_1","token":"tok_1","held":["org:read"]',
  );
  const actor = JSON.stringify({ sub: "cl_2", act: { sub: "a\u2028b" } });
  const acting = principalOf({ ...base, familyId: "fam_1", actor });
  assert.ok(!acting.recordJson.includes("\u2028"), "no line character comes through");
  assert.deepEqual(JSON.parse(`{${acting.recordJson}}`), {
    agent: "cl_1",
    subject: "acc_1",
    actor: { sub: "cl_2", act: { sub: "a\u2028b" } },
    grant: "gra_1",
    family: "fam_1",
    workspace: "wks_1",
    token: "tok_1",
    held: ["org:read"],
  });
});

test("a tool is told of environments only when the grant is limited to some", () => {
  assert.ok(!("environments" in principalOf({ ...base }).caller));
  assert.ok(!("environments" in principalOf({ ...base, environments: undefined }).caller));
  assert.deepEqual(principalOf({ ...base, environments: ["env_1"] }).caller.environments, ["env_1"]);
  assert.deepEqual(principalOf({ ...base, environments: [] }).caller.environments, []);
});
