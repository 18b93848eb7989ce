import assert from "node:assert/strict";
import { before, test } from "node:test";
import { chainRows, GENESIS } from "../../src/audit/chain.ts";
import { auditOf } from "../../src/audit/index.ts";
import { isIncluded } from "../../src/audit/tree/index.ts";
import { exportRecords } from "../../src/console/api/ledger/export.ts";
import { verifyChain } from "../../src/console/api/ledger/verify.ts";
import { ConsoleProblem, TextAnswer, type ConsoleContext } from "../../src/console/endpoint.ts";
import type { Failures, LedgerDetail, LedgerPage, Usage } from "../../src/console/contract-evidence.ts";
import { callTool, closingWithFile, startServer, until, type TestServer } from "../support/remit.ts";
import { createSurface } from "../support/tools.ts";
import { person, type ConsoleClient } from "./support/console-client.ts";

const file = closingWithFile();
let server: TestServer;
let viewer: ConsoleClient;
let foreigner: ConsoleClient;
let token = "";

before(async () => {
  server = await startServer(file, { ...createSurface(), workspaceIds: ["wks_test", "wks_other"] });
  [viewer, foreigner] = [await person(server, "viewer", "wks_test"), await person(server, "owner", "wks_other")];
  const agent = await server.operator.createAgent({ name: "test", scopes: ["note:read"], workspaceId: "wks_test" });
  assert.ok("clientId" in agent);
  const issued = await server.operator.issueToken(agent);
  assert.ok("token" in issued);
  ({ token } = issued);
  for (let i = 0; i < 3; i++) await callTool(server, token, "echo", { text: "hi" });
  await callTool(server, token, "echo", { txt: "hi" });
  await callTool(server, token, "write_note", { text: "hi" });
  await server.operator.signLedger();
});

async function read<T>(who: ConsoleClient, path: string): Promise<T> {
  const { status, json } = await who.get(path);
  assert.equal(status, 200, JSON.stringify(json));
  return json as unknown as T;
}

test("Usage is that of the person's workspace, in series and in groups, and each number has the search for its records", async () => {
  const usage = await read<Usage>(viewer, "usage?by=tool&every=hour&sort=calls");
  const echo = usage.groups.find(({ key }) => key === "echo");
  assert.deepEqual([echo?.calls, echo?.failed], [4, 1]);
  assert.equal(echo?.series?.calls.at(-1), 4);
  assert.equal(usage.starts?.length, echo?.series?.calls.length);
  const behind = await read<LedgerPage>(viewer, `ledger?q=${encodeURIComponent(echo?.search ?? "")}`);
  assert.equal(behind.records.length, 4);
  const agents = await read<Usage>(viewer, "usage?by=agent");
  assert.deepEqual(
    agents.groups.map(({ name, calls }) => [name, calls]),
    [["test", usage.total.calls]],
  );
  const refused = await read<Usage>(viewer, "usage?by=reason&sort=refused");
  assert.equal(refused.groups[0]?.key, "insufficient_scope");
});

test("What goes wrong is gathered with its fix", async () => {
  const { failures } = await read<Failures>(viewer, "failures");
  assert.deepEqual(new Set(failures.map(({ cause }) => cause)), new Set(["unknown_parameter", "missing_parameter", "missing_scope"]));
  assert.ok(failures.every(({ workspaceId, fix }) => workspaceId === "wks_test" && fix.text !== ""));
});

test("The ledger is searched page by page, newest first, with what agents call themselves", async () => {
  const first = await read<LedgerPage>(viewer, "ledger?q=tool:echo&limit=3");
  const last = await read<LedgerPage>(viewer, `ledger?q=tool:echo&limit=3&before=${first.next ?? 0}`);
  const seqs = [...first.records, ...last.records].map(({ seq }) => seq);
  assert.deepEqual([seqs.length, last.next], [4, null]);
  assert.deepEqual(
    seqs,
    seqs.toSorted((a, b) => b - a),
  );
  assert.deepEqual(Object.values(first.names), ["test"]);
});

test("A record comes with its decision, check by check, and leads to a signed root", async () => {
  const { records } = await read<LedgerPage>(viewer, "ledger?q=tool:write_note+outcome:refused");
  const seq = records[0]?.seq ?? assert.fail("no refusal on record");
  const { record, trace, proof } = await read<LedgerDetail>(viewer, `ledger/${seq}`);
  assert.deepEqual([record.seq, record["reason"]], [seq, "insufficient_scope"]);
  assert.ok(trace?.checks.some(({ check, outcome, change }) => check === "scopes" && outcome === "fail" && change !== undefined));
  const { signed } = proof;
  assert.ok(signed !== null && signed.note !== null);
  const [leaf, root] = [Buffer.from(signed.leaf, "hex"), Buffer.from(signed.root, "hex")];
  const path = signed.path.map((each) => Buffer.from(each, "hex"));
  assert.ok(isIncluded({ index: seq - 1, leaf }, { size: signed.size, root }, path));
  assert.ok(signed.note.includes(root.toString("base64")));
});

test("T74: of another workspace nothing is found, counted, shown or said to exist", async () => {
  const mine = await read<LedgerPage>(viewer, "ledger?q=tool:echo");
  assert.ok(mine.records.length > 0);
  const theirs = await read<LedgerPage>(foreigner, "ledger?q=tool:echo");
  assert.deepEqual(theirs, { records: [], next: null, names: {} });
  assert.deepEqual((await read<LedgerPage>(foreigner, "ledger?q=workspace:wks_test")).records, []);
  assert.equal((await read<Usage>(foreigner, "usage")).total.calls, 0);
  assert.deepEqual(await read<Failures>(foreigner, "failures"), { failures: [] });
  const there = await foreigner.get(`ledger/${mine.records[0]?.seq}`);
  const nowhere = await foreigner.get("ledger/99999999");
  assert.deepEqual([there.status, there.json], [404, nowhere.json]);
});

test("What is asked for at once is bounded", async () => {
  const since = Date.now() - 30 * 3_600_000;
  assert.equal((await viewer.get(`usage?every=minute&since=${since}&limit=1000`)).status, 400);
  assert.equal((await viewer.get(`usage?every=minute&since=${since}&limit=20`)).status, 200);
});

test("A question that cannot be answered is told what is wrong with it", async () => {
  const cases = [
    ["usage?by=colour", /by/],
    ["usage?by=client&tool=echo", /not counted by client/],
    ["usage?since=later", /since/],
    ["usage?since=5&until=4", /begins after its end/],
    ["failures?cause=luck", /cause/],
    ["ledger?q=tol:echo", /did you mean tool/],
    ["ledger?limit=100000", /limit/],
  ] as const;
  for (const [path, says] of cases) {
    const { status, json } = await viewer.get(path);
    assert.equal(status, 400, path);
    assert.match((json["error"] as { message: string }).message, says, path);
  }
  for (const seq of ["0", "-1", "1.5", "x", "9".repeat(30)]) assert.equal((await viewer.get(`ledger/${seq}`)).status, 404, seq);
});

test("Records that a search finds are told as they are written, to those of their workspace", async () => {
  const [mine, theirs] = [viewer.lines("ledger/tail?q=tool:echo"), foreigner.lines("ledger/tail")];
  const heard: IteratorResult<Readonly<Record<string, unknown>>>[] = [];
  void theirs.next().then((line) => heard.push(line));
  const line = mine.next();
  const seen = await until(async () => {
    await callTool(server, token, "fail", { text: "hi" });
    await callTool(server, token, "echo", { text: "live" });
    return Promise.race([line, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))]);
  });
  assert.equal(seen.value?.["tool"], "echo");
  assert.equal(seen.value?.["workspace"], "wks_test");
  await foreigner.get("ledger/export");
  // The first that the others hear is of their own.
  const first = await until(async () => heard[0]);
  assert.equal(first.value?.["workspace"], "wks_other");
  await Promise.all([mine.return(undefined), theirs.return(undefined)]);
});

test("The chain is verified with its signatures while somebody watches, one verification at a time", async () => {
  const lines = viewer.lines("ledger/verify", {});
  const told: Readonly<Record<string, unknown>>[] = [];
  for await (const each of lines) told.push(each);
  const last = told.at(-1);
  assert.deepEqual([last?.["ok"], last?.["problems"]], [true, []]);
  assert.ok(Number(last?.["signed"]) > 0 && Number(last?.["signed"]) <= Number(last?.["records"]));
  assert.ok(told.length > 1 && "checked" in (told[0] ?? {}));
});

test("One verification runs at a time, and one whose reader went away ends", async () => {
  const rows = chainRows(
    { seq: 0, hash: GENESIS },
    Array.from({ length: 3 }, (_, i) => ({ kind: "event" as const, ref: null, body: `{"n":${i}}` })),
  );
  const go = Promise.withResolvers<undefined>();
  const audit = auditOf({
    head: () => Promise.resolve(rows.at(-1)),
    scan: () => Promise.resolve([]),
    async read(after) {
      await go.promise;
      return rows.slice(after, after + 1);
    },
  });
  const leaving = new AbortController();
  const verify = (signal: AbortSignal) => verifyChain({ audit, operator: server.operator, signal });
  await verify(leaving.signal);
  await assert.rejects(verify(leaving.signal), ConsoleProblem);
  leaving.abort();
  go.resolve(undefined);
  const lines = await until(() => verify(new AbortController().signal).catch(() => undefined));
  const told = [];
  for await (const line of lines) told.push(line);
  assert.deepEqual(told.at(-1), { ok: true, records: 3, signed: 0, problems: [] });
});

test("A person makes one export at a time, until it is sent or nobody waits for it", async () => {
  const leaving = new AbortController();
  const context = {
    audit: { async *export() {} },
    now: () => 0,
    by: { accountId: "acc_exporting", workspaceId: "wks_test" },
    record: async () => {},
    signal: leaving.signal,
  } as unknown as ConsoleContext;
  const ask = () => exportRecords(context, { params: {}, query: new URLSearchParams("q=tool:echo"), body: undefined });
  assert.ok((await ask()) instanceof TextAnswer);
  await assert.rejects(ask, ConsoleProblem);
  leaving.abort();
  assert.ok((await ask()) instanceof TextAnswer);
});

test("T74: an export holds the workspace's own records and no others, and that it was made is on record", async () => {
  const exported = await viewer.get("ledger/export");
  assert.match(exported.headers.get("content-disposition") ?? "", /^attachment; filename="ledger-[\w-]+\.jsonl"$/);
  const lines = String(exported.json["text"]).trimEnd().split("\n");
  const bodies = lines.map((line) => JSON.parse((JSON.parse(line) as { body: string }).body) as Record<string, unknown>);
  assert.ok(bodies.filter(({ tool }) => tool === "echo").length >= 4);
  assert.deepEqual(new Set(bodies.map(({ workspace }) => workspace)), new Set(["wks_test"]));
  assert.deepEqual([bodies.at(-1)?.["event"], bodies.at(-1)?.["act"]], ["console.acted", "ledger/export"]);
  const refused = String((await viewer.get("ledger/export?q=outcome:refused")).json["text"]);
  assert.equal(refused.trimEnd().split("\n").length, 1);
});
