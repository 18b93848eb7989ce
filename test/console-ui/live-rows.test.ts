import assert from "node:assert/strict";
import { test } from "node:test";
import { deepLinkOf } from "../../src/console/ui/screens/connect/deep-link.ts";
import { handshakeRows, withAttempt } from "../../src/console/ui/screens/connect/handshake-rows.ts";
import { withNewest } from "../../src/console/ui/screens/overview/with-newest.ts";
import type { ConnectAttempt } from "../../src/console/contract.ts";

const attempt = (id: string, startedAt: number, more: Partial<ConnectAttempt> = {}): ConnectAttempt => ({
  id,
  startedAt,
  client: "Cursor",
  state: "under_way",
  says: "It is under way.",
  remedy: "",
  steps: [],
  ...more,
});
const step = (name: string, outcome: "passed" | "waiting" | "failed") => ({ step: name, outcome, at: 1 });

test("decisions stand newest first, each once, and the oldest leave", () => {
  const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => ({ seq: from + at }));
  const shown = withNewest(rows(1, 16), rows(10, 26));
  assert.deepEqual(
    shown.map(({ seq }) => seq),
    Array.from({ length: 20 }, (_, at) => 25 - at),
  );
});

test("a handshake shows every step: what passed, what failed, what this client went past, and what is ahead", () => {
  const states = (given: Partial<ConnectAttempt>) => handshakeRows(attempt("a", 1, given)).map(({ state }) => state);
  assert.deepEqual(
    states({}),
    Array.from({ length: 8 }, () => "ahead"),
  );
  assert.deepEqual(states({ steps: [step("challenge", "passed"), step("authorize", "passed"), step("sign_in", "waiting")] }), [
    "passed",
    "skipped",
    "skipped",
    "passed",
    "waiting",
    "ahead",
    "ahead",
    "ahead",
  ]);
  assert.deepEqual(states({ steps: [step("challenge", "passed"), step("registration", "failed")] }).slice(0, 4), [
    "passed",
    "skipped",
    "failed",
    "ahead",
  ]);
  assert.deepEqual(states({ state: "connected", steps: [step("first_request", "passed")] }).at(-2), "skipped");
});

test("an attempt that goes on takes its own place; a new one comes first; eight are shown", () => {
  const two = withAttempt(withAttempt([], attempt("a", 1)), attempt("b", 2));
  const gone = withAttempt(two, attempt("a", 1, { state: "connected" }));
  assert.deepEqual(
    gone.map(({ id, state }) => [id, state]),
    [
      ["b", "under_way"],
      ["a", "connected"],
    ],
  );
  const many = Array.from({ length: 12 }, (_, at) => attempt(`n${at}`, at)).reduce(withAttempt, [] as readonly ConnectAttempt[]);
  assert.deepEqual([many.length, many[0]?.id], [8, "n11"]);
});

test("T74: only links that open a client are links", () => {
  const links = [
    "cursor://install?x=1",
    "vscode:mcp/install?%7B%7D",
    "https://claude.ai/x",
    "javascript:alert(1)",
    "data:text/html,x",
    "JAVASCRIPT:alert(1)",
    "http://a.example",
    "x",
    "",
  ];
  assert.deepEqual(
    links.map((link) => deepLinkOf(link) !== undefined),
    [true, true, true, false, false, false, false, false, false],
  );
  assert.equal(deepLinkOf(null), undefined);
});
