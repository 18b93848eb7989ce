import assert from "node:assert/strict";
import type { Cancellation } from "../../src/call/index.ts";
import { isRefusal } from "../../src/errors.ts";
import { onEachEngine } from "./support/on-each-engine.ts";
import { addEnvironment, addOrganizations, addWorkspace, rowsOf } from "./support/workspaces.ts";

interface Progress {
  readonly progressToken: string;
  readonly progress: number;
  readonly message: string;
  readonly _meta?: { readonly "dev.remit/partial": readonly { readonly type: "text"; readonly text: string }[] };
}

const COUNT = 34;

const test = onEachEngine(async (harness) => {
  const rows = rowsOf(harness.store);
  const own = await addWorkspace(rows, "Acme");
  const environmentId = await addEnvironment(rows, own.id, "many");
  const newestFirst = (await addOrganizations(rows, { workspace_id: own.id, environment_id: environmentId }, COUNT)).toReversed();
  const large = (more: object = {}) => ({
    tool: "list_organizations",
    arguments: { environment_id: environmentId, page_size: 30 },
    ...more,
  });
  return { own, environmentId, expected: newestFirst, large };
});

function idsIn(value: Readonly<Record<string, unknown>>): readonly string[] {
  return (value["organizations"] as readonly { readonly organization_id: string }[]).map(({ organization_id }) => organization_id);
}

test("a call with a progress token gets progress and the rows in parts of ten before its result", async ({
  own,
  expected,
  large,
  harness,
}) => {
  const sent: Progress[] = [];
  let isAnswered = false;
  const sink = {
    async send(json: string) {
      assert.equal(isAnswered, false);
      const { method, params } = JSON.parse(json);
      assert.equal(method, "notifications/progress");
      sent.push(params);
    },
  };
  const { value, content } = await harness.call(own.agent, large({ sink, progressToken: "p1" }));
  isAnswered = true;
  assert.deepEqual(new Set(sent.map(({ progressToken }) => progressToken)), new Set(["p1"]));
  const progress = sent.map((each) => each.progress);
  assert.equal(progress.length, 4);
  assert.deepEqual(
    progress,
    [...new Set(progress)].toSorted((a, b) => a - b),
  );
  const parts = sent.flatMap(({ _meta }) => _meta?.["dev.remit/partial"] ?? []);
  const lines = parts.map(({ text }) => text.split("\n"));
  assert.deepEqual(
    lines.map(({ length }) => length),
    [10, 10, 10],
  );
  assert.deepEqual(
    lines.flat().map((line) => line.split(" ")[0]),
    expected.slice(0, 30),
  );
  assert.deepEqual(content.slice(0, -1), parts);
  assert.deepEqual(idsIn(value), expected.slice(0, 30));
  assert.equal(typeof value["next_cursor"], "string");
});

test("the last page streams only what is left, also when it ends between two parts", async ({
  own,
  environmentId,
  expected,
  large,
  harness,
}) => {
  const sent: string[] = [];
  const sink = { send: async (json: string) => void sent.push(json) };
  const { value, content } = await harness.call(own.agent, {
    ...large({ sink, progressToken: "p2" }),
    arguments: { environment_id: environmentId, page_size: 100 },
  });
  assert.deepEqual(idsIn(value), expected);
  assert.equal(value["next_cursor"], null);
  assert.equal(content.length, 5);
  assert.equal(sent.length, 5);
});

test("the first part leaves before the later rows are read", async ({ own, expected, large, harness }) => {
  const rows = rowsOf(harness.store);
  const last = expected[29] ?? "";
  let hasPart = false;
  const sink = {
    async send(json: string) {
      if (hasPart || !json.includes("dev.remit/partial")) return;
      hasPart = true;
      await rows.updateTable("organization").set({ name: "Renamed meanwhile" }).where("id", "=", last).execute();
    },
  };
  const { value } = await harness.call(own.agent, large({ sink, progressToken: "p3" }));
  const names = value["organizations"] as readonly { readonly name: string }[];
  assert.equal(names[29]?.name, "Renamed meanwhile");
});

test("a call that is cancelled between two parts sends no more", async ({ own, large, harness }) => {
  const cancelled: Cancellation = { isCancelled: false, onCancel: undefined };
  const sent: string[] = [];
  const sink = {
    async send(json: string) {
      sent.push(json);
      if (json.includes("dev.remit/partial")) cancelled.onCancel?.();
    },
  };
  const answer = await harness.send(own.agent, large({ sink, progressToken: "p4", cancelled }));
  assert.ok(isRefusal(answer));
  assert.equal(sent.length, 2);
});

test("a page of the default size is answered at once", async ({ own, environmentId, expected, harness }) => {
  const sent: string[] = [];
  const sink = { send: async (json: string) => void sent.push(json) };
  const args = { environment_id: environmentId };
  const { value, content } = await harness.call(own.agent, { tool: "list_organizations", arguments: args, sink, progressToken: "p5" });
  assert.deepEqual(idsIn(value), expected.slice(0, 20));
  assert.equal(content.length, 1);
  assert.deepEqual(sent, []);
});

test("nothing is sent to a client without a progress token, and it gets the same rows", async ({ own, expected, large, harness }) => {
  const sent: string[] = [];
  const sink = { send: async (json: string) => void sent.push(json) };
  const { value } = await harness.call(own.agent, large({ sink }));
  assert.deepEqual(idsIn(value), expected.slice(0, 30));
  assert.deepEqual(sent, []);
});
