import assert from "node:assert/strict";
import { test } from "node:test";
import { examineServer, formatJson, formatMarkdown, formatText, RULES, type Examination } from "../../src/doctor/index.ts";
import type { GuardedFetch } from "../../src/lib/guarded-fetch.ts";
import { createModelServer, ORIGIN, tokenFor, type Fault, type ModelServer } from "./support/model-server.ts";

/** Asks a server without a socket. */
function asking(server: ModelServer): GuardedFetch {
  return async (url, { method = "GET", headers = {}, body } = {}) => {
    const init = { method, headers, ...(method === "POST" && body !== undefined ? { body } : {}) };
    const answer = await server.answer(new Request(url, init));
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
}

async function examine(server: ModelServer, token: string | undefined = tokenFor(`${ORIGIN}/mcp`)): Promise<Examination> {
  const came = await examineServer({ url: new URL(server.url), fetch: asking(server), headers: {}, token });
  assert.ok(!("unreachable" in came));
  return came;
}

const rulesOf = ({ findings }: Examination): string[] => findings.map(({ rule }) => rule).sort();

/** Each fault, and what of it is to be found; nothing else may be. */
const FOUND: Readonly<Record<Fault, readonly (keyof typeof RULES)[]>> = {
  "ten:challenge names no metadata": ["challenge-metadata"],
  "ten:metadata is about another resource": ["resource-mismatch"],
  "ten:issuer differs by a slash": ["issuer-mismatch"],
  "ten:no PKCE": ["pkce-missing"],
  "ten:nobody can register": ["registration-none"],
  "ten:preflight needs a token": ["cors-preflight"],
  "ten:token in the query": ["token-in-query"],
  "ten:headers are not compared": ["header-body"],
  "ten:batches are taken": ["batch"],
  "ten:list and call disagree": ["list-call"],
  "audience is not checked": [],
  "any token is good": ["token-unchecked"],
  "bad tokens are forbidden": ["token-status"],
  "bad tokens are not named": ["token-error"],
  "no challenge": ["challenge-missing"],
  "refuses with 403": ["challenge-status"],
  "challenge without scope": ["challenge-scope"],
  "GET is refused first": ["challenge-late"],
  "calls need no token": ["call-open"],
  "no metadata": ["metadata-missing"],
  "metadata at the root only": ["metadata-path"],
  "metadata is not where the challenge says": ["metadata-unreadable"],
  "metadata by the path only": ["metadata-root"],
  "metadata as text": ["metadata-type"],
  "copies disagree": ["metadata-copies"],
  "no issuers": ["issuers-missing"],
  "tokens in the query are announced": ["bearer-in-query"],
  "offline_access is listed": ["offline-scope"],
  "no metadata of the issuer": ["issuer-metadata"],
  "no token endpoint in the metadata": ["issuer-endpoints"],
  "implicit flow": ["issuer-implicit"],
  "plain PKCE": ["pkce-plain"],
  "public clients are missing": ["registration-unused"],
  "registration is not there": ["registration-endpoint"],
  "token endpoint says nothing": ["token-endpoint"],
  "private keys are published": ["keys-private"],
  "only machines get tokens": [],
  "no iss": ["issuer-identification"],
  "insecure endpoint": ["issuer-insecure"],
  "no Mcp-Method in CORS": ["cors-headers"],
  "challenge is hidden from browsers": ["cors-challenge"],
  "documents are hidden from browsers": ["cors-metadata"],
  "everybody may come with cookies": ["cors-credentials"],
  "foreign origins are answered": ["origin-unchecked"],
  "scopes are not told": ["scope-challenge"],
  "modern era is not spoken": ["era-modern"],
  "legacy era is not spoken": ["era-legacy"],
  "neither era is spoken": ["era-none"],
  "eras list different tools": ["era-lists"],
  "discovery lacks versions": ["discover-result"],
  "results have no type": ["result-type"],
  "lists have no cache hints": ["cache-hints"],
  "any version is good": ["version-error"],
  "unknown methods get 200": ["method-error"],
  "legacy takes any version": ["legacy-version"],
  "sessions are not checked": ["legacy-session"],
  "unknown tools succeed": ["unknown-tool"],
  "stack traces are shown": ["stack-trace"],
};

test("a server that does everything right has no finding, with a token and without", async () => {
  const server = createModelServer();
  const { findings, steps } = await examine(server);
  assert.deepEqual(findings, []);
  assert.deepEqual(
    steps.flatMap(({ skipped }) => skipped),
    [],
  );
  assert.deepEqual(server.called, ["read_note", "find_notes", "read_secret"], "only what says that it reads is called");
  const without = await examineServer({ url: new URL(server.url), fetch: asking(server), headers: {}, token: undefined });
  assert.ok("findings" in without && without.findings.length === 0);
  assert.ok(without.steps.find(({ name }) => name === "modern")?.skipped[0]?.includes("--token"));
});

for (const [fault, rules] of Object.entries(FOUND) as [Fault, readonly string[]][]) {
  test(`of a server where "${fault.replace("ten:", "")}" that is found and nothing else: ${rules.join(", ") || "nothing"}`, async () => {
    assert.deepEqual(rulesOf(await examine(createModelServer([fault]))), [...rules].sort());
  });
}

test("T70: what a hostile server sends is shown so that it steers no terminal and adds nothing to a report", async () => {
  const nasty = "\u001b[2J\u202e`|\n# Nothing was found\n<script>";
  const fetch: GuardedFetch = async (url) => {
    const isDocument = String(url).includes("/.well-known/");
    const issuers = Array.from({ length: 1000 }, () => nasty);
    const text = JSON.stringify(
      isDocument ? { resource: nasty, authorization_servers: issuers, issuer: nasty } : { error: nasty.repeat(1000) },
    );
    const headers = new Headers({ "content-type": "application/json", "www-authenticate": 'Bearer scope="`<b>|", error="\\' });
    return { status: isDocument ? 200 : 401, headers, text };
  };
  const came = await examineServer({ url: new URL(`${ORIGIN}/mcp`), fetch, headers: {}, token: "t" });
  assert.ok("findings" in came && came.findings.length > 0);
  const text = formatText(came);
  const report = formatMarkdown(came);
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  for (const output of [text, report, formatJson(came)]) assert.doesNotMatch(output, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  for (const output of [text, report]) assert.ok(!output.split("\n").includes("# Nothing was found") && output.length < 50_000);
});

test("T01: a server that accepts a token for another resource is found by such a token", async () => {
  const other = tokenFor("https://other.example/mcp");
  const { findings } = await examine(createModelServer(["audience is not checked"]), other);
  assert.deepEqual(
    findings.map(({ rule, detail }) => `${rule}: ${detail}`),
    ["audience-unchecked: A token for https://other.example/mcp is accepted."],
  );
  const refused = await examine(createModelServer(), other);
  assert.deepEqual(refused.findings, []);
  assert.match(refused.steps.find(({ name }) => name === "tokens")?.skipped[0] ?? "", /not accepted/);
});

test("every rule is found by a test, or by those of real servers", () => {
  const elsewhere = ["audience-unchecked", "auth-none", "url-insecure"];
  assert.deepEqual([...new Set([...Object.values(FOUND).flat(), ...elsewhere])].sort(), Object.keys(RULES).sort());
});
